import Channels
import Tasklets
import TestSupport
import Testing

/// Who is told when the time is up, and what it does then.
extension TimeoutTests {
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
}
