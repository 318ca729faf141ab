import Channels
import Tasklets
import TestSupport
import Testing

/// What a test that explores orders gets from the kernel.
struct ChooserTests {
    /// Makes the choices of all runs of a program one after the other, the last choice that has an alternative first.
    private final class EveryOrder: Chooser {
        private var plan: [(taken: Int, of: Int)] = []
        private var made = 0
        let points: [SwitchPoint]
        private(set) var touched: [UInt] = []

        init(at points: [SwitchPoint]) {
            self.points = points
        }

        func choose(at point: SwitchPoint, leaving me: TaskletRecord, in core: SchedulerCore) -> TaskletRecord? {
            guard points.contains(point) else { return nil }
            var candidates: [TaskletRecord] = []
            core.forEachQueued { candidates.append($0) }
            if made == plan.count { plan.append((0, candidates.count)) }
            #expect(plan[made].of == candidates.count, "the program did not repeat")
            defer { made += 1 }
            return candidates[plan[made].taken]
        }

        func willTouch(_ thing: UInt, writing: Bool, in core: SchedulerCore) { touched.append(thing) }

        func nobodyIsRunnable(in core: SchedulerCore) {}
        func somebodyIsRunnable(byTimer: Bool, in core: SchedulerCore) {}
        func isDeadlocked(in core: SchedulerCore) {}
        func willSwitch(leaving me: TaskletRecord, in core: SchedulerCore) {}

        func identityOfNext(in core: SchedulerCore) -> UInt { 0 }

        /// Turns to the next order; false when there is none.
        func advance() -> Bool {
            made = 0
            while let last = plan.popLast() {
                if last.taken + 1 < last.of {
                    plan.append((last.taken + 1, last.of))
                    return true
                }
            }
            return false
        }
    }

    /// Runs the program in every order, in one scope; the log of each run.
    private func logs(
        at points: [SwitchPoint],
        _ program: (_ note: @escaping (String) -> Void) throws -> Void
    ) throws -> [[String]] {
        try Scheduler.scope {
            let core = SchedulerCore.current
            let chooser = EveryOrder(at: points)
            var logs: [[String]] = []
            repeat {
                var log: [String] = []
                core.setChooser(chooser)
                do { try program { log.append($0) } } catch { log.append("\(error)") }
                core.setChooser(nil)
                #expect(core.beginAgain() == nil)
                logs.append(log)
            } while chooser.advance()
            return logs
        }
    }

    @Test func everyOrderOfStepsIsSeenOnce() throws {
        let found = try logs(at: [.yield, .end, .wait]) { note in
            for name in ["a", "b"] {
                Tasklet {
                    for step in 1...6 {
                        note("\(name)\(step)")
                        if step < 6 { try Tasklet.schedule() }
                    }
                }
            }
            try Tasklet.run()
        }
        // Twelve steps, six of which are a's.
        #expect(found.count == 924)
        #expect(Set(found).count == 924)
        #expect(found.first == (1...6).flatMap { ["a\($0)", "b\($0)"] })
    }

    @Test func aMeetingIsAPoint() throws {
        let found = try logs(at: [.meeting]) { note in
            let channel = Channel<Int>()
            Tasklet { note("received \(try channel.receive())") }
            Tasklet {
                try channel.send(1)
                note("sent")
            }
            try Tasklet.run()
        }
        #expect(found == [["received 1", "sent"], ["sent", "received 1"]])
    }

    /// Nothing that blocks, so that the order leaves no choice; another tasklet may come in between all the same.
    @Test(arguments: ["acquire", "send", "kill"]) func anOperationIsAPoint(operation: String) throws {
        let found = try logs(at: [.operation]) { note in
            let semaphore = Semaphore()
            let channel = Channel<Int>()
            channel.preference = .sender
            let other = Tasklet(scheduled: false) {}
            semaphore.release()
            Tasklet { if operation == "send" { _ = try channel.receive() } }
            Tasklet {
                note("begin")
                switch operation {
                case "acquire": try semaphore.acquire()
                case "send": try channel.send(1)
                default: try other.kill()
                }
                note("end")
            }
            Tasklet { note("between") }
            try Tasklet.run()
        }
        #expect(found.contains(["begin", "end", "between"]))
        #expect(found.contains(["begin", "between", "end"]))
    }

