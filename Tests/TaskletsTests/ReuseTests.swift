import Tasklets
import Testing

/// The record of an ended tasklet serves the next one, which must see nothing of the former.
struct ReuseTests {
    enum End: String, CaseIterable {
        case itReturns, itThrows, itIsKilled, itIsKilledBeforeItBegins
        case itIsDropped, itIsDroppedBeforeItBegins, itIsCancelled
    }

    private struct Failure: Error {}

    @Test(arguments: End.allCases) func aRecordUsedAgainIsAsNew(end: End) throws {
        try Scheduler.scope {
            let former = try endOne(end)
            var isCancelled: Bool?
            var hasWaited = false
            let tasklet = Tasklet(scheduled: false) {
                isCancelled = Tasklet.isCancelled
                try Tasklet.sleep(for: .microseconds(10))
                hasWaited = true
            }
            // Or the test would show nothing.
            #expect(tasklet.hashValue == former)
            #expect(tasklet.name != "former")
            #expect(!tasklet.blockTrap)
            #expect(tasklet.isPaused)
            #expect(tasklet.next == nil)
            #expect(tasklet.previous == nil)
            try tasklet.insert()
            try Tasklet.run()
            #expect(isCancelled == false)
            #expect(hasWaited)
            #expect(!tasklet.isAlive)
        }
    }

    /// Makes a tasklet with every attribute set, and ends it. Returns what tells its record from others.
    private func endOne(_ end: End) throws -> Int {
        var tasklet: Tasklet? = Tasklet(name: "former", scheduled: false) {
            switch end {
            case .itReturns: return
            case .itThrows: throw Failure()
            default:
                // Caught once, so that this is counted.
                do { try Tasklet.scheduleRemove() } catch is TaskletExit {}
                try Tasklet.scheduleRemove()
            }
        }
        let record = tasklet!.hashValue
        tasklet!.blockTrap = true
        switch end {
        case .itIsKilledBeforeItBegins:
            try tasklet!.kill()
        case .itIsDroppedBeforeItBegins:
            break
        case .itThrows:
            #expect(throws: Failure.self) { try tasklet!.run() }
        case .itReturns, .itIsDropped:
            try tasklet!.run()
        case .itIsKilled:
            try tasklet!.run()
            try tasklet!.kill()
            try tasklet!.kill()
        case .itIsCancelled:
            try tasklet!.run()
            tasklet!.cancel()
            try Tasklet.run()
        }
        tasklet = nil
        return record
    }

    /// A tasklet that nobody can resume is ended again and again, as long as it catches that; each one as often as the one
    /// that had the record before.
    @Test func howOftenTheFormerOneCaughtItsExitDoesNotCount() throws {
        try Scheduler.scope {
            var records: Set<Int> = []
            for _ in 0..<3 {
                var caught = 0
                var tasklet: Tasklet? = Tasklet {
                    for _ in 0..<9 {
                        do { try Tasklet.scheduleRemove() } catch is TaskletExit { caught += 1 }
                    }
                }
                records.insert(tasklet!.hashValue)
                try Tasklet.run()
                tasklet = nil
                #expect(caught == 9)
            }
            #expect(records.count == 1)
        }
    }

    @Test func aTaskletThatIsSetUpAgainIsNotCancelled() throws {
        try Scheduler.scope {
            let tasklet = Tasklet { try Tasklet.scheduleRemove() }
            try Tasklet.run()
            tasklet.cancel()
            try Tasklet.run()
            #expect(!tasklet.isAlive)
            var isCancelled: Bool?
            try tasklet.bind { isCancelled = Tasklet.isCancelled }
            try tasklet.setup()
            try Tasklet.run()
            #expect(isCancelled == false)
        }
    }
}
