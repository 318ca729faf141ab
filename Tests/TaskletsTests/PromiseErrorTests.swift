import Foundation
import Tasklets
import TestSupport
import Testing

/// What becomes of the error of a promise that nobody takes.
struct PromiseErrorTests {
    private struct Failure: Error, Equatable {
        var number = 0
    }

    @Test func anErrorIsTakenByLookingAtIt() throws {
        try Scheduler.scope { () throws -> Void in
            var handled = 0
            Scheduler.current.errorHandler = { _ in handled += 1 }
            do {
                let promise = Tasklet.spawn { throw Failure() }
                try Tasklet.run()
                #expect(throws: Failure.self) { try promise.result?.get() }
            }
            do {
                let promise = Tasklet.spawn { throw Failure() }
                #expect(throws: Failure.self) { try Promise.all([promise]) }
            }
            try Tasklet.run()
            #expect(handled == 0)
        }
    }

    /// Nobody holds the promise when the body ends: as in a tasklet that was not spawned.
    @Test func anErrorOfADroppedPromiseIsUncaught() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            _ = Tasklet.spawn(name: "lonely") { throw Failure(number: 6) }
            Tasklet { log.append("other") }
            #expect(throws: Failure(number: 6)) { try Tasklet.run() }
            #expect(log == [], "at once, as every uncaught error")
            #expect(Scheduler.current.lastUncaughtError?.taskletName == "lonely")
            Scheduler.current.errorHandler = { log.append("\($0)") }
            _ = Tasklet.spawn { throw Failure(number: 7) }
            try Tasklet.run()
            #expect(log == ["other", "Failure(number: 7)"])
        }
    }

    /// The last reference goes after the end: a tasklet at the end of the run queue throws the error.
    @Test func anErrorThatIsDroppedLaterIsUncaught() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            var promise: Promise<Int>? = Tasklet.spawn(name: "lonely") { throw Failure(number: 6) }
            try Tasklet.run()
            #expect(promise != nil)
            Tasklet { log.append("before") }
            promise = nil
            Tasklet { log.append("behind") }
            log.append("main goes on")
            #expect(throws: Failure(number: 6)) { try Tasklet.run() }
            #expect(log == ["main goes on", "before"])
            let uncaught = try #require(Scheduler.current.lastUncaughtError)
            #expect(uncaught.taskletName == "lonely")
            #expect(uncaught.creationPlace.hasPrefix("TaskletsTests/PromiseErrorTests.swift:"))
            try Tasklet.run()
            #expect(log.last == "behind")
        }
    }

    @Test func anErrorGivenByHandIsNotLostEither() throws {
        try Scheduler.scope { () throws -> Void in
            do {
                let promise = Promise<Int>(name: "by hand")
                promise.fail(Failure(number: 1))
            }
            #expect(throws: Failure(number: 1)) { try Tasklet.run() }
            #expect(Scheduler.current.lastUncaughtError?.taskletName == "by hand")
        }
    }

    /// Two errors that nobody takes come out of two calls.
    @Test func noErrorReplacesAnother() throws {
        try Scheduler.scope { () throws -> Void in
            for number in 1...3 {
                let promise = Promise<Int>()
                promise.fail(Failure(number: number))
            }
            for number in 1...3 { #expect(throws: Failure(number: number)) { try Tasklet.run() } }
            try Tasklet.run()
        }
    }

    @Test func aScopeThrowsTheErrorThatIsDroppedAtItsEnd() {
        #expect(throws: Failure(number: 2)) {
            try Scheduler.scope { () throws -> Void in
                let promise = Tasklet.spawn { throw Failure(number: 2) }
                try Tasklet.run()
                withExtendedLifetime(promise) {}
            }
        }
        #expect(throws: Failure(number: 3)) {
            try Scheduler.scope { () throws -> Void in
                // Dropped by cleanup.
                let promise = Promise<Int>()
                promise.fail(Failure(number: 3))
                Tasklet {
                    defer { withExtendedLifetime(promise) {} }
                    try Tasklet.scheduleRemove()
                }
                try Tasklet.schedule()
            }
        }
    }

    @Test func aScopeThrowsTheErrorOfAPromiseThatIsStillReferredTo() throws {
        var promises: [Promise<Int>] = []
        #expect(throws: Failure(number: 7)) {
            try Scheduler.scope {
                promises.append(Tasklet.spawn { throw Failure(number: 7) })
                try Tasklet.runUntilDone()
            }
        }
        // It counts as taken, and the result stays.
        #expect(throws: Failure(number: 7)) { try promises[0].result!.get() }
        try Scheduler.scope {
            for number in 1...2 { promises.append(Tasklet.spawn { throw Failure(number: number) }) }
            try Tasklet.runUntilDone()
            for promise in promises { #expect(throws: Failure.self) { try promise.result!.get() } }
        }
        // One that was killed has no error that anybody has to hear of.
        try Scheduler.scope {
            promises.append(
                Tasklet.spawn {
                    try Tasklet.scheduleRemove()
                    return 1
                }
            )
            try Tasklet.run()
            try promises.last!.tasklet!.kill()
        }
    }

    /// One is thrown, when nothing else is; a line tells of each of the others.
    @Test(arguments: [false, true], [false, true])
    func noErrorOfSeveralIsLost(areKept: Bool, bodyThrows: Bool) async throws {
        let result = try await #require(
            processExitsWith: .success,
            observing: [\.standardErrorContent, \.standardOutputContent]
        ) {
            [areKept, bodyThrows] in
            try synchronously {
                setHangAlarm()
                var promises: [Promise<Int>] = []
                let error = #expect(throws: Failure.self) {
                    try Scheduler.scope {
                        for number in 1...3 { promises.append(Tasklet.spawn { throw Failure(number: number) }) }
                        try Tasklet.runUntilDone()
                        if !areKept { promises = [] }
                        if bodyThrows { throw Failure(number: 4) }
                    }
                }
                print(error!.number, promises.count)
            }
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        let told = (1...3).filter { text.contains(": Failure(number: \($0))\n") }
        #expect(told == (bodyThrows ? [1, 2, 3] : [2, 3]), "\(text)")
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output == "\(bodyThrows ? 4 : 1) \(areKept ? 3 : 0)\n")
    }

    @Test func whoseErrorsAreStillReferredToAtTheEndIsReported() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let kept = Locked<[Promise<Int>]>([])
            TestThread {
                for number in 1...3 {
                    let promise = Promise<Int>(name: "p\(number)")
                    kept.withLock { $0.append(promise) }
                    promise.fail(Failure(number: number))
                }
                _ = kept.withLock { $0[1] }.result
            }.join()
            withExtendedLifetime(kept) { exit(0) }
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.contains("was lost at the end of its ") }
        #expect(lines.count == 2, "\(text)")
        #expect(
            lines.contains { $0.contains("promise 'p1'") && $0.hasSuffix("its thread: Failure(number: 1)") },
            "\(text)"
        )
        #expect(lines.contains { $0.contains("promise 'p3'") && $0.hasSuffix("Failure(number: 3)") }, "\(text)")
    }

    /// Settled, taken and dropped on several threads at the same time: each error is thrown or told once, and nothing is kept.
    @Test func errorsThatAreTakenAndDroppedOnOtherThreads() throws {
        for round in 0..<200 {
            try Scheduler.scope {
                let promise = Locked<Promise<Int>?>(Promise<Int>())
                let (first, second) = (promise.withLock { $0! }, promise.withLock { $0! })
                let settling = TestThread { first.fail(Failure(number: round)) }
                let taking = TestThread { while second.result == nil {} }
                promise.withLock { $0 = nil }
                settling.join()
                taking.join()
            }
        }
    }

    @Test func theProgramReportsTheErrorThatIsDroppedAtItsEnd() async throws {
        let result = try await #require(
            processExitsWith: .success,
            observing: [\.standardErrorContent]
        ) {
            TestThread {
                let promise = Promise<Int>()
                promise.fail(Failure(number: 4))
            }.join()
            exit(0)
        }
        let errors = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(errors.contains("The error of promise"), "\(errors)")
        #expect(errors.contains(" was lost at the end of its thread: Failure(number: 4)"), "\(errors)")
    }
}
