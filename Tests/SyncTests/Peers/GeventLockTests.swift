import Sync
import Tasklets
import Testing

/// What the tests of locks check that gevent shares with Python's threads: barriers, conditions, recursive locks.
/// docs/PeerCases.md lists all cases.
struct GeventLockTests {
    private let log = Log()

    // MARK: Barriers

    /// Nobody enters the next pass before all have come to the end of this one.
    @Test(arguments: [1, 10]) func aBarrierIsPassedAgainAndAgain(passes: Int) throws {
        try Scheduler.scope { () throws -> Void in
            let barrier = Barrier(5)
            var arrived = Array(repeating: 0, count: 2 * passes)
            for _ in 1...5 {
                Tasklet {
                    for pass in 0..<2 * passes {
                        arrived[pass] += 1
                        try barrier.wait()
                        #expect(arrived[...pass].allSatisfy { $0 == 5 })
                    }
                }
            }
            try Tasklet.runUntilDone()
            #expect(arrived == Array(repeating: 5, count: 2 * passes))
            #expect(barrier.line.first == nil)
        }
    }

    /// One of them is told to be the last. What it does without a wait is done before the others go on.
    @Test func oneDoesTheActionOfABarrier() throws {
        try Scheduler.scope { () throws -> Void in
            let barrier = Barrier(3)
            for name in ["a", "b", "c"] {
                Tasklet {
                    if try barrier.wait() { log.note("action of \(name)") }
                    log.note(name)
                }
            }
            try Tasklet.runUntilDone()
            #expect(log.lines == ["action of c", "c", "a", "b"])
        }
    }

    /// One whose time is up has not come; the others go on waiting. Python's barrier is broken for all then.
    @Test func oneWhoseTimeIsUpDoesNotBreakTheBarrier() throws {
        try withVirtualTime { () throws -> Void in
            let barrier = Barrier(3)
            Tasklet { log.note("a") { try barrier.wait() } }
            Tasklet {
                log.note("short") {
                    try withTimeout(.milliseconds(10), throwing: Interruption()) { _ = try barrier.wait() }
                }
            }
            for name in ["b", "c"] {
                Tasklet {
                    try Tasklet.sleep(for: .milliseconds(20))
                    log.note(name) { _ = try barrier.wait() }
                }
            }
            try Tasklet.runUntilDone()
            #expect(log.lines == ["short: Interruption()", "c: done", "a: done", "b: done"])
            #expect(milliseconds() == 20)
        }
    }

    /// Where Python aborts a barrier, a group is cancelled: all that wait leave, and the barrier is as new.
    @Test func allLeaveABarrier() throws {
        try Scheduler.scope { () throws -> Void in
            let barrier = Barrier(4)
            #expect(throws: Interruption.self) {
                try withTaskletGroup(of: Void.self) { group in
                    for name in ["a", "b", "c"] { try group.add { log.note(name) { _ = try barrier.wait() } } }
                    try group.add { throw Interruption() }
                }
            }
            #expect(log.take() == ["a", "b", "c"].map { "\($0): cancelled" })
            for name in ["a", "b", "c", "d"] { Tasklet { log.note(name) { _ = try barrier.wait() } } }
            try Tasklet.runUntilDone()
            #expect(log.lines == ["d", "a", "b", "c"].map { "\($0): done" })
        }
    }

    // MARK: Locks

    /// Five that take the lock again inside; the others wait until the last unlock.
    @Test func aRecursiveLockIsHeldUntilTheLastUnlock() throws {
        try Scheduler.scope { () throws -> Void in
            let lock = RecursiveLock()
            for number in 1...5 {
                Tasklet {
                    try lock.withLock {
                        try lock.withLock { try Tasklet.schedule() }
                        log.note("+\(number)")
                        try Tasklet.schedule()
                        log.note("-\(number)")
                    }
                }
            }
            try Tasklet.schedule()
            #expect(lock.isLocked)
            #expect(!lock.tryLock())
            try Tasklet.runUntilDone()
            #expect(log.lines == (1...5).flatMap { ["+\($0)", "-\($0)"] })
            #expect(lock.tryLock())
        }
    }

    /// A thousand locks that are made, taken and left: nothing is kept of them.
    @Test func locksThatGoAwayWhileTheyAreHeld() throws {
        try Scheduler.scope { () throws -> Void in
            for _ in 1...1000 {
                try Lock().lock()
                try RecursiveLock().lock()
                try Semaphore(1).acquire()
                try ReadWriteLock().lockForWriting()
            }
            #expect(SchedulerCore.current.validate() == [])
        }
    }

    // MARK: Permits

    /// Seven permits among ten that want two each: as many are inside as there are permits, whoever releases them.
    @Test func permitsLetInSoMany() throws {
        try Scheduler.scope { () throws -> Void in
            let semaphore = Semaphore(7)
            try semaphore.acquire()
            var taken = 0
            for _ in 1...10 {
                Tasklet {
                    for _ in 1...2 {
                        try semaphore.acquire()
                        taken += 1
                    }
                }
            }
            try Tasklet.run()
            #expect(taken == 6)
            for count in [7, 6, 1] {
                let before = taken
                for _ in 0..<count { semaphore.release() }
                try Tasklet.run()
                #expect(taken == before + count)
            }
            try Tasklet.runUntilDone()
            #expect(taken == 20)
            #expect(semaphore.available == 0)
        }
    }

    // MARK: Conditions

    /// A wait for a truth that comes with the third of four signals.
    @Test func aWaitForATruthWithATime() throws {
        try withVirtualTime { () throws -> Void in
            let lock = Lock()
            let condition = Condition(lock)
            var state = 0
            Tasklet {
                for _ in 1...4 {
                    try Tasklet.sleep(for: .milliseconds(10))
                    try lock.withLock {
                        state += 1
                        condition.signal()
                    }
                }
            }
            let isTrue = try lock.withLock {
                try withTimeout(.milliseconds(100), orElse: false) {
                    try condition.wait { state == 3 }
                    return true
                }
            }
            #expect(isTrue)
            #expect(milliseconds() == 30)
            let isTrueLater = try lock.withLock {
                try withTimeout(.milliseconds(100), orElse: false) {
                    try condition.wait { state == 9 }
                    return true
                }
            }
            #expect(!isTrueLater)
            #expect(milliseconds() == 130)
            #expect(!lock.isLocked)
        }
    }
}
