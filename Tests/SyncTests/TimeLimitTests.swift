import Sync
import Tasklets
import Testing

/// A time limit ends every wait, and leaves the object as if nobody had come.
struct TimeLimitTests {
    /// Runs `wait` in a tasklet under a time limit of a second, while nothing comes that could end it.
    private static func expectTimeout(_ wait: @escaping () throws -> Void) throws {
        var error: (any Error)?
        Tasklet {
            do { try withTimeout(.seconds(1), wait) } catch let caught { error = caught }
        }
        try Tasklet.run()
        #expect(error is TimeoutError)
    }

    @Test func everyWaitEnds() throws {
        try Scheduler.scope(clock: .virtual) {
            let event = Event()
            try Self.expectTimeout(event.wait)
            #expect(event.line.first == nil)
            let semaphore = Semaphore(0)
            try Self.expectTimeout(semaphore.acquire)
            #expect(semaphore.line.first == nil)
            let barrier = Barrier(2)
            try Self.expectTimeout { try barrier.wait() }
            #expect(barrier.line.first == nil)
            let lock = Lock()
            try lock.withLock { try Self.expectTimeout { try lock.withLock {} } }
            #expect(!lock.isLocked)
            let table = ReadWriteLock()
            try table.withReadLock { try Self.expectTimeout { try table.withWriteLock {} } }
            try table.withWriteLock { try Self.expectTimeout { try table.withReadLock {} } }
            #expect(table.line.first == nil)
            let queue = Queue<Int>(capacity: 1)
            try Self.expectTimeout { _ = try queue.receive() }
            try Self.expectTimeout { _ = try queue.peek() }
            try Self.expectTimeout { try queue.send(contentsOf: [1, 2]) }
            try Self.expectTimeout(queue.join)
            #expect(queue.count == 1)
            #expect(queue.line.first == nil)
        }
    }

    @Test func aConditionHasItsLockAgain() throws {
        try Scheduler.scope(clock: .virtual) {
            let lock = Lock()
            let condition = Condition(lock)
            let log = Log()
            Tasklet {
                try lock.withLock {
                    do { try withTimeout(.seconds(1), condition.wait) } catch is TimeoutError { log.note("time is up") }
                    log.note("locked: \(lock.isLocked)")
                }
            }
            Tasklet {
                // Has the lock when the time is up.
                try lock.withLock { try Tasklet.sleep(for: .seconds(2)) }
                log.note("unlocked")
            }
            try Tasklet.run()
            #expect(log.lines == ["unlocked", "time is up", "locked: true"])
            #expect(!lock.isLocked)
        }
    }

    /// The time is up after the hand-over and before the turn: the wait has succeeded.
    @Test func whatWasHandedOverInTimeIsNotLost() throws {
        try Scheduler.scope(clock: .virtual) {
            let semaphore = Semaphore(0)
            let log = Log()
            Tasklet {
                log.note("block") {
                    try withTimeout(.seconds(1)) {
                        log.note("acquire") { try semaphore.acquire() }
                    }
                }
            }
            Tasklet {
                try Tasklet.sleep(for: .seconds(1))
                semaphore.release()
            }
            try Tasklet.run()
            // Who has acquired, or else the permit is still there.
            #expect(log.lines.contains("acquire: done") == (semaphore.available == 0))
        }
    }
}