    /// Released between two tasklets that wait to be the first: each of them may be.
    @Test func aLostUpdateIsFound() throws {
        let found = try logs(at: [.operation, .yield, .end]) { note in
            var count = 0
            let semaphore = Semaphore()
            for _ in 1...2 { semaphore.release() }
            for _ in 1...2 {
                Tasklet {
                    let former = count
                    try semaphore.acquire()
                    count = former + 1
                }
            }
            try Tasklet.run()
            note("\(count)")
        }
        #expect(Set(found) == [["1"], ["2"]])
        #expect(found.first == ["2"])
    }

    /// An error that comes during an interruption is thrown by the operation that was interrupted.
    @Test func anInterruptedOperationIsKilled() throws {
        let found = try logs(at: [.operation]) { note in
            let semaphore = Semaphore()
            semaphore.release()
            let victim = Tasklet {
                defer { note("end") }
                try semaphore.acquire()
                note("acquired")
            }
            Tasklet { try victim.kill(pending: true) }
            try Tasklet.run()
        }
        #expect(Set(found) == [["acquired", "end"], ["end"]])
    }

    @Test func whatIsTouchedIsTold() throws {
        try Scheduler.scope {
            let core = SchedulerCore.current
            let semaphore = Semaphore()
            let channel = Channel<Int>()
            let waiting = Tasklet { try semaphore.acquire() }
            try Tasklet.schedule()
            func touched(_ body: () throws -> Void) rethrows -> Set<UInt> {
                let chooser = EveryOrder(at: [])
                core.setChooser(chooser)
                defer { core.setChooser(nil) }
                try body()
                return Set(chooser.touched)
            }
            let line = semaphore.line.identity
            let tasklet = waiting.record.identity
            #expect(touched { _ = waiting.isBlocked } == [tasklet])
            #expect(touched { semaphore.release() } == [line])
            #expect(touched { _ = channel.balance }.count == 1)
            #expect(touched { _ = channel.balance } == touched { channel.close() })
            try Tasklet.schedule()
            // Whoever takes a tasklet out of a line touches both.
            let next = Tasklet { try semaphore.acquire() }
            try Tasklet.schedule()
            #expect(
                try touched { try next.kill(pending: true) }
                    == [line, next.record.identity]
            )
        }
    }

    @Test func aSchedulerBeginsAgain() throws {
        let living = Tracked.Counter()
        try Scheduler.scope {
            for _ in 1...50 {
                var log: [String] = []
                let waiting = Tasklet { [tracked = Tracked(living)] in
                    defer { log.append("cleanup") }
                    try Tasklet.sleep(for: .seconds(3600))
                    _ = tracked
                }
                Tasklet { _ = Tracked(living) }
                #expect(waiting.name == "tasklet-2")
                try Tasklet.schedule()
                #expect(SchedulerCore.current.beginAgain() == nil)
                #expect(log == ["cleanup"])
                #expect(!waiting.isAlive)
                #expect(Scheduler.current.tasklets == [Tasklet.main])
                #expect(SchedulerCore.current.validate() == [])
            }
            // The bodies of the last round.
            #expect(living.count == 0)
            Tasklet { try Tasklet.sleep(for: .milliseconds(1)) }
            try Tasklet.run()
        }
    }

    @Test func anErrorOfTheEndIsReturned() throws {
        struct Failure: Error {}
        try Scheduler.scope {
            Tasklet {
                defer { try? Tasklet.schedule() }
                do { try Tasklet.scheduleRemove() } catch { throw Failure() }
            }
            try Tasklet.schedule()
            #expect(SchedulerCore.current.beginAgain() is Failure)
            var hasRun = false
            Tasklet { hasRun = true }
            try Tasklet.run()
            #expect(hasRun)
        }
    }
}
