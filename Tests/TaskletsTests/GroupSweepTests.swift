import Tasklets
import TestSupport
import Testing

/// An example program that is ended at each of its waits in turn: nothing leaks, all children end, and the block is left only
/// then.
struct GroupSweepTests {
    private struct Failure: Error {}

    /// The pending ones come in the middle of the switch, the others when main has its turn again.
    enum Way: CaseIterable {
        case cancel, pendingKill, raise, kill
    }

    /// What the program does: a group with a limit, inside it spawned tasklets, a map, a local and a nested group.
    private final class Program {
        let counter: Tracked.Counter
        var living = 0
        var hasBegun = false
        var isOver = false
        var livingAtTheEnd: Int?
        let local = TaskletLocal(0)

        init(_ counter: Tracked.Counter) {
            self.counter = counter
        }

        private func child(_ turns: Int) throws -> Tracked {
            living += 1
            let object = Tracked(counter)
            defer {
                // Cleanup that waits.
                try? withCancellationShield { try Tasklet.schedule() }
                living -= 1
            }
            for _ in 0..<turns { try Tasklet.sleep(for: .zero) }
            let gate = Promise<Int>()
            Tasklet { gate.fulfill(1) }
            _ = try gate.value()
            return object
        }

        func run() throws {
            hasBegun = true
            defer {
                isOver = true
                livingAtTheEnd = living
            }
            try local.withValue(7) {
                try withTaskletGroup(of: Tracked.self, limit: 2) { group in
                    for turns in [2, 0, 3, 1] { try group.add { try self.child(turns) } }
                    _ = try group.next()
                    let sums = try [1, 2, 3].concurrentMap(limit: 2) { number in
                        _ = try self.child(number % 2)
                        return number * self.local.value
                    }
                    guard sums == [7, 14, 21] else { throw Failure() }
                    try withTaskletGroup(of: Void.self) { inner in
                        try inner.add { _ = try self.child(1) }
                    }
                    while try group.next() != nil {}
                }
            }
        }
    }

    /// Runs the program and ends it when so many switches have been made.
    ///
    /// - Returns: whether it was over before.
    private func run(endedAfter switches: Int, by way: Way) throws -> Bool {
        let counter = Tracked.Counter()
        var wasOver = false
        try Scheduler.scope {
            let program = Program(counter)
            let tasklet = Tasklet(name: "program") { try program.run() }
            var left = switches
            var isEnded = false
            Scheduler.current.scheduleCallback = { _, _ in
                left -= 1
                if isEnded || left > 0 { return }
                isEnded = true
                wasOver = !tasklet.isAlive
                switch way {
                case .cancel: tasklet.cancel()
                case .pendingKill: try? tasklet.kill(pending: true)
                case .raise: try? tasklet.raise(Failure(), pending: true)
                case .kill: break
                }
            }
            while !isEnded, !wasOver {
                do { try Tasklet.schedule() } catch is Failure where way == .raise {}
                if !isEnded { wasOver = Tasklet.runCount == 1 && !tasklet.isAlive }
            }
            Scheduler.current.scheduleCallback = nil
            if way == .kill { try tasklet.kill() }
            do { try Tasklet.runUntilDone() } catch is Failure where way == .raise {}
            try Tasklet.runUntilDone()
            #expect(!tasklet.isAlive)
            #expect(program.living == 0)
            #expect(program.isOver == program.hasBegun)
            #expect((program.livingAtTheEnd ?? 0) == 0, "left before all children had ended")
        }
        #expect(counter.count == 0)
        return wasOver
    }

    @Test(arguments: Way.allCases) func itIsEndedAtEachOfItsWaits(way: Way) throws {
        var switches = 1
        while try !run(endedAfter: switches, by: way) { switches += 1 }
        #expect(switches > 30, "the program has fewer waits than it should")
    }

    /// The scope ends at each of them.
    @Test func theScopeEndsAtEachOfItsWaits() throws {
        var turns = 0
        var isOver = false
        while !isOver {
            let counter = Tracked.Counter()
            let program = Program(counter)
            try Scheduler.scope {
                Tasklet { try program.run() }
                for _ in 0..<turns { try Tasklet.schedule() }
                isOver = program.isOver
            }
            #expect(program.living == 0)
            #expect(program.isOver == (turns > 0))
            #expect((program.livingAtTheEnd ?? 0) == 0)
            #expect(counter.count == 0)
            turns += 1
        }
        #expect(turns > 10)
    }

    /// A child fails at each of the waits of the others.
    @Test func aChildFailsAtEachOfTheWaits() throws {
        for turns in 0..<12 {
            let counter = Tracked.Counter()
            let program = Program(counter)
            var ended = 0
            try Scheduler.scope {
                #expect(throws: Failure.self) {
                    try withTaskletGroup(of: Void.self) { group in
                        try group.add {
                            for _ in 0..<turns { try Tasklet.schedule() }
                            throw Failure()
                        }
                        for _ in 0..<3 {
                            try group.add {
                                defer { ended += 1 }
                                try Tasklet.sleep(for: .seconds(3600))
                            }
                        }
                        try program.run()
                        try Tasklet.sleep(for: .seconds(3600))
                    }
                }
                #expect(program.living == 0)
                #expect(ended == 3)
            }
            #expect(counter.count == 0)
        }
    }
}
