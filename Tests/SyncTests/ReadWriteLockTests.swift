import Sync
import Tasklets
import Testing

struct ReadWriteLockTests {
    private let log = Log()

    @discardableResult
    private func reader(_ name: String, rounds: Int = 1, _ lock: ReadWriteLock) -> Tasklet {
        Tasklet(name: name) {
            do {
                try lock.withReadLock {
                    log.note("+" + name)
                    for _ in 0..<rounds { try Tasklet.schedule() }
                    log.note("-" + name)
                }
            } catch { log.note("\(name): \(Log.word(for: error))") }
        }
    }

    @discardableResult
    private func writer(_ name: String, rounds: Int = 1, _ lock: ReadWriteLock) -> Tasklet {
        Tasklet(name: name) {
            do {
                try lock.withWriteLock {
                    log.note("+" + name)
                    for _ in 0..<rounds { try Tasklet.schedule() }
                    log.note("-" + name)
                }
            } catch { log.note("\(name): \(Log.word(for: error))") }
        }
    }

    @Test func readersShareAndAWriterIsAlone() throws {
        try Scheduler.scope {
            let lock = ReadWriteLock()
            reader("r1", rounds: 2, lock)
            reader("r2", rounds: 2, lock)
            writer("w1", lock)
            reader("r3", lock)
            writer("w2", lock)
            reader("r4", lock)
            reader("r5", lock)
            try Tasklet.run()
            #expect(
                log.lines == [
                    "+r1", "+r2", "-r1", "-r2", "+w1", "-w1", "+r3", "-r3", "+w2", "-w2", "+r4", "+r5", "-r4", "-r5",
                ]
            )
        }
    }

    @Test func readersBehindAWriterThatLeavesGoOn() throws {
        try Scheduler.scope {
            let lock = ReadWriteLock()
            reader("r1", rounds: 9, lock)
            let leaving = writer("w", lock)
            reader("r2", lock)
            try Tasklet.schedule()
            #expect(log.take() == ["+r1"])
            try leaving.kill()
            try Tasklet.run()
            #expect(log.lines == ["w: killed", "+r2", "-r2", "-r1"])
        }
    }

    @Test func aLockHandedOverToOneThatIsKilledGoesOn() throws {
        try Scheduler.scope {
            let lock = ReadWriteLock()
            try lock.lockForWriting()
            let writing = writer("w", lock)
            let reading = reader("r1", lock)
            reader("r2", lock)
            try Tasklet.schedule()
            lock.unlock()
            try writing.kill(pending: true)
            try reading.kill(pending: true)
            try Tasklet.run()
            #expect(log.lines == ["w: killed", "r1: killed", "+r2", "-r2"])
            try lock.lockForWriting()
            lock.unlock()
        }
    }
}
