import Foundation
import Tasklets
import TestSupport
import Testing

/// What must be left when tasklets end from outside: nothing, and every `defer` has run.
struct EndOfLifeTests {
    private let living = Tracked.Counter()

    /// Makes a tasklet that holds a tracked object in its closure and another one on its stack while it waits.
    private func makeHolder(
        _ log: Log,
        name: String,
        scheduled: Bool = true,
        waiting: @escaping () throws -> Void
    ) -> Tasklet {
        let captured = Tracked(living)
        return Tasklet(name: name, scheduled: scheduled) { [living] in
            let local = Tracked(living)
            defer { log.add("\(name) defer") }
            try withExtendedLifetime((captured, local)) { try waiting() }
        }
    }

    @Test func killRunsDeferAndReleases() throws {
        let log = Log()
        try Scheduler.scope {
            var tasklet: Tasklet? = makeHolder(log, name: "A") { try Tasklet.scheduleRemove() }
            try Tasklet.run()
            #expect(living.count == 2)
            #expect(tasklet?.isPaused == true)
            try tasklet?.kill()
            #expect(tasklet?.isAlive == false)
            #expect(log.lines == ["A defer"])
            #expect(living.count == 0)
            tasklet = nil
        }
    }

    // Nothing is done with the object but to count it.
    private struct TrackedError: Error, @unchecked Sendable {
        let tracked: Tracked
    }

    @Test func anUncaughtErrorIsReleased() throws {
        try Scheduler.scope {
            for _ in 0..<3 {
                Tasklet { [living] in throw TrackedError(tracked: Tracked(living)) }
                #expect(throws: TrackedError.self) { try Tasklet.run() }
            }
            // The scheduler keeps the last one, for whoever asks.
            #expect(living.count == 1)
        }
        #expect(living.count == 0)
    }

    @Test func droppingTheLastHandleOfAPausedTaskletKillsIt() throws {
        let log = Log()
        try Scheduler.scope {
            var tasklet: Tasklet? = makeHolder(log, name: "A") { try Tasklet.scheduleRemove() }
            try Tasklet.run()
            #expect(tasklet?.isPaused == true)
            tasklet = nil
            #expect(log.lines == ["A defer"])
            #expect(living.count == 0)
        }
    }

    @Test func droppingANeverStartedTaskletDoesNotRunIt() throws {
        let log = Log()
        try Scheduler.scope {
            var tasklet: Tasklet? = makeHolder(log, name: "A", scheduled: false) {}
            #expect(tasklet?.isPaused == true)
            #expect(living.count == 1)
            tasklet = nil
            #expect(log.lines.isEmpty)
            #expect(living.count == 0)
        }
    }

    @Test func aQueuedTaskletNeedsNoHandle() throws {
        let log = Log()
        try Scheduler.scope {
            _ = makeHolder(log, name: "A") { try Tasklet.schedule() }
            try Tasklet.run()
        }
        #expect(log.lines == ["A defer"])
        #expect(living.count == 0)
    }

    /// More than there are records kept for the next ones: the others are freed at their tasklet's end.
    @Test func manyTaskletsEndAtOnce() throws {
        var ended = 0
        try Scheduler.scope {
            for _ in 0..<10_000 {
                let captured = Tracked(living)
                Tasklet {
                    try withExtendedLifetime(captured) { try Tasklet.schedule() }
                    ended += 1
                }
            }
            try Tasklet.run()
            #expect(ended == 10_000)
            #expect(living.count == 0)
        }
    }

    @Test func whoPausesWithoutAHandleEnds() throws {
        let log = Log()
        try Scheduler.scope {
            _ = makeHolder(log, name: "A") { try Tasklet.scheduleRemove() }
            Tasklet(name: "B") { log.add("B") }
            try Tasklet.run()
            #expect(log.lines == ["A defer", "B"])
            #expect(living.count == 0)
        }
    }

    @Test func whoSwitchesAwayWithoutAHandleEndsBeforeTheTarget() throws {
        let log = Log()
        try Scheduler.scope {
            let target = Tasklet(name: "T", scheduled: false) { log.add("T") }
            _ = makeHolder(log, name: "A") { try target.switch() }
            Tasklet(name: "B") { log.add("B") }
            try Tasklet.run()
            #expect(log.lines == ["A defer", "T", "B"])
        }
        #expect(living.count == 0)
    }

    @Test func whoCatchesTaskletExitIsKilledAgain() throws {
        let log = Log()
        try Scheduler.scope {
            var tasklet: Tasklet? = makeHolder(log, name: "A") {
                for attempt in 1...3 {
                    do {
                        let me = Tasklet.current
                        try Tasklet.scheduleRemove()
                        withExtendedLifetime(me) {}
                    } catch is TaskletExit {
                        log.add("caught \(attempt)")
                    }
                }
            }
            try Tasklet.run()
            try tasklet?.kill()
            try tasklet?.kill()
            #expect(tasklet?.isPaused == true)
            try tasklet?.kill()
            #expect(tasklet?.isAlive == false)
            tasklet = nil
        }
        #expect(log.lines == ["caught 1", "caught 2", "caught 3", "A defer"])
        #expect(living.count == 0)
    }

