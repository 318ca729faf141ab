import Sync
import Tasklets
import Testing

struct LockTests {
    @Test func oneIsInsideAndTheOthersFollowInOrder() throws {
        try Scheduler.scope {
            let log = Log()
            let lock = Lock(name: "lock")
            for name in ["a", "b", "c"] {
                Tasklet {
                    try lock.withLock {
                        log.note("+" + name)
                        try Tasklet.schedule()
                        log.note("-" + name)
                    }
                    log.note(name)
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["+a", "-a", "a", "+b", "-b", "b", "+c", "-c", "c"])
            #expect(!lock.isLocked)
        }
    }

    /// One that unlocks and locks again at once waits for those that came before it.
    @Test func theLockIsHandedOver() throws {
        try Scheduler.scope {
            let log = Log()
            let lock = Lock()
            for name in ["a", "b"] {
                Tasklet {
                    for round in 1...2 {
                        try lock.withLock {
                            log.note("\(name)\(round)")
                            try Tasklet.schedule()
                        }
                    }
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["a1", "b1", "a2", "b2"])
        }
    }

    @Test func tryLockNeverWaits() throws {
        try Scheduler.scope {
            let lock = Lock()
            #expect(lock.tryLock())
            #expect(lock.isLocked)
            #expect(!lock.tryLock())
            var other: Bool?
            Tasklet { other = lock.tryLock() }
            try Tasklet.run()
            #expect(other == false)
            lock.unlock()
            #expect(!lock.isLocked)
        }
    }

    @Test func aBodyThatThrowsUnlocks() throws {
        try Scheduler.scope {
            let lock = Lock()
            #expect(throws: Interruption.self) { try lock.withLock { throw Interruption() } }
            #expect(!lock.isLocked)
            let recursive = RecursiveLock()
            #expect(throws: Interruption.self) {
                try recursive.withLock { try recursive.withLock { throw Interruption() } }
            }
            #expect(!recursive.isLocked)
        }
    }

    @Test func aRecursiveLockIsFreeWhenItsHolderHasUnlockedAsOften() throws {
        try Scheduler.scope {
            let log = Log()
            let lock = RecursiveLock(name: "tree")
            try lock.lock()
            try lock.lock()
            #expect(lock.tryLock())
            Tasklet {
                log.note("tried \(lock.tryLock())")
                log.note("other") { try lock.lock() }
                log.note("again") { try lock.lock() }
                lock.unlock()
                lock.unlock()
            }
            for depth in (0...2).reversed() {
                try Tasklet.run()
                log.note("\(depth)")
                lock.unlock()
            }
            try Tasklet.run()
            #expect(log.lines == ["tried false", "2", "1", "0", "other: done", "again: done"])
            #expect(!lock.isLocked)
        }
    }
}
