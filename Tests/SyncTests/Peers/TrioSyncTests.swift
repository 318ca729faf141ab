import Sync
import Tasklets
import Testing

/// What trio's users rely on in events, semaphores, locks and conditions. docs/PeerCases.md lists all cases.
struct TrioSyncTests {
    private let log = Log()

    // MARK: Whatever is like a lock

    @Test(arguments: LockLike.kinds.keys.sorted()) func oneIsInsideAtATime(kind: String) throws {
        try Scheduler.scope { () throws -> Void in
            let lock = LockLike.kinds[kind]!()
            var isInside = false
            var visits = 0
            for _ in 1...5 {
                Tasklet {
                    for _ in 1...10 {
                        try lock {
                            #expect(!isInside)
                            isInside = true
                            for _ in 1...2 { try Tasklet.schedule() }
                            isInside = false
                            visits += 1
                        }
                    }
                }
            }
            try Tasklet.runUntilDone()
            #expect(visits == 50)
            #expect(try lock.tryAcquire())
        }
    }

    @Test(arguments: LockLike.kinds.keys.sorted()) func thoseThatComeAgainTakeTurns(kind: String) throws {
        try Scheduler.scope { () throws -> Void in
            let lock = LockLike.kinds[kind]!()
            for name in ["a", "b", "c"] {
                Tasklet {
                    for _ in 1...5 {
                        try lock {
                            log.note(name)
                            try Tasklet.schedule()
                        }
                    }
                }
            }
            try Tasklet.runUntilDone()
            #expect(log.lines == Array(repeating: ["a", "b", "c"], count: 5).flatMap { $0 })
        }
    }

    /// One that does not wait inside keeps the others waiting: an operation that needs no wait gives no turn, as trio's does.
    @Test(arguments: LockLike.kinds.keys.sorted()) func withoutAWaitNobodyElseHasATurn(kind: String) throws {
        try Scheduler.scope { () throws -> Void in
            let lock = LockLike.kinds[kind]!()
            for name in ["a", "b"] {
                Tasklet { for _ in 1...3 { try lock { log.note(name) } } }
            }
            try Tasklet.runUntilDone()
            #expect(log.lines == ["a", "a", "a", "b", "b", "b"])
        }
    }

    @Test(arguments: LockLike.kinds.keys.sorted()) func whatATryHasTakenOthersWaitFor(kind: String) throws {
        try Scheduler.scope { () throws -> Void in
            let lock = LockLike.kinds[kind]!()
            #expect(try lock.tryAcquire())
            Tasklet {
                log.note("started")
                try lock { log.note("inside") }
                log.note("finished")
            }
            try Tasklet.run()
            #expect(log.lines == ["started"])
            try lock.release()
            try Tasklet.run()
            #expect(log.lines == ["started", "inside", "finished"])
        }
    }

    /// Those that wait leave nothing behind when their group is cancelled, and whoever was inside has left.
    @Test(arguments: LockLike.kinds.keys.sorted()) func aCancelledGroupLeavesItFree(kind: String) throws {
        try withVirtualTime { () throws -> Void in
            let lock = LockLike.kinds[kind]!()
            try withTaskletGroup(of: Void.self) { group in
                for name in ["holder", "second", "third"] {
                    try group.add { log.note(name) { try lock { try Tasklet.sleep(for: .seconds(1000)) } } }
                }
                try Tasklet.schedule()
                #expect(try !lock.tryAcquire())
                group.cancelAll()
            }
            #expect(log.lines == ["holder: cancelled", "second: cancelled", "third: cancelled"])
            #expect(milliseconds() == 0)
            #expect(try lock.tryAcquire())
        }
    }

    // MARK: Locks

    @Test func aTryOfTheHolder() throws {
        try Scheduler.scope { () throws -> Void in
            let lock = Lock()
            #expect(lock.tryLock())
            #expect(!lock.tryLock(), "no error: trio's is one")
            lock.unlock()
            #expect(!lock.isLocked)
            let recursive = RecursiveLock()
            #expect(recursive.tryLock() && recursive.tryLock())
            recursive.unlock()
            #expect(recursive.isLocked)
            recursive.unlock()
            #expect(!recursive.isLocked)
        }
    }

