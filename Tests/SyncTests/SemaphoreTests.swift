import Sync
import Tasklets
import Testing

struct SemaphoreTests {
    @Test func permitsAreGivenInTheOrderOfAsking() throws {
        try Scheduler.scope {
            let log = Log()
            let semaphore = Semaphore(0)
            for name in ["a", "b", "c"] { Tasklet { log.note(name) { try semaphore.acquire() } } }
            Tasklet {
                semaphore.release()
                semaphore.release()
                log.note("released")
            }
            try Tasklet.run()
            #expect(log.lines == ["released", "a: done", "b: done"])
            #expect(semaphore.available == 0)
        }
    }

    /// Nobody who comes later takes what was handed over to one that waited.
    @Test func aPermitIsHandedOver() throws {
        try Scheduler.scope {
            let log = Log()
            let semaphore = Semaphore(0)
            Tasklet { log.note("waiter") { try semaphore.acquire() } }
            try Tasklet.schedule()
            semaphore.release()
            #expect(semaphore.available == 0)
            #expect(!semaphore.tryAcquire())
            Tasklet { log.note("later") { try semaphore.acquire() } }
            try Tasklet.run()
            #expect(log.take() == ["waiter: done"])
            semaphore.release()
            try Tasklet.run()
            #expect(log.lines == ["later: done"])
        }
    }

    @Test func noMoreThanItsPermitsAreInside() throws {
        try Scheduler.scope {
            let log = Log()
            let semaphore = Semaphore(2)
            for name in ["a", "b", "c", "d"] {
                Tasklet {
                    try semaphore.withPermit {
                        log.note("+" + name)
                        try Tasklet.schedule()
                        log.note("-" + name)
                    }
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["+a", "+b", "-a", "-b", "+c", "+d", "-c", "-d"])
            #expect(semaphore.available == 2)
        }
    }

    @Test func aPermitComesBackWhenTheBodyThrows() throws {
        try Scheduler.scope {
            let semaphore = Semaphore(1, limit: 1, name: "slots")
            #expect(semaphore.name == "slots")
            #expect(throws: Interruption.self) { try semaphore.withPermit { throw Interruption() } }
            let seven = try semaphore.withPermit { 7 }
            #expect(seven == 7)
            #expect(semaphore.tryAcquire())
            #expect(!semaphore.tryAcquire())
            semaphore.release()
            #expect(semaphore.available == 1)
        }
    }
}
