import Channels
import Tasklets
import TestSupport
import Testing

/// A scope whose time passes only while nobody is runnable.
struct VirtualClockTests {
    private func wallTime(_ body: () throws -> Void) rethrows -> Duration {
        try ContinuousClock().measure(body)
    }

    @Test func anHourPassesAtOnce() throws {
        try Scheduler.scope(clock: .virtual) {
            let start = Scheduler.current.now
            let wall = try wallTime { try Tasklet.sleep(for: .seconds(3600)) }
            #expect(start.duration(to: Scheduler.current.now) == .seconds(3600))
            // A wait would take the hour.
            #expect(wall < .seconds(60))
        }
    }

    @Test func timeStandsStillWhileSomebodyRuns() throws {
        try Scheduler.scope(clock: .virtual) {
            var isOver = false
            var turns = 0
            Tasklet {
                try Tasklet.sleep(for: .nanoseconds(1))
                isOver = true
            }
            Tasklet {
                for _ in 1...100_000 {
                    turns += 1
                    try Tasklet.schedule()
                }
                #expect(!isOver)
            }
            try Tasklet.run()
            #expect(isOver && turns == 100_000)
            #expect(SchedulerCore.current.now == 1)
        }
    }

    /// The order is that of the deadlines, then that in which the sleeps began; the same on the real clock.
    @Test(arguments: [true, false]) func theOrderIsThatOfTheRealClock(isVirtual: Bool) throws {
        var log: [String] = []
        var seconds = 1
        var areAsleepInTime = false
        // On a machine so busy that the first one is due before all are asleep: once more, with more time.
        while !areAsleepInTime {
            log = []
            try Scheduler.scope(clock: isVirtual ? .virtual : .monotonic) {
                let start = Scheduler.current.now.advanced(by: .seconds(seconds))
                for (name, time) in [("a", 20), ("b", 10), ("c", 20), ("d", 10), ("e", 40), ("f", 30), ("g", 40)] {
                    Tasklet {
                        try Tasklet.sleep(until: start.advanced(by: .milliseconds(time)))
                        log.append("\(name)\(time)")
                    }
                }
                try Tasklet.schedule()
                areAsleepInTime = Scheduler.current.now < start
                try Tasklet.run()
            }
            seconds *= 2
        }
        #expect(log == ["b10", "d10", "a20", "c20", "f30", "e40", "g40"])
    }

    @Test func timedRunsCountTheSameTime() throws {
        try Scheduler.scope(clock: .virtual) {
            var ticks = 0
            Tasklet {
                while true {
                    try Tasklet.sleep(for: .seconds(1))
                    ticks += 1
                }
            }
            try Tasklet.run(for: .milliseconds(9500))
            #expect(ticks == 9)
            #expect(SchedulerCore.current.now == 9_500_000_000)
            try Tasklet.run(for: .milliseconds(600))
            #expect(ticks == 10)
        }
    }

    @Test func aScopeInsideHasTheSameClock() throws {
        try Scheduler.scope(clock: .virtual) {
            try Scheduler.scope { try Tasklet.sleep(for: .seconds(10)) }
            #expect(SchedulerCore.current.now == 10_000_000_000)
            try Scheduler.scope(clock: .virtual) {
                #expect(SchedulerCore.current.now == 0)
                try Tasklet.sleep(for: .seconds(3))
            }
            try Scheduler.scope(clock: .monotonic) { #expect(SchedulerCore.current.now != 10_000_000_000) }
            #expect(SchedulerCore.current.now == 10_000_000_000)
        }
    }

    @Test func itIsAClock() throws {
        try Scheduler.scope(clock: .virtual) {
            let clock = Scheduler.current.clock
            let elapsed = try clock.measure { try Tasklet.sleep(for: .seconds(60)) }
            #expect(elapsed == .seconds(60))
        }
        let start = TaskletClock.monotonic.now
        #expect(start <= TaskletClock.monotonic.now)
    }

    @Test func anAsyncFunctionSleepsByTheRealOne() async throws {
        let clock = TaskletClock.monotonic
        let start = clock.now
        try await clock.sleep(for: .milliseconds(5))
        #expect(start.duration(to: clock.now) >= .milliseconds(5))
    }

    @Test func anAsyncFunctionCannotMoveAVirtualOne() async {
        await #expect(processExitsWith: .failure) {
            try? await TaskletClock.virtual.sleep(for: .milliseconds(5))
        }
    }

    @Test func timesThatAreTooFarAreAsFarAsCanBe() throws {
        try Scheduler.scope(clock: .virtual) {
            let late = Scheduler.current.now.advanced(by: .seconds(Int64.max))
            #expect(late == late.advanced(by: .seconds(1)))
            #expect(throws: TimeoutError.self) {
                try withTimeout(.seconds(1)) { try Tasklet.sleep(for: .seconds(Int64.max)) }
            }
            let early = Scheduler.current.now.advanced(by: .seconds(Int64.min))
            try Tasklet.sleep(until: early)
            #expect(SchedulerCore.current.now == 1_000_000_000)
        }
    }

    /// A promise that another thread comes: without a timer the thread waits for it as ever.
    @Test func otherThreadsAreWaitedFor() throws {
        let channel = Channel<Int>()
        channel.share()
        try Scheduler.scope(clock: .virtual) {
            let thread = TestThread { try! channel.send(1) }
            let value = try channel.receive()
            #expect(value == 1)
            thread.join()
        }
    }
}
