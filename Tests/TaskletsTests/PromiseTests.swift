import Foundation
import Tasklets
import TestSupport
import Testing

struct PromiseTests {
    private struct Failure: Error, Equatable {
        var number = 0
    }

    // MARK: Results

    @Test func aSpawnedTaskletGivesItsValue() throws {
        try Scheduler.scope { () throws -> Void in
            let promise = Tasklet.spawn(name: "adder") { 1 + 2 }
            #expect(promise.tasklet?.name == "adder")
            #expect(promise.tasklet?.creationPlace.hasPrefix("TaskletsTests/PromiseTests.swift:") == true)
            #expect(promise.result == nil)
            #expect(try promise.value() == 3)
            #expect(try promise.value() == 3, "any number of times")
            #expect(try promise.result?.get() == 3)
            #expect(promise.tasklet?.isAlive == false)
        }
    }

    @Test func itStartsInItsTurn() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let one = Tasklet.spawn { log.append("one") }
            Tasklet { log.append("two") }
            log.append("main")
            try one.value()
            log.append("main again")
            #expect(log == ["main", "one", "two", "main again"])
        }
    }

    /// `fulfill` appends those that wait, in their order, and goes on.
    @Test func thoseThatWaitGoOnInOrder() throws {
        try Scheduler.scope { () throws -> Void in
            let answer = Promise<Int>()
            var log: [String] = []
            for name in ["a", "b", "c"] { Tasklet { log.append("\(name)\(try answer.value())") } }
            try Tasklet.run()
            Tasklet { log.append("queued before") }
            answer.fulfill(7)
            log.append("main")
            Tasklet { log.append("queued behind") }
            try Tasklet.run()
            #expect(log == ["main", "queued before", "a7", "b7", "c7", "queued behind"])
        }
    }

    /// The end of a spawned tasklet does the same, before the next one has its turn.
    @Test func theEndOfATaskletAppendsThoseThatWait() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let promise = Tasklet.spawn {
                try Tasklet.schedule()
                try Tasklet.schedule()
                log.append("body")
            }
            for name in ["a", "b"] {
                Tasklet {
                    try promise.value()
                    log.append(name)
                }
            }
            Tasklet {
                for _ in 0..<4 {
                    try Tasklet.schedule()
                    log.append("-")
                }
            }
            try Tasklet.run()
            #expect(log == ["-", "body", "-", "a", "b", "-", "-"])
        }
    }

    @Test func theErrorIsThrownEachTime() throws {
        try Scheduler.scope { () throws -> Void in
            let promise = Tasklet.spawn { () -> Int in throw Failure(number: 4) }
            for _ in 0..<2 { #expect(throws: Failure(number: 4)) { try promise.value() } }
            #expect(throws: Failure(number: 4)) { try promise.result?.get() }
            let failed = Promise<Int>()
            failed.fail(Failure(number: 5))
            #expect(throws: Failure(number: 5)) { try failed.value() }
        }
    }

    // MARK: Time

    @Test func timeIsUp() throws {
        try Scheduler.scope { () throws -> Void in
            let never = Promise<Int>()
            #expect(try never.value(within: .milliseconds(5)) == nil)
            #expect(try never.value(within: .zero) == nil)
            #expect(try never.value(within: .seconds(-1)) == nil)
            let soon = Tasklet.spawn {
                try Tasklet.sleep(for: .milliseconds(1))
                return 5
            }
            #expect(try soon.value(within: .seconds(60)) == 5)
            #expect(try soon.value(within: .zero) == 5, "no time is needed")
            let failed = Tasklet.spawn { () -> Int in throw Failure() }
            #expect(throws: Failure.self) { try failed.value(within: .seconds(60)) }
        }
    }

    /// A result that comes between the end of the time and the turn of the one that waited is not missed.
    @Test func theResultThatCameInTheLastMomentCounts() throws {
        try Scheduler.scope { () throws -> Void in
            let answer = Promise<Int>()
            let waiter = Tasklet.spawn { try answer.value(within: .milliseconds(1)) }
            try Tasklet.schedule()
            // Until its time is up: it is in the run queue then, behind main.
            while waiter.tasklet?.isBlocked == true { try Tasklet.schedule() }
            #expect(waiter.result == nil)
            answer.fulfill(3)
            #expect(try waiter.value() == 3)
        }
    }

    // MARK: Refused waits

    @Test func aWaitIsRefusedAndEndedLikeAnyOther() throws {
        try Scheduler.scope { () throws -> Void in
            let never = Promise<Int>(name: "never")
            var errors: [any Error] = []
            let cancelled = Tasklet {
                for _ in 0..<2 { do { _ = try never.value() } catch { errors.append(error) } }
                do { _ = try never.value(within: .seconds(60)) } catch { errors.append(error) }
                do { _ = try Promise.all([never]) } catch { errors.append(error) }
            }
            try Tasklet.schedule()
            cancelled.cancel()
            try Tasklet.run()
            #expect(errors.count == 4)
            #expect(errors.allSatisfy { $0 is CancellationError })
            let trapped = Tasklet.spawn {
                Tasklet.current.blockTrap = true
                return try never.value()
            }
            #expect(throws: TaskletError.blockTrap) { try trapped.value() }
            let deadlock = try #require(throws: DeadlockError.self) { try never.value() }
            let operation = try #require(deadlock.waiters.first?.operation)
            #expect(operation.hasPrefix("value of promise 'never' (made at TaskletsTests/PromiseTests.swift:"))
        }
    }

    @Test func aValueThatIsThereNeedsNoWait() throws {
        try Scheduler.scope { () throws -> Void in
            let done = Promise<Int>()
            done.fulfill(1)
            var got: [Int?] = []
            let tasklet = Tasklet {
                got.append(try done.value())
                got.append(try done.value(within: .zero))
                got.append(contentsOf: try Promise.all([done]))
            }
            tasklet.cancel()
            tasklet.blockTrap = true
            try Tasklet.run()
            #expect(got == [1, 1, 1])
        }
    }

    @Test func aKilledWaiterLeavesTheLine() throws {
        try Scheduler.scope { () throws -> Void in
            let answer = Promise<Int>()
            var log: [Int] = []
            let waiters = (0..<3).map { number in
                Tasklet { log.append(try answer.value() + number) }
            }
            try Tasklet.run()
            try waiters[1].kill()
            answer.fulfill(10)
            try Tasklet.run()
            #expect(log == [10, 12])
        }
    }

    // MARK: Tasklets without a result

    enum End: CaseIterable {
        case killedBeforeItBegins, killed, cancelledBeforeItBegins, cancelled, boundToNothing
    }

    /// Nobody has to hear of it: nothing comes out of run(), although nobody takes it.
    @Test(arguments: End.allCases, [false, true]) func aTaskletThatEndsQuietlyHasNoValue(end: End, isTaken: Bool) throws
    {
        try Scheduler.scope { () throws -> Void in
            var hasBegun = false
            var promise: Promise<Int>? = Tasklet.spawn {
                hasBegun = true
                try Tasklet.sleep(for: .seconds(3600))
                return 1
            }
            let tasklet = try #require(promise?.tasklet)
            switch end {
            case .killedBeforeItBegins: try tasklet.kill()
            case .killed:
                try Tasklet.schedule()
                try tasklet.kill()
            case .cancelledBeforeItBegins: tasklet.cancel()
            case .cancelled:
                try Tasklet.schedule()
                tasklet.cancel()
            case .boundToNothing:
                try tasklet.remove()
                try tasklet.bind(nil)
            }
            if isTaken { #expect(throws: CancellationError.self) { try promise?.value() } }
            promise = nil
            try Tasklet.run()
            #expect(!tasklet.isAlive)
            #expect(hasBegun == (end != .killedBeforeItBegins && end != .boundToNothing))
        }
    }

    @Test func anErrorThatIsSentBeforeItBeginsIsItsResult() throws {
        try Scheduler.scope { () throws -> Void in
            let promise = Tasklet.spawn { 1 }
            try promise.tasklet?.raise(Failure(number: 3), pending: true)
            #expect(throws: Failure(number: 3)) { try promise.value() }
        }
    }

    // MARK: Misuse

    @Test func aSecondResultTraps() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let promise = Promise<Int>(name: "answer")
            promise.fulfill(1)
            promise.fulfill(2)
        }
        let message = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(message.contains("The promise (promise 'answer' (made at"))
        #expect(message.contains("has a result already: fulfill or fail it once."))
    }

    @Test func theResultOfATaskletIsNotGivenByHand() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { Tasklet.spawn(name: "worker") { 1 }.fulfill(2) }
        }
        let message = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(message.contains("The result of the promise is that of tasklet 'worker'"))
    }

    // MARK: Lifetimes

    @Test func nothingLeaks() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws -> Void in
            for round in 0..<20 {
                let object = Tracked(counter)
                let promise = Tasklet.spawn { () -> Tracked in
                    if round % 4 == 1 { throw AtDeinit { withExtendedLifetime(object) {} } }
                    if round % 4 == 2 { try Tasklet.scheduleRemove() }
                    if round % 4 == 3 { try Tasklet.sleep(for: .seconds(3600)) }
                    return object
                }
                if round % 5 == 4 { try promise.tasklet?.kill() }
                if round < 10 { for _ in 0..<3 { try Tasklet.schedule() } }
                if round % 4 == 1 { _ = promise.result }
                promise.tasklet?.cancel()
                Scheduler.current.errorHandler = { _ in }
                try Tasklet.run()
            }
            try Tasklet.run()
        }
        #expect(counter.count == 0)
    }

    /// The promise keeps a paused tasklet alive, as any handle does; nothing inside the tasklet keeps the promise.
    @Test func aPausedTaskletIsKilledWithItsPromise() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            var promise: Promise<Int>? = Tasklet.spawn {
                defer { log.append("cleanup") }
                try Tasklet.scheduleRemove()
                return 1
            }
            try Tasklet.run()
            #expect(promise?.tasklet?.isPaused == true)
            promise = nil
            #expect(log == ["cleanup"])
        }
    }

    @Test func theEndOfAScopeEndsThoseThatWait() throws {
        let counter = Tracked.Counter()
        var log: [String] = []
        try Scheduler.scope { () throws -> Void in
            let never = Promise<Tracked>()
            for name in ["a", "b"] {
                Tasklet {
                    defer { log.append(name) }
                    _ = try never.value()
                }
            }
            let spawned = Tasklet.spawn { () -> Tracked in
                defer { log.append("c") }
                return try Promise.first(of: [never])
            }
            try Tasklet.run()
            withExtendedLifetime(spawned) {}
        }
        #expect(log == ["a", "b", "c"])
        #expect(counter.count == 0)
    }
}
