import Sync
import Tasklets
import Testing

struct ConditionTests {
    private let log = Log()

    /// Makes a tasklet that waits for the condition once.
    private func waiter(_ name: String, _ lock: Lock, _ condition: Condition) -> Tasklet {
        Tasklet(name: name) {
            log.note(name) { try lock.withLock { try condition.wait() } }
        }
    }

    @Test func aSignalWakesTheFirstThatWaits() throws {
        try Scheduler.scope {
            let lock = Lock()
            let condition = Condition(lock)
            condition.signal()
            for name in ["a", "b", "c"] { _ = waiter(name, lock, condition) }
            try Tasklet.run()
            #expect(log.lines == [])
            #expect(!lock.isLocked)
            try lock.withLock {
                condition.signal()
                condition.signal()
                try Tasklet.schedule()
                log.note("unlocks")
            }
            try Tasklet.run()
            #expect(log.lines == ["unlocks", "a: done", "b: done"])
        }
    }

    @Test func aBroadcastWakesAllInOrder() throws {
        try Scheduler.scope {
            let lock = Lock()
            let condition = Condition(lock, name: "changed")
            #expect(condition.name == "changed")
            for name in ["a", "b", "c"] { _ = waiter(name, lock, condition) }
            try Tasklet.run()
            condition.broadcast()
            log.note("broadcast")
            _ = waiter("late", lock, condition)
            try Tasklet.run()
            #expect(log.lines == ["broadcast", "a: done", "b: done", "c: done"])
        }
    }

    @Test func aWaitForATruthLooksAgain() throws {
        try Scheduler.scope {
            let lock = Lock()
            let condition = Condition(lock)
            var stock = 0
            for name in ["a", "b"] {
                Tasklet {
                    try lock.withLock {
                        try condition.wait {
                            log.note("\(name) sees \(stock)")
                            return stock > 0
                        }
                        stock -= 1
                    }
                }
            }
            Tasklet {
                for _ in 1...2 {
                    try lock.withLock {
                        stock += 1
                        condition.broadcast()
                    }
                    try Tasklet.schedule()
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["a sees 0", "b sees 0", "a sees 1", "b sees 0", "b sees 1"])
            #expect(stock == 0)
        }
    }

    @Test func theLockIsHeldAgainAfterAnError() throws {
        try Scheduler.scope {
            let lock = Lock()
            let condition = Condition(lock)
            let killed = Tasklet {
                try lock.lock()
                log.note("wait") { try condition.wait() }
                log.note("locked: \(lock.isLocked)")
                lock.unlock()
            }
            try Tasklet.schedule()
            // Somebody else has the lock when the error comes.
            try lock.lock()
            killed.cancel()
            try Tasklet.schedule()
            try killed.kill(pending: true)
            try Tasklet.schedule()
            #expect(log.lines == [])
            lock.unlock()
            try Tasklet.run()
            #expect(log.lines == ["wait: killed", "locked: true"])
            #expect(!lock.isLocked)
        }
    }

    @Test func aRefusedWaitKeepsTheLock() throws {
        try Scheduler.scope {
            let lock = Lock()
            let condition = Condition(lock)
            let cancelled = Tasklet {
                try lock.withLock { log.note("wait") { try condition.wait() } }
            }
            cancelled.cancel()
            Tasklet { log.note("other") { try lock.withLock {} } }
            try Tasklet.run()
            #expect(log.lines == ["wait: cancelled", "other: done"])
        }
    }

    /// Woken by a signal, and killed before its turn: another one gets the signal.
    @Test func aSignalGoesOnWhenItsReceiverIsKilled() throws {
        try Scheduler.scope {
            let lock = Lock()
            let condition = Condition(lock)
            let tasklets = ["a", "b", "c"].map { waiter($0, lock, condition) }
            try Tasklet.schedule()
            condition.signal()
            try tasklets[0].kill()
            try Tasklet.run()
            #expect(log.lines == ["a: killed", "b: done"])
            condition.broadcast()
            try tasklets[2].kill()
            _ = waiter("late", lock, condition)
            try Tasklet.run()
            #expect(log.lines == ["a: killed", "b: done", "c: killed"])
        }
    }

    /// Nobody can ever unlock: the wait ends without the lock, and withLock does not unlock it.
    @Test func aLockThatCannotBeHadEndsTheWait() throws {
        try Scheduler.scope {
            let lock = Lock()
            let condition = Condition(lock)
            let other = Tasklet(scheduled: false) {
                try lock.lock()
                condition.signal()
                try Tasklet.scheduleRemove()
            }
            let error = try #require(throws: DeadlockError.self) {
                try lock.withLock {
                    try other.insert()
                    try condition.wait()
                }
            }
            #expect(error.reason == .deadlock)
            #expect(lock.isLocked)
        }
    }
}