    @Test func theEndOfAScopeEndsEverybodyInOrderOfCreation() throws {
        let log = Log()
        try Scheduler.scope {
            let paused = makeHolder(log, name: "paused") { try Tasklet.scheduleRemove() }
            let queued = makeHolder(log, name: "queued") { while true { try Tasklet.schedule() } }
            let nested = makeHolder(log, name: "nested run") { try Tasklet.run() }
            try Tasklet.schedule()
            let never = makeHolder(log, name: "never ran") {}
            #expect(living.count == 7)
            let areAlive = [paused, queued, nested, never].allSatisfy { $0.isAlive }
            #expect(areAlive)
            log.add("scope ends")
        }
        #expect(log.lines == ["scope ends", "paused defer", "queued defer", "nested run defer"])
        #expect(living.count == 0)
    }

    @Test func cleanupMayGiveWayAndMakeTasklets() throws {
        let log = Log()
        try Scheduler.scope {
            Tasklet(name: "A") {
                defer {
                    Tasklet(name: "late") { log.add("late") }
                    try? Tasklet.schedule()
                    log.add("cleaned")
                }
                let me = Tasklet.current
                try Tasklet.scheduleRemove()
                withExtendedLifetime(me) {}
            }
            try Tasklet.run()
        }
        #expect(log.lines == ["late", "cleaned"])
    }

    /// As often as it likes, within reason: it is not refused while it only gives way.
    @Test func cleanupMayGiveWayOften() throws {
        var turns = 0
        try Scheduler.scope {
            for _ in 0..<3 {
                let tasklet = Tasklet {
                    defer { for _ in 0..<100 where (try? Tasklet.schedule()) != nil { turns += 1 } }
                    while true { try Tasklet.schedule() }
                }
                try tasklet.run()
            }
        }
        #expect(turns == 300)
    }

    @Test func aTrapLeftBehindDoesNotKeepTaskletsAlive() throws {
        let log = Log()
        try Scheduler.scope {
            _ = makeHolder(log, name: "A") { try Tasklet.schedule() }
            try Tasklet.schedule()
            Scheduler.current.switchTrap(1)
        }
        #expect(log.lines == ["A defer"])
        #expect(living.count == 0)
    }

    @Test func anErrorOfCleanupComesOutOfTheScope() {
        #expect(throws: Failure.self) {
            try Scheduler.scope {
                let tasklet = Tasklet {
                    do { try Tasklet.scheduleRemove() } catch { throw Failure() }
                }
                try Tasklet.run()
                #expect(tasklet.isPaused)
            }
        }
    }

    @Test func theScopesOwnErrorWins() {
        #expect(throws: CancellationError.self) {
            try Scheduler.scope {
                Tasklet { do { try Tasklet.schedule() } catch { throw Failure() } }
                try Tasklet.schedule()
                throw CancellationError()
            }
        }
    }

    @Test func theFormerSchedulerIsBackAfterAScope() throws {
        try Scheduler.scope {
            let outer = Tasklet.current
            let log = Log()
            Tasklet(name: "outer") { log.add("outer") }
            try Scheduler.scope {
                #expect(Tasklet.current != outer)
                #expect(Tasklet.runCount == 1)
                Tasklet(name: "inner") { log.add("inner") }
                try Tasklet.run()
            }
            #expect(Tasklet.current == outer)
            #expect(Tasklet.runCount == 2)
            try Tasklet.run()
            #expect(log.lines == ["inner", "outer"])
        }
    }

    @Test func aHandleOutlivesItsTaskletAndItsScheduler() throws {
        let tasklet = try Scheduler.scope { Tasklet(name: "A") {} }
        #expect(!tasklet.isAlive)
        #expect(tasklet.scheduler == nil)
        #expect(tasklet.name == "A")
        #expect(throws: TaskletError.threadNotInitialised) { try tasklet.insert() }
        #expect(throws: TaskletError.noThread) { try tasklet.run() }
        try tasklet.kill()
    }

    @Test func theEndOfAThreadEndsItsTasklets() {
        let log = Log()
        let living = living
        let thread = Thread {
            let captured = Tracked(living)
            Tasklet(name: "A") {
                defer { log.add("A defer") }
                try withExtendedLifetime(captured) { while true { try Tasklet.schedule() } }
            }
            try? Tasklet.schedule()
            log.add("thread ends")
        }
        thread.startAndWait { living.count == 0 && log.lines.count == 2 }
        #expect(log.lines == ["thread ends", "A defer"])
    }

    @Test func theLastHandleMayGoOnAnotherThread() throws {
        let log = Log()
        try Scheduler.scope {
            let box = Locked<Tasklet?>(nil)
            box.withLock { $0 = makeHolder(log, name: "A") { try Tasklet.scheduleRemove() } }
            try Tasklet.run()
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                box.withLock { $0 = nil }
                done.signal()
            }
            done.wait()
            // It cannot be ended there: it is queued here with its TaskletExit.
            #expect(log.lines.isEmpty)
            #expect(Tasklet.runCount == 2)
            try Tasklet.run()
            #expect(log.lines == ["A defer"])
        }
        #expect(living.count == 0)
    }
}

struct Failure: Error {}

/// Lines from whatever thread.
final class Log: Sendable {
    private let storage = Locked<[String]>([])

    var lines: [String] { storage.withLock { $0 } }

    func add(_ line: String) {
        storage.withLock { $0.append(line) }
    }
}

extension Thread {
    /// Starts the thread and polls until `condition` holds: what runs at a thread's very end cannot signal.
    func startAndWait(until condition: () -> Bool) {
        start()
        while !condition() { sched_yield() }
    }
}
