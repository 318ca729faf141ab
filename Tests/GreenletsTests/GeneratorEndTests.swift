import Channels
import Foundation
import Greenlets
import Tasklets
import TestSupport
import Testing

/// What ends an iteration before its body has ended by itself.
struct GeneratorEndTests {
    @Test func droppedHalfWay() {
        let counter = Tracked.Counter()
        var cleanups = 0
        let numbers = Generator<Int> { yield in
            let tracked = Tracked(counter)
            defer { cleanups += 1 }
            try withExtendedLifetime(tracked) {
                while true { try yield(1) }
            }
        }
        for _ in 0..<1000 {
            for _ in numbers { break }
        }
        #expect(cleanups == 1000)
        #expect(counter.count == 0)
    }

    @Test func oneThatCatchesTheExitGetsItAgain() {
        var caught = 0
        var iterator: Generator<Int>.Iterator? = Generator<Int> { yield in
            for _ in 0..<5 {
                do { try yield(1) } catch { caught += 1 }
            }
        }.makeIterator()
        #expect(iterator!.next() == 1)
        iterator = nil
        #expect(caught == 5)
    }

    @Test func onAnotherThreadDroppedOnItsOwn() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws in
            nonisolated(unsafe) var iterator: Generator<Int>.Iterator? = Generator<Int> { yield in
                let tracked = Tracked(counter)
                try withExtendedLifetime(tracked) { while true { try yield(1) } }
            }.makeIterator()
            #expect(iterator!.next() == 1)
            let thread = TestThread { iterator = nil }
            thread.join()
            #expect(counter.count == 1)
            try Tasklet.schedule()
            #expect(counter.count == 0)
        }
    }

    @Test func withItsThread() {
        let counter = Tracked.Counter()
        nonisolated(unsafe) var iterator: Generator<Int>.Iterator?
        let thread = TestThread {
            iterator = Generator<Int> { yield in
                let tracked = Tracked(counter)
                try withExtendedLifetime(tracked) { while true { try yield(1) } }
            }.makeIterator()
            _ = iterator!.next()
        }
        thread.join()
        #expect(counter.count == 0)
        #expect(iterator!.isEnded)
    }

    @Test func droppingInsideOut() {
        var log: [String] = []
        let outer = Generator<Int> { yield in
            defer { log.append("outer") }
            for number in Generator<Int>({ inner in
                defer { log.append("inner") }
                while true { try inner(1) }
            }) {
                try yield(number)
            }
        }
        for _ in outer { break }
        #expect(log == ["inner", "outer"])
    }

    @Test func oneThatCatchesTheExitToTheEndOfItsCollectionEnds() {
        let counter = Tracked.Counter()
        let numbers = Generator<Int> { yield in
            let tracked = Tracked(counter)
            withExtendedLifetime(tracked) { for number in 1...50_000 { try? yield(number) } }
        }
        for _ in numbers { break }
        #expect(counter.count == 0)
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] == "address", "it leaks, as it says"),
        arguments: [false, true],
        [false, true]
    )
    func oneThatNeverLetsGoIsGivenUp(isDropped: Bool, isInGreenlet: Bool) async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            [isDropped, isInGreenlet] in
            setHangAlarm()
            try synchronously {
                let counter = Tracked.Counter()
                try Scheduler.scope { () throws in
                    let stubborn = Generator<Int>(name: "stubborn") { yield in
                        let tracked = Tracked(counter)
                        func yieldForEver() { withExtendedLifetime(tracked) { while true { try? yield(1) } } }
                        if isInGreenlet {
                            try Greenlet<Int> { _ in
                                yieldForEver()
                                return 0
                            }.switch(0)
                        } else {
                            yieldForEver()
                        }
                    }
                    var iterator: Generator<Int>.Iterator? = stubborn.makeIterator()
                    precondition(iterator!.next() == 1)
                    // Otherwise it ends with its scheduler.
                    if isDropped { iterator = nil }
                    // The consumer goes on, with generators and greenlets of its own.
                    precondition(Array(Generator<Int> { for number in 1...3 { try $0(number) } }) == [1, 2, 3])
                    let two = try Greenlet<Int> { $0 + 1 }.switch(1)
                    precondition(two == 2)
                    try withExtendedLifetime(iterator) { try Tasklet.schedule() }
                }
                precondition(counter.count == 1)
                var isAliveAgain = false
                try Scheduler.scope { isAliveAgain = Array(Generator<Int> { try $0(1) }) == [1] }
                precondition(isAliveAgain)
            }
        }
        let lines = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("generator 'stubborn' (made at GreenletsTests/GeneratorEndTests.swift:") == true)
        #expect(lines.first?.hasSuffix("caught GreenletExit every time; its stack is never freed.") == true)
    }

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["SANITIZER"] == "address", "it leaks, as it says"),
        arguments: [false, true]
    )
    func greenletsThatWaitInOneThatIsGivenUpAreEnded(isPatientFirst: Bool) async {
        await #expect(processExitsWith: .success) { [isPatientFirst] in
            setHangAlarm()
            try synchronously {
                var cleanups = 0
                let stubborn = Generator<Int> { yield in
                    let main = Greenlet<Int>.current
                    let patient = Greenlet<Int> { _ in
                        defer { cleanups += 1 }
                        return try main.switch(0)
                    }
                    // Kept by its own stack, and ended at the end of the tree.
                    let greedy = Greenlet<Int> { _ in
                        do { _ = try main.switch(0) } catch { cleanups += 1 }
                        while true { try? yield(2) }
                    }
                    for greenlet in isPatientFirst ? [patient, greedy] : [greedy, patient] { try greenlet.switch(0) }
                    withExtendedLifetime((patient, greedy)) { while true { try? yield(1) } }
                }
                for _ in stubborn { break }
                precondition(cleanups == 2)
                precondition(Array(Generator<Int> { try $0(1) }) == [1])
            }
        }
    }

    // MARK: What ends the consumer, or its wait

    @Test func aKilledConsumerEndsTheBody() throws {
        try Scheduler.scope { () throws in
            let never = Channel<Int>()
            var log: [String] = []
            let numbers = Generator<Int> { yield in
                defer { log.append("body") }
                try yield(try never.receive())
            }
            let tasklet = Tasklet {
                defer { log.append("tasklet") }
                for _ in numbers {}
                try Tasklet.schedule()
                log.append("not reached")
            }
            try Tasklet.run()
            try tasklet.kill()
            try Tasklet.run()
            #expect(log == ["body", "tasklet"])
        }
    }

    /// A loop cannot throw: it ends early, and the next wait throws.
    @Test func whatEndsTheWaitOfABodyEndsTheLoop() throws {
        try Scheduler.scope(clock: .virtual) { () throws in
            let slow = Generator<Int> { yield in
                for number in 1...5 {
                    try Tasklet.sleep(for: .seconds(1))
                    try yield(number)
                }
            }
            func sum() -> Int { slow.reduce(0, +) }
            var log: [String] = []
            let cancelled = Tasklet {
                log.append("cancelled \(sum())")
                #expect(throws: CancellationError.self) { try Tasklet.sleep(for: .seconds(1)) }
            }
            try Tasklet.sleep(for: .milliseconds(2500))
            cancelled.cancel()
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(1500)) {
                    log.append("late \(sum())")
                    try Tasklet.sleep(for: .seconds(1))
                }
            }
            struct Enough: Error {}
            #expect(throws: Enough.self) {
                try withTimeout(.milliseconds(2500), throwing: Enough()) {
                    log.append("enough \(sum())")
                    try Tasklet.sleep(for: .seconds(1))
                }
            }
            // By tryNext it is heard at once.
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(500)) { try slow.makeIterator().tryNext() }
            }
            try Tasklet.runUntilDone()
            #expect(log == ["cancelled 3", "late 1", "enough 3"])
        }
    }

    /// The error that is on its way may be another one than the next wait would throw.
    @Test func theReasonsOfTheEndOfALoopMayChange() throws {
        try Scheduler.scope(clock: .virtual) { () throws in
            struct Late: Error {}
            var reached: [String] = []
            /// With cleanup that takes a second.
            func loop() {
                for _ in Generator<Int>({ yield in
                    defer { withCancellationShield { try? Tasklet.sleep(for: .seconds(1)) } }
                    try Tasklet.sleep(for: .seconds(1000))
                    try yield(1)
                }) {}
            }
            // Cancelled in the cleanup after the time was up.
            let first = Tasklet {
                try withTimeout(.seconds(1), orElse: ()) {
                    loop()
                    reached.append("first")
                    try Tasklet.sleep(for: .seconds(1000))
                }
            }
            // The time of the outer block is up in the cleanup after that of the inner one.
            Tasklet {
                try withTimeout(.milliseconds(1500), throwing: Late()) {
                    try withTimeout(.seconds(1)) {
                        loop()
                        reached.append("second")
                        try Tasklet.sleep(for: .seconds(1000))
                    }
                }
            }
            try Tasklet.sleep(for: .milliseconds(1500))
            first.cancel()
            #expect(throws: Late.self) { try Tasklet.runUntilDone() }
            try Tasklet.runUntilDone()
            #expect(reached == ["first", "second"])
        }
    }

    /// It does not ask a scheduler that is not the thread's.
    @Test func aLoopAfterTheEndOfItsScopeSaysSo() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setHangAlarm()
            try synchronously {
                var iterator: Generator<Int>.Iterator?
                try Scheduler.scope {
                    iterator = Generator<Int> { yield in try yield(1) }.makeIterator()
                }
                _ = iterator!.next()
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("in a loop that cannot throw") && text.contains("thread"), "\(text)")
    }
}
