import Channels
import Tasklets
import TestSupport
import Testing

/// Blocks with a time limit (WhoRunsWhen, "Time limits"). On the virtual clock, so that all times are exact.
struct TimeoutTests {
    private struct Own: Error, Equatable {
        var text = "own"
    }

    /// Runs `body` as main of a scope whose clock is virtual.
    private func virtual(_ body: () throws -> Void) throws {
        try Scheduler.scope(clock: .virtual) {
            try body()
            #expect(SchedulerCore.current.validate() == [])
        }
    }

    private func milliseconds() -> Int64 { SchedulerCore.current.now / 1_000_000 }

    @Test func aWaitEndsWhenTheTimeIsUp() throws {
        try virtual {
            let channel = Channel<Int>()
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(10)) { try channel.receive() } }
            #expect(milliseconds() == 10)
            #expect(channel.balance == 0)
            // The limit ends with its block.
            try Tasklet.sleep(for: .milliseconds(20))
            #expect(milliseconds() == 30)
        }
    }

    @Test func whatComesInTimeCounts() throws {
        try virtual {
            let channel = Channel<Int>()
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(5))
                try channel.send(7)
            }
            let value = try withTimeout(.milliseconds(10)) { try channel.receive() }
            #expect(value == 7)
            #expect(milliseconds() == 5)
        }
    }

    @Test func theErrorMayBeTheCallers() throws {
        try virtual {
            let channel = Channel<Int>()
            #expect(throws: Own(text: "slow")) {
                try withTimeout(.milliseconds(10), throwing: Own(text: "slow")) { try channel.receive() }
            }
            // Made only when a limit is set, whether or not it expires; what the body throws is what comes out.
            #expect(throws: Own(text: "body")) {
                try withTimeout(.milliseconds(10), throwing: Own(text: "slow")) { throw Own(text: "body") }
            }
        }
    }

    @Test func aValueMayStandForTheError() throws {
        try virtual {
            let channel = Channel<Int>()
            let late = try withTimeout(.milliseconds(10), orElse: -1) { try channel.receive() }
            #expect(late == -1)
            let inTime = try withTimeout(.milliseconds(10), orElse: -1) { 3 }
            #expect(inTime == 3)
        }
    }

    @Test func aDeadlineIsATime() throws {
        try virtual {
            let deadline = Scheduler.current.now.advanced(by: .milliseconds(10))
            try Tasklet.sleep(for: .milliseconds(4))
            #expect(throws: TimeoutError.self) { try withDeadline(deadline) { try Tasklet.sleep(for: .seconds(1)) } }
            #expect(milliseconds() == 10)
        }
    }

    // MARK: Nested blocks

    @Test func anInnerBlockEndsFirst() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(20), orElse: "outer") {
                let inner = try withTimeout(.milliseconds(10), orElse: "inner") {
                    try Tasklet.sleep(for: .seconds(1))
                    return "none"
                }
                #expect(inner == "inner" && milliseconds() == 10)
                try Tasklet.sleep(for: .milliseconds(9))
                return "well"
            }
            #expect(value == "well" && milliseconds() == 19)
        }
    }

    @Test func theOuterOnePassesThroughTheInner() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(10), orElse: "outer") {
                try withTimeout(.milliseconds(20), orElse: "inner") {
                    try Tasklet.sleep(for: .seconds(1))
                    return "none"
                }
            }
            #expect(value == "outer" && milliseconds() == 10)
        }
    }

    /// Of two that expire together the one that was set first fires first.
    @Test func equalTimesAreTheOuterOnes() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(10), orElse: "outer") {
                try withTimeout(.milliseconds(10), orElse: "inner") {
                    try Tasklet.sleep(for: .seconds(1))
                    return "none"
                }
            }
            #expect(value == "outer")
        }
    }

    @Test func ofTwoThatHaveExpiredTheOuterOneCounts() throws {
        try virtual {
            let value = try withTimeout(.milliseconds(20), orElse: "outer") {
                try withTimeout(.milliseconds(10), orElse: "inner") {
                    try withCancellationShield { try Tasklet.sleep(for: .milliseconds(30)) }
                    try Tasklet.sleep(for: .milliseconds(1))
                    return "none"
                }
            }
            #expect(value == "outer" && milliseconds() == 30)
        }
    }

    /// Both expire before the tasklet has its turn.
    @Test func theOuterOneOvertakesTheErrorOfTheInner() throws {
        try virtual {
            let channel = Channel<Int>()
            var outcome = ""
            Tasklet {
                outcome = try withTimeout(.milliseconds(20), orElse: "outer") {
                    try withTimeout(.milliseconds(10), orElse: "inner") {
                        _ = try channel.receive()
                        return "none"
                    }
                }
            }
            try Tasklet.schedule()
            SchedulerCore.current.jump(to: 30_000_000)
            try Tasklet.run()
            #expect(outcome == "outer")
        }
    }

    @Test func theOuterOneExpiresWhileTheInnerIsHandled() throws {
        try virtual {
            let channel = Channel<Int>()
            var log: [String] = []
            do {
                try withTimeout(.milliseconds(20), throwing: Own(text: "outer")) {
                    do {
                        try withTimeout(.milliseconds(10), throwing: Own(text: "inner")) { _ = try channel.receive() }
                    } catch let error as Own {
                        log.append("\(error.text) at \(milliseconds())")
                        try Tasklet.sleep(for: .milliseconds(15))
                        log.append("not here")
                    }
                }
            } catch let error as Own {
                log.append("\(error.text) at \(milliseconds())")
            }
            #expect(log == ["inner at 10", "outer at 20"])
        }
    }

    // MARK: Swallowed errors

    @Test func aSwallowedErrorIsThrownByTheNextWait() throws {
        try virtual {
            let channel = Channel<Int>()
            var caught = 0
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) {
                    for _ in 1...3 {
                        do { _ = try channel.receive() } catch { caught += 1 }
                    }
                    try Tasklet.sleep(for: .milliseconds(5))
                }
            }
            #expect(caught == 3)
            #expect(milliseconds() == 10)
        }
    }

    @Test func aSwallowedErrorIsThrownAtTheEndOfTheBlock() throws {
        try virtual {
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) { try? Tasklet.sleep(for: .seconds(1)) }
            }
            // Another error of the body comes out instead.
            #expect(throws: Own()) {
                try withTimeout(.milliseconds(10)) {
                    do { try Tasklet.sleep(for: .seconds(1)) } catch { throw Own() }
                }
            }
        }
    }

    /// A loop that swallows it keeps nobody from running.
    @Test func aRefusedWaitGivesWay() throws {
        try virtual {
            var turns = 0
            var isOver = false
            Tasklet {
                for _ in 1...5 {
                    turns += 1
                    try Tasklet.schedule()
                }
                isOver = true
            }
            #expect(throws: TimeoutError.self) {
                try withTimeout(.zero) { while !isOver { try? Tasklet.sleep(for: .seconds(1)) } }
            }
            #expect(turns == 5)
        }
    }

    @Test(arguments: [0, -5]) func noTimeIsUpAtTheFirstWait(milliseconds: Int) throws {
        try virtual {
            let channel = Channel<Int>()
            Tasklet { try channel.send(1) }
            try Tasklet.schedule()
            let received = try withTimeout(.milliseconds(milliseconds)) { try channel.receive() }
            #expect(received == 1, "a meeting is no wait")
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(milliseconds)) { try channel.receive() }
            }
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(milliseconds)) { try Tasklet.sleep(for: .zero) }
            }
            let result = try withTimeout(.milliseconds(milliseconds)) { 5 }
            #expect(result == 5, "there was no wait")
        }
    }

    /// Without a wait the time is not noticed, and the result counts.
    @Test func workThatDoesNotWaitIsNotInterrupted() throws {
        try Scheduler.scope {
            let value = try withTimeout(.nanoseconds(1)) {
                var sum = 0
                for number in 0..<10_000 { sum += number % 7 }
                return sum
            }
            #expect(value > 0)
        }
    }

    // MARK: Who is told

    @Test func onlyTheOwnTaskletIsTold() throws {
        try virtual {
            let channel = Channel<String>()
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) {
                    Tasklet {
                        try Tasklet.sleep(for: .milliseconds(30))
                        try channel.send("late")
                    }
                    _ = try channel.receive()
                }
            }
            let value = try channel.receive()
            #expect(value == "late")
            #expect(milliseconds() == 30)
        }
    }

    @Test func aValueThatHasComeIsNotLost() throws {
        try virtual {
            let channel = Channel<Int>()
            var log: [String] = []
            Tasklet {
                do {
                    try withTimeout(.milliseconds(10)) {
                        log.append("got \(try channel.receive())")
                        try Tasklet.sleep(for: .milliseconds(1))
                        log.append("not here")
                    }
                } catch is TimeoutError {
                    log.append("late at \(milliseconds())")
                }
            }
            try Tasklet.schedule()
            // The receiver is queued when its time comes, behind a tasklet that lets the time pass.
            channel.preference = .sender
            try channel.send(1)
            SchedulerCore.current.jump(to: 20_000_000)
            try Tasklet.run()
            #expect(log == ["got 1", "late at 20"])
        }
    }

    @Test func aCallOfRunEnds() throws {
        try virtual {
            var log: [String] = []
            Tasklet {
                while true {
                    try Tasklet.sleep(for: .milliseconds(4))
                    log.append("\(milliseconds())")
                }
            }
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(10)) { try Tasklet.run() } }
            #expect(log == ["4", "8"])
            // It does not hold up a run() that has nobody to wait for.
            for tasklet in Scheduler.current.tasklets.dropFirst() { try tasklet.kill() }
            try withTimeout(.milliseconds(10)) { try Tasklet.run() }
            #expect(milliseconds() == 10)
        }
    }

    @Test func aPausedTaskletIsResumed() throws {
        try virtual {
            var log: [String] = []
            let paused = Tasklet {
                do { try withTimeout(.milliseconds(10)) { try Tasklet.scheduleRemove() } } catch {
                    log.append("\(type(of: error)) at \(milliseconds())")
                }
            }
            Tasklet { try Tasklet.sleep(for: .milliseconds(30)) }
            try Tasklet.run()
            #expect(log == ["TimeoutError at 10"])
            #expect(!paused.isAlive)
        }
    }

    /// While a tasklet waits that only another thread could wake.
    @Test(arguments: [true, false]) func aCallOfRunUntilDoneEnds(isLimited: Bool) throws {
        let shared = Channel<Int>()
        let never = Channel<Int>()
        let hasUsed = Signal()
        // A thread that is able as long as this test runs, and has used the channel.
        let thread = TestThread {
            _ = shared.balance
            never.share()
            hasUsed.give()
            try? { _ = try never.receive() }()
        }
        hasUsed.wait()
        try virtual {
            Tasklet { _ = try shared.receive() }
            if isLimited {
                #expect(throws: TimeoutError.self) {
                    try withTimeout(.seconds(1)) { try Tasklet.runUntilDone() }
                }
            } else {
                Tasklet { try Tasklet.runUntilDone() }
                try Tasklet.run(for: .seconds(1))
            }
            #expect(milliseconds() == 1000)
        }
        never.finish()
        thread.join()
    }

    /// A tasklet that ends leaves its blocks, also one that a generator is suspended in.
    @Test func aBlockThatIsLeftSuspended() throws {
        try virtual {
            var ended: [String] = []
            let paused = Channel<Int>()
            let first = Tasklet {
                try withTimeout(.milliseconds(20)) { _ = try paused.receive() }
            }
            try Tasklet.schedule()
            try first.kill()
            Tasklet {
                try Tasklet.sleep(for: .seconds(1))
                ended.append("second")
            }
            try Tasklet.run()
            #expect(ended == ["second"])
        }
    }

    @Test func aPausingTaskletIsRefusedAlsoUnderABlockTrap() throws {
        try virtual {
            var log: [String] = []
            let tasklet = Tasklet {
                Tasklet.current.blockTrap = true
                do { try withTimeout(.zero) { try Tasklet.scheduleRemove() } } catch {
                    log.append("\(type(of: error))")
                }
                Tasklet.current.cancel()
                do { try Tasklet.scheduleRemove() } catch { log.append("\(type(of: error))") }
            }
            try Tasklet.run()
            #expect(log == ["TimeoutError", "CancellationError"])
            #expect(!tasklet.isAlive)
        }
    }

    /// Main waits with a limit for something that nobody does: that is no deadlock.
    @Test func aLimitIsNoDeadlock() throws {
        try virtual {
            let channel = Channel<Int>()
            Tasklet { _ = try channel.receive() }
            #expect(throws: TimeoutError.self) { try withTimeout(.seconds(1)) { try channel.receive() } }
            #expect(throws: DeadlockError.self) { try channel.receive() }
        }
    }

    // MARK: With others that end a wait

    @Test func aKillCountsMore() throws {
        try virtual {
            var log: [String] = []
            let victim = Tasklet {
                do { try withTimeout(.milliseconds(10)) { try Tasklet.sleep(for: .seconds(1)) } } catch {
                    log.append("\(type(of: error))")
                    throw error
                }
            }
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(5))
                try victim.kill()
            }
            try Tasklet.run()
            #expect(log == ["TaskletExit"])
            #expect(milliseconds() == 5, "the timer went with the block")
        }
    }

    @Test func aShieldHoldsOffTheBlocksAroundIt() throws {
        try virtual {
            var log: [String] = []
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) {
                    defer {
                        try? withCancellationShield {
                            try Tasklet.sleep(for: .milliseconds(5))
                            log.append("cleaned up at \(milliseconds())")
                            let inner = try withTimeout(.milliseconds(5), orElse: "inner") {
                                try Tasklet.sleep(for: .seconds(1))
                                return "none"
                            }
                            log.append("\(inner) at \(milliseconds())")
                        }
                    }
                    try Tasklet.sleep(for: .seconds(1))
                }
            }
            #expect(log == ["cleaned up at 15", "inner at 20"])
        }
    }

    /// The inner shield holds off the limit that stands between the two.
    @Test func aShieldInsideAShield() throws {
        try virtual {
            var log: [String] = []
            #expect(throws: TimeoutError.self) {
                try withCancellationShield {
                    try withTimeout(.seconds(1)) {
                        try withCancellationShield { try Tasklet.sleep(for: .seconds(10)) }
                        log.append("slept until \(milliseconds())")
                        try Tasklet.sleep(for: .seconds(1))
                    }
                }
            }
            #expect(log == ["slept until 10000"])
            #expect(milliseconds() == 10_000)
        }
    }

    /// The block of a group waits for its children whatever its owner has been told.
    @Test func aGroupInsideABlockInsideAShield() throws {
        try virtual {
            var hasEnded = false
            #expect(throws: TimeoutError.self) {
                try withCancellationShield {
                    try withTimeout(.seconds(1)) {
                        try withTaskletGroup(of: Void.self) { group in
                            try group.add {
                                try withCancellationShield { try Tasklet.sleep(for: .seconds(10)) }
                                hasEnded = true
                            }
                            _ = try group.next()
                        }
                    }
                }
            }
            #expect(hasEnded)
            #expect(milliseconds() == 10_000)
        }
    }

    @Test func aShieldOnlyPutsItOff() throws {
        try virtual {
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) {
                    try withCancellationShield { try Tasklet.sleep(for: .milliseconds(30)) }
                    #expect(milliseconds() == 30)
                    try Tasklet.sleep(for: .milliseconds(1))
                }
            }
            #expect(milliseconds() == 30)
        }
    }

    @Test func theEndOfAScopeLeavesNothing() throws {
        let living = Tracked.Counter()
        try virtual {
            for _ in 1...3 {
                Tasklet { [tracked = Tracked(living)] in
                    try withTimeout(.seconds(1)) { try Tasklet.sleep(for: .seconds(2)) }
                    _ = tracked
                }
            }
            try Tasklet.schedule()
        }
        #expect(living.count == 0)
    }

    @Test func theErrorTellsTheBlock() throws {
        try virtual {
            let error = #expect(throws: TimeoutError.self) {
                try withTimeout(.zero, fileID: "Program/main.swift", line: 12) { try Tasklet.sleep(for: .seconds(1)) }
            }
            #expect(error?.description == "The time is up that was set at Program/main.swift:12.")
        }
    }

    @Test func onTheRealClock() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            let start = ContinuousClock.now
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(20)) { try channel.receive() } }
            #expect(ContinuousClock.now - start >= .milliseconds(20))
            // Also while others run all the time.
            var isOver = false
            Tasklet { while !isOver { try Tasklet.schedule() } }
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(20)) { try channel.receive() } }
            isOver = true
            try Tasklet.run()
        }
    }

    @Test func anotherThreadMeetsOneThatHasALimit() throws {
        let requests = Channel<Int>()
        let answers = Channel<Int>()
        requests.share()
        answers.share()
        let thread = TestThread {
            do {
                while let number = try requests.next() { try answers.send(number + 1) }
            } catch {
                Issue.record(error)
            }
        }
        try Scheduler.scope {
            for number in 1...2000 {
                try requests.send(number)
                // Some in time, some not; none is lost or doubled.
                while true {
                    do {
                        let answer = try withTimeout(.nanoseconds(number % 3 == 0 ? 100 : 1_000_000_000)) {
                            try answers.receive()
                        }
                        #expect(answer == number + 1)
                        break
                    } catch is TimeoutError {}
                }
            }
            requests.finish()
        }
        thread.join()
    }
}