    /// A lock whose holder has ended is held for ever. trio's throws at once, ours when nobody is left to run.
    @Test func theHolderHasEndedWithoutUnlocking() throws {
        try Scheduler.scope { () throws -> Void in
            let lock = Lock(name: "x")
            Tasklet(name: "careless") { try lock.lock() }
            try Tasklet.run()
            let error = try #require(throws: DeadlockError.self) { try lock.lock() }
            #expect(error.waiters.map(\.operation) == ["acquire of lock 'x', held by 'careless'"])
            Tasklet { log.note("waiter") { try lock.withLock {} } }
            #expect(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
        }
    }

    // MARK: Semaphores as limits that change

    /// More permits let in those that wait. Fewer: permits are taken as they become free, in line with the others.
    @Test func aLimitGrowsAndShrinks() throws {
        try withVirtualTime { () throws -> Void in
            let limit = Semaphore(2)
            let end = (0..<5).map { _ in Event() }
            var inside: Set<Int> = []
            for number in 0..<5 {
                Tasklet {
                    try limit.withPermit {
                        inside.insert(number)
                        try end[number].wait()
                        inside.remove(number)
                    }
                }
            }
            try Tasklet.run()
            #expect(inside == [0, 1])
            for _ in 1...2 { limit.release() }
            try Tasklet.run()
            #expect(inside == [0, 1, 2, 3])
            let shrink = Tasklet.spawn { for _ in 1...3 { try limit.acquire() } }
            for number in 0...1 { end[number].set() }
            try Tasklet.run()
            #expect(inside == [2, 3, 4], "the one that came before the limit shrank is served first")
            for number in 2...4 { end[number].set() }
            try shrink.value()
            #expect(inside == [])
            try Tasklet.run()
            #expect(limit.available == 1)
        }
    }

    @Test func withoutPermitsNobodyGetsIn() throws {
        try Scheduler.scope { () throws -> Void in
            let closed = Semaphore(0)
            let waiters = (0..<5).map { number in
                Tasklet.spawn {
                    try closed.acquire()
                    return number
                }
            }
            try Tasklet.run()
            #expect(waiters.allSatisfy { $0.result == nil })
            for _ in waiters { closed.release() }
            #expect(try Promise.all(waiters) == [0, 1, 2, 3, 4])
            #expect(closed.available == 0)
        }
    }

    // MARK: Conditions

    @Test func aConditionWakesSoMany() throws {
        try Scheduler.scope { () throws -> Void in
            let lock = Lock()
            let condition = Condition(lock)
            func begin() throws {
                for name in ["a", "b", "c"] {
                    Tasklet {
                        try lock.withLock { try condition.wait() }
                        log.note(name)
                    }
                }
                try Tasklet.run()
                #expect(!lock.isLocked)
            }
            try begin()
            try lock.withLock { condition.signal() }
            try Tasklet.run()
            #expect(log.take() == ["a"])
            try lock.withLock { condition.broadcast() }
            try Tasklet.run()
            #expect(log.take() == ["b", "c"])

            try begin()
            try lock.withLock {
                for _ in 1...2 { condition.signal() }
                #expect(condition.line.fields.count == 1)
                // Unlike trio's, those that were woken line up for the lock in their own turns.
                try Tasklet.run()
                #expect(lock.line.fields.count == 2)
            }
            #expect(lock.isLocked, "it was handed over to the first")
            try Tasklet.run()
            #expect(log.take() == ["a", "b"])
            condition.signal()
            try Tasklet.run()
            #expect(log.take() == ["c"], "a signal needs no lock here")
        }
    }

    /// A cancellation of the wait leaves the lock with the one that waited, for its cleanup.
    @Test func theLockIsHeldInTheCleanup() throws {
        try Scheduler.scope { () throws -> Void in
            let lock = Lock()
            let condition = Condition(lock)
            let waiter = Tasklet {
                try lock.withLock {
                    defer { log.note("locked: \(lock.isLocked)") }
                    try condition.wait()
                }
            }
            waiter.cancel()
            try Tasklet.run()
            #expect(log.lines == ["locked: true"])
            #expect(!lock.isLocked)
        }
    }
}
