import Sync
import Tasklets
import Testing

struct BarrierTests {
    @Test func allGoOnWhenTheLastHasCome() throws {
        try Scheduler.scope {
            let log = Log()
            let barrier = Barrier(3, name: "barrier")
            for name in ["a", "b", "c"] {
                Tasklet {
                    for round in 1...2 {
                        log.note("\(name)\(round)")
                        if try barrier.wait() { log.note("\(name) is last") }
                    }
                    log.note(name)
                }
            }
            try Tasklet.run()
            #expect(
                log.lines == [
                    "a1", "b1", "c1", "c is last", "c2", "a2", "b2", "b is last", "b", "c", "a",
                ]
            )
            #expect(barrier.count == 3)
        }
    }

    @Test func oneThatLeavesHasNotCome() throws {
        try Scheduler.scope {
            let log = Log()
            let barrier = Barrier(2)
            let left = Tasklet { log.note("left") { try barrier.wait() } }
            try Tasklet.schedule()
            try left.kill()
            Tasklet { log.note("first") { try barrier.wait() } }
            try Tasklet.run()
            #expect(log.take() == ["left: killed"])
            log.note("second: \(try barrier.wait())")
            try Tasklet.run()
            #expect(log.lines == ["second: true", "first: done"])
        }
    }

    @Test func aBarrierForOneHoldsNobodyUp() throws {
        try Scheduler.scope {
            let barrier = Barrier(1)
            for _ in 1...2 {
                let isLast = try barrier.wait()
                #expect(isLast)
            }
        }
    }
}
