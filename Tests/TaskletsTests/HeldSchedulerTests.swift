import TestSupport
import Testing

@testable import Tasklets

/// A scheduler that is entered, left with its tasklets where they are, and entered again.
struct HeldSchedulerTests {
    private struct Broken: Error {}

    @Test func taskletsGoOnWhereTheyWere() throws {
        try Scheduler.scope {
            let log = Log()
            let held = HeldScheduler()
            let outside = Tasklet(name: "outside", scheduled: false) { log.add("outside") }
            held.enter {
                for name in ["A", "B"] {
                    Tasklet(name: name) {
                        for number in 1...3 {
                            log.add("\(name)\(number)")
                            try Tasklet.schedule()
                        }
                    }
                }
            }
            #expect(log.lines.isEmpty)
            try outside.insert()
            try held.enter { try Tasklet.run(switches: 3) }
            #expect(log.lines == ["A1", "B1", "A2"])
            // What is outside does not run inside, and the other way round.
            try Tasklet.run()
            #expect(log.lines == ["A1", "B1", "A2", "outside"])
            try held.enter { try Tasklet.run() }
            #expect(log.lines == ["A1", "B1", "A2", "outside", "B2", "A3", "B3"])
            #expect(held.end() == nil)
        }
    }

    /// Main of the held scheduler is whoever enters it.
    @Test func differentTaskletsEnterIt() throws {
        try Scheduler.scope {
            let held = HeldScheduler()
            let log = Log()
            held.enter {
                _ = Tasklet(name: "inside") {
                    while true {
                        log.add("turn")
                        try Tasklet.main.run()
                    }
                }
            }
            for name in ["X", "Y"] {
                Tasklet(name: name) {
                    for _ in 1...2 {
                        log.add(name)
                        try held.enter { try Tasklet.run() }
                        try Tasklet.schedule()
                    }
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["X", "turn", "Y", "turn", "X", "turn", "Y", "turn"])
            #expect(held.end() == nil)
        }
    }

    @Test func theFormerSchedulerIsBackAfterEachTime() throws {
        try Scheduler.scope {
            let outer = Scheduler.current.core
            let held = HeldScheduler()
            #expect(Scheduler.current.core == outer)
            held.enter { #expect(Scheduler.current.core == held.core && Scheduler.current.core != outer) }
            #expect(Scheduler.current.core == outer)
            #expect(SchedulerReport(outer, frames: 0, here: nil)?.text().contains("suspended") == false)
            #expect(throws: Broken.self) { () throws -> Void in try held.enter { throw Broken() } }
            #expect(Scheduler.current.core == outer)
            #expect(held.end() == nil)
            #expect(Scheduler.current.core == outer)
            // For the second time nothing happens.
            #expect(held.end() == nil)
        }
    }

    @Test func anErrorOfATaskletComesOutAndTheOthersGoOn() throws {
        try Scheduler.scope {
            let log = Log()
            let held = HeldScheduler()
            held.enter {
                Tasklet { throw Broken() }
                Tasklet { log.add("other") }
            }
            #expect(throws: Broken.self) { () throws -> Void in try held.enter { try Tasklet.run() } }
            #expect(log.lines.isEmpty)
            try held.enter { try Tasklet.run() }
            #expect(log.lines == ["other"])
            #expect(held.end() == nil)
        }
    }

    @Test func whoIsParkedIsEndedAndCleansUp() throws {
        try Scheduler.scope {
            let log = Log()
            let held = HeldScheduler()
            let parked = try held.enter {
                let tasklets = [
                    Tasklet(name: "quiet") {
                        defer { log.add("cleaned") }
                        try Tasklet.scheduleRemove()
                    },
                    Tasklet(name: "loud") {
                        do { try Tasklet.scheduleRemove() } catch { throw Broken() }
                    },
                ]
                try Tasklet.run()
                return tasklets + [Tasklet(name: "never begun") { log.add("begun") }]
            }
            #expect(held.end() is Broken)
            #expect(log.lines == ["cleaned"])
            #expect(parked.allSatisfy { !$0.isAlive })
        }
    }

    /// Nobody has ended it.
    @Test func whoIsDroppedEndsToo() throws {
        try Scheduler.scope {
            let log = Log()
            var parked: Tasklet?
            do {
                let held = HeldScheduler()
                try held.enter {
                    parked = Tasklet {
                        defer { log.add("cleaned") }
                        try Tasklet.scheduleRemove()
                    }
                    try Tasklet.run()
                }
                #expect(parked?.isPaused == true && log.lines.isEmpty)
            }
            #expect(log.lines == ["cleaned"] && parked?.isAlive == false)
        }
    }

    /// The owner is gone then, and nobody else may enter it.
    @Test func itEndsWithItsThread() throws {
        let log = Log()
        let box = Locked<Smuggled<HeldScheduler>?>(nil)
        TestThread {
            let held = Smuggled(value: HeldScheduler())
            try! held.value.enter {
                _ = Tasklet {
                    defer { log.add("cleaned") }
                    _ = try Promise<Int>().value()
                }
                _ = Tasklet { try Tasklet.main.run() }
                try Tasklet.run()
            }
            log.add("left")
            box.withLock { $0 = held }
        }.join()
        #expect(log.lines == ["left", "cleaned"])
        let held = try #require(box.withLock { $0 }).value
        #expect(held.core.isEnded)
        #expect(held.end() == nil)
    }

    /// Timers of a scheduler that is left wait, and are due when it is entered again.
    @Test func timersWaitMeanwhile() throws {
        try Scheduler.scope(clock: .virtual) {
            let log = Log()
            let held = HeldScheduler()
            held.enter {
                _ = Tasklet {
                    try Tasklet.sleep(for: .seconds(1))
                    log.add("inside")
                }
            }
            try held.enter { try Tasklet.run(switches: 1) }
            try Tasklet.sleep(for: .seconds(5))
            log.add("outside")
            try held.enter { try Tasklet.run() }
            #expect(log.lines == ["outside", "inside"])
            #expect(held.end() == nil)
        }
    }

    @Test func deadlockOfTheInsideIsToldThere() throws {
        try Scheduler.scope {
            let held = HeldScheduler()
            held.enter { _ = #expect(throws: DeadlockError.self) { try Promise<Int>().value() } }
            // It is no deadlock of those outside, and they are none of its own.
            #expect(throws: DeadlockError.self) { try Promise<Int>().value() }
            #expect(held.end() == nil)
        }
    }

    /// A scheduler that is left cannot end anybody's wait by itself.
    @Test func whoIsLeftKeepsNobodyWaiting() throws {
        try Scheduler.scope {
            let held = HeldScheduler()
            let answer = Promise<Int>()
            held.enter { _ = Tasklet { answer.fulfill(1) } }
            #expect(throws: DeadlockError.self) { try answer.value() }
            #expect(held.end() == nil)
        }
    }

    @Test func theReportSaysThatItIsLeft() throws {
        try Scheduler.scope {
            let held = HeldScheduler()
            held.enter { _ = Tasklet(name: "inside") {} }
            let report = SchedulerReport(held.core, frames: 0, here: nil)
            #expect(report?.text().contains("left for a while, 2 tasklets") == true, "\(report?.text() ?? "")")
            held.enter {
                #expect(SchedulerReport(held.core, frames: 0, here: nil)?.text().contains("left") == false)
            }
            #expect(held.end() == nil)
            #expect(SchedulerReport(held.core, frames: 0, here: nil) == nil)
        }
    }

    @Test func enteringItTwiceEndsTheProcess() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Scheduler.scope {
                let held = HeldScheduler()
                held.enter { held.enter {} }
            }
        }
        #expect(result.says("is entered already"))
    }
}
