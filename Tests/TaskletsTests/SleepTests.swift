import Foundation
import Tasklets
import TestSupport
import Testing

/// Waiting for a time, and what run() does meanwhile.
struct SleepTests {
    /// A time at which all tasklets of a test are asleep: what starts late on a loaded machine must not change an order.
    private func timeToCome() -> Int64 { SchedulerCore.current.now + 500_000_000 }

    @Test func taskletsWakeInTheOrderOfTheirDeadlines() throws {
        var log: [Int] = []
        try Scheduler.scope {
            let time = timeToCome()
            for (number, milliseconds) in [30, 10, 20, 10].enumerated() {
                Tasklet {
                    try SchedulerCore.current.sleep(until: time + Int64(milliseconds) * 1_000_000)
                    log.append(number)
                }
            }
            try Tasklet.run()
        }
        #expect(log == [1, 3, 2, 0])
    }

    @Test func runWaitsForSleepers() throws {
        try Scheduler.scope {
            var hasSlept = false
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(20))
                hasSlept = true
            }
            let start = ContinuousClock.now
            try Tasklet.run()
            #expect(hasSlept)
            #expect(ContinuousClock.now - start >= .milliseconds(20))
        }
    }

    @Test func mainSleepsAlone() throws {
        try Scheduler.scope {
            let start = ContinuousClock.now
            try Tasklet.sleep(for: .milliseconds(5))
            #expect(ContinuousClock.now - start >= .milliseconds(5))
        }
    }

    @Test func nothingToSleepIsGivingWay() throws {
        try Scheduler.scope {
            var log: [String] = []
            Tasklet { log.append("other") }
            try Tasklet.sleep(for: .zero)
            log.append("main")
            Tasklet { log.append("other") }
            try Tasklet.sleep(for: .seconds(-1))
            #expect(log == ["other", "main", "other"])
        }
    }

    @Test func othersRunWhileOneSleeps() throws {
        try Scheduler.scope {
            var turns = 0
            var isAwake = false
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(20))
                isAwake = true
            }
            for _ in 0..<3 {
                Tasklet {
                    while !isAwake {
                        turns += 1
                        try Tasklet.schedule()
                    }
                }
            }
            try Tasklet.run()
            #expect(isAwake)
            // Each of them has had one: how many there are in that time is the machine's affair.
            #expect(turns >= 3)
        }
    }

    @Test func aBusySchedulerWakesSleepers() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                var hasSlept = false
                Tasklet {
                    try Tasklet.sleep(for: .milliseconds(5))
                    hasSlept = true
                }
                for _ in 0..<2 { Tasklet { while !hasSlept { try Tasklet.schedule() } } }
                try Tasklet.run()
                guard hasSlept else { fatalError("it has not slept") }
            }
        }
    }

    @Test func theRingShowsTaskletsOnly() throws {
        try Scheduler.scope {
            Tasklet(name: "sleeper") { try Tasklet.sleep(for: .milliseconds(10)) }
            let second = Tasklet(name: "second") { for _ in 0..<3 { try Tasklet.schedule() } }
            try Tasklet.schedule()
            #expect(Tasklet.runCount == 2)
            #expect(Scheduler.current.runQueue.map(\.name) == ["main", "second"])
            #expect(second.next == Tasklet.main)
            #expect(second.previous == Tasklet.main)
            #expect(Tasklet.main.next == second)
        }
    }

    @Test func aSleeperCanBeKilled() throws {
        try Scheduler.scope {
            var log: [String] = []
            let sleeper = Tasklet {
                defer { log.append("cleanup") }
                try Tasklet.sleep(for: .seconds(3600))
                log.append("never")
            }
            try Tasklet.schedule()
            #expect(sleeper.isBlocked)
            try sleeper.kill()
            #expect(log == ["cleanup"])
            #expect(!sleeper.isAlive)
            // The timer has gone: nothing holds up run().
            try Tasklet.run()
        }
    }

    @Test func anErrorWakesASleeper() throws {
        struct Early: Error {}
        try Scheduler.scope {
            var caught: (any Error)?
            let sleeper = Tasklet {
                do { try Tasklet.sleep(for: .seconds(3600)) } catch { caught = error }
            }
            try Tasklet.schedule()
            try sleeper.raise(Early(), pending: true)
            try Tasklet.run()
            #expect(caught is Early)
        }
    }

    @Test func theEndOfAScopeWakesSleepers() throws {
        var log: [String] = []
        try Scheduler.scope {
            Tasklet {
                defer { log.append("cleanup") }
                try Tasklet.sleep(for: .seconds(3600))
            }
            try Tasklet.schedule()
        }
        #expect(log == ["cleanup"])
    }

    @Test func aBlockedMainWaitsForSleepersAndThenDeadlocks() throws {
        try Scheduler.scope {
            let main = Tasklet.current
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(10))
                try main.insert()
            }
            try Tasklet.scheduleRemove()
            #expect(Tasklet.current == main)
        }
    }

    @Test func aTimedRunSleepsNoLongerThanItsTime() throws {
        try Scheduler.scope {
            var hasSlept = false
            Tasklet {
                try Tasklet.sleep(for: .seconds(3600))
                hasSlept = true
            }
            let start = ContinuousClock.now
            try Tasklet.run(for: .milliseconds(20))
            #expect(ContinuousClock.now - start >= .milliseconds(20))
            #expect(ContinuousClock.now - start < .seconds(1800))
            #expect(!hasSlept)
        }
    }

    @Test func traps() throws {
        try Scheduler.scope {
            var errors: [TaskletError] = []
            let trapped = Tasklet {
                do { try Tasklet.sleep(for: .milliseconds(1)) } catch { errors.append(error as! TaskletError) }
            }
            trapped.blockTrap = true
            try Tasklet.run()
            Tasklet {}
            Scheduler.current.switchTrap(1)
            do { try Tasklet.sleep(for: .milliseconds(1)) } catch { errors.append(error as! TaskletError) }
            Scheduler.current.switchTrap(-1)
            #expect(errors == [.blockTrap, .switchTrap])
        }
    }

    @Test(arguments: 0..<20) func randomSleepsEndInOrder(seed: UInt64) throws {
        // The seed is the test's argument: a failure prints it.
        var random = seed
        func next(below limit: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % limit
        }
        var expected: [(deadline: Int, number: Int)] = []
        var log: [Int] = []
        try Scheduler.scope {
            var sleepers: [Tasklet] = []
            let time = timeToCome()
            for number in 0..<50 {
                let deadline = 1 + next(below: 40)
                expected.append((deadline, number))
                sleepers.append(
                    Tasklet {
                        try SchedulerCore.current.sleep(until: time + Int64(deadline) * 1_000_000)
                        log.append(number)
                    }
                )
            }
            try Tasklet.schedule()
            for number in stride(from: 0, to: 50, by: 3) {
                try sleepers[number].kill()
                expected.removeAll { $0.number == number }
            }
            try Tasklet.run()
        }
        let inOrder = expected.sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }
        #expect(log == inOrder.map(\.number))
    }
}
