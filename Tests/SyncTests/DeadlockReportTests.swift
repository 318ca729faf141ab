import CTasklets
import Channels
import Sync
import Tasklets
import TestSupport
import Testing

/// Reports name what a tasklet waits for, and who holds it.
struct DeadlockReportTests {
    /// What `body`'s tasklets wait for when all of them do, in the order of their making.
    private static func waits(_ body: () throws -> Void) throws -> [String] {
        try Scheduler.scope {
            try body()
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(error.cycle.isEmpty)
            return error.waiters.map { "\($0.name): \($0.operation)" }
        }
    }

    @Test func everyWaitIsNamed() throws {
        let waits = try Self.waits {
            let event = Event(name: "ready")
            Tasklet(name: "a") { try event.wait() }
            let semaphore = Semaphore(0, name: "slots")
            Tasklet(name: "b") { try semaphore.acquire() }
            let barrier = Barrier(3, name: "step")
            for name in ["c", "d"] { Tasklet(name: name) { try barrier.wait() } }
            let condition = Condition(Lock(), name: "stock")
            let lock = Lock(name: "x")
            let guarded = Condition(lock, name: "changed")
            Tasklet(name: "e") { try lock.withLock { try guarded.wait() } }
            condition.signal()
            let empty = Queue<Int>(name: "jobs")
            Tasklet(name: "f") { _ = try empty.receive() }
            Tasklet(name: "g") { _ = try empty.peek() }
            let full = Queue<Int>(capacity: 1, name: "results")
            Tasklet(name: "h") { try full.send(contentsOf: 1...2) }
            Tasklet(name: "i") { try full.join() }
        }
        #expect(
            waits == [
                "a: wait for event 'ready'",
                "b: acquire of semaphore 'slots'",
                "c: wait at barrier 'step', to which 2 of 3 have come",
                "d: wait at barrier 'step', to which 2 of 3 have come",
                "e: wait for condition 'changed'",
                "f: receive on queue 'jobs'",
                "g: peek on queue 'jobs'",
                "h: send on queue 'results'",
                "i: join of queue 'results', with 1 not done",
            ]
        )
    }

    @Test func whatHasNoNameIsNamedByItsPlace() throws {
        let line = UInt(#line) + 2
        let waits = try Self.waits {
            let semaphore = Semaphore(0)
            let lock = RecursiveLock()
            Tasklet(name: "holder") { try lock.withLock { try semaphore.acquire() } }
            Tasklet(name: "waiter") { try lock.withLock {} }
        }
        #expect(
            waits == [
                "holder: acquire of the semaphore made at SyncTests/DeadlockReportTests.swift:\(line):38",
                "waiter: acquire of the recursive lock made at SyncTests/DeadlockReportTests.swift:\(line + 1):37, "
                    + "held by 'holder'",
            ]
        )
    }

    @Test func whoHoldsALockIsNamed() throws {
        let waits = try Self.waits {
            let never = Event(name: "never")
            let lock = ReadWriteLock(name: "table")
            for name in ["r1", "r2"] { Tasklet(name: name) { try lock.withReadLock { try never.wait() } } }
            Tasklet(name: "w") { try lock.withWriteLock {} }
            Tasklet(name: "r3") { try lock.withReadLock {} }
            let other = ReadWriteLock(name: "other")
            Tasklet(name: "w2") { try other.withWriteLock { try never.wait() } }
            Tasklet(name: "r4") { try other.withReadLock {} }
        }
        #expect(
            waits == [
                "r1: wait for event 'never'",
                "r2: wait for event 'never'",
                "w: acquire of read-write lock 'table' for writing, held by 'r1', 'r2' for reading",
                "r3: acquire of read-write lock 'table' for reading, held by 'r1', 'r2' for reading",
                "w2: wait for event 'never'",
                "r4: acquire of read-write lock 'other' for reading, held by 'w2' for writing",
            ]
        )
    }

    /// Each thread and each scope has a main tasklet.
    @Test func whoseMainHoldsALockIsNamed() throws {
        try Scheduler.scope {
            let lock = Lock(name: "x")
            let table = ReadWriteLock(name: "table")
            try lock.lock()
            try table.lockForReading()
            let dump = Locked("")
            let waitForBoth: @Sendable () -> Void = {
                do {
                    let waiters = [Tasklet { try lock.lock() }, Tasklet { try table.lockForWriting() }]
                    try Tasklet.schedule()
                    dump.withLock { $0 = Scheduler.current.dump() }
                    for waiter in waiters { try waiter.kill() }
                } catch { fatalError("\(error)") }
            }

            waitForBoth()
            let own = dump.withLock { $0 }
            #expect(own.contains("acquire of lock 'x', held by 'main'"))
            #expect(!own.contains("held by 'main' of"), "\(own)")

            TestThread(waitForBoth).join()
            let thread = dump.withLock { $0 }
            #expect(thread.contains("acquire of lock 'x', held by 'main' of thread \(thread_number())"), "\(thread)")
            #expect(
                thread.contains("for writing, held by 'main' of thread \(thread_number()) for reading"),
                "\(thread)"
            )

            try Scheduler.scope { waitForBoth() }
            let scope = dump.withLock { $0 }
            #expect(scope.contains("acquire of lock 'x', held by 'main' of another scope"), "\(scope)")
        }
    }

    /// It has ended without unlocking: its record may serve another tasklet, which is not taken for it.
    @Test func aHolderThatHasEndedIsNamed() throws {
        try Scheduler.scope {
            let lock = Lock(name: "x")
            Tasklet(name: "careless") { try lock.lock() }
            try Tasklet.run()
            Tasklet(name: "waiter") { try lock.lock() }
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(error.waiters.map(\.operation) == ["acquire of lock 'x', held by 'careless'"])
            #expect(error.cycle.isEmpty)
        }
    }

    // MARK: Rings

    /// Tasklets of the given names, each of which takes its own lock, and then that of the next.
    private static func makeRing(_ names: [String]) {
        let locks = names.map { Lock(name: "lock of \($0)") }
        for (number, name) in names.enumerated() {
            Tasklet(name: name) {
                try locks[number].withLock {
                    try Tasklet.schedule()
                    try locks[(number + 1) % names.count].withLock {}
                }
            }
        }
    }

    @Test func aRingOfTwoIsNamed() throws {
        try Scheduler.scope {
            let x = Lock(name: "x")
            let y = Lock(name: "y")
            func take(_ first: Lock, _ second: Lock) throws {
                try first.withLock {
                    try Tasklet.schedule()
                    try second.lock()
                }
            }
            let line = UInt(#line)
            Tasklet(name: "a") { try take(x, y) }
            Tasklet(name: "b") { try take(y, x) }
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(
                error.description == """
                    Deadlock: the last runnable tasklet blocked.
                      tasklet 'a' (made at SyncTests/DeadlockReportTests.swift:\(line + 1)) waits in acquire of lock 'y', held by 'b'
                      tasklet 'b' (made at SyncTests/DeadlockReportTests.swift:\(line + 2)) waits in acquire of lock 'x', held by 'a'
                      In a cycle: 'a' waits in acquire of lock 'y', held by 'b'; 'b' waits in acquire of lock 'x', held by 'a'
                    """
            )
        }
    }

    @Test(arguments: [2, 3, 50]) func aRingIsFoundAmongOthers(count: Int) throws {
        try Scheduler.scope {
            let never = Event()
            let held = Lock()
            Tasklet(name: "holder") { try held.withLock { try never.wait() } }
            for number in 0..<3 { Tasklet(name: "waiter \(number)") { try held.withLock {} } }
            let names = (0..<count).map { "ring \($0)" }
            Self.makeRing(names)
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(error.waiters.count == count + 4)
            #expect(error.cycle.map(\.name) == names)
        }
    }

    /// A reader waits behind a writer, which waits for the reader's partner: the way leads over one of several holders.
    @Test func aRingOverOneOfSeveralReadersIsFound() throws {
        try Scheduler.scope {
            let never = Event()
            let table = ReadWriteLock(name: "table")
            let lock = Lock(name: "x")
            Tasklet(name: "r1") { try table.withReadLock { try never.wait() } }
            Tasklet(name: "r2") {
                try table.withReadLock {
                    try Tasklet.schedule()
                    try lock.lock()
                }
            }
            Tasklet(name: "w") { try lock.withLock { try table.lockForWriting() } }
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(error.cycle.map(\.name) == ["r2", "w"])
        }
    }

    @Test func mainIsNamedInARing() throws {
        try Scheduler.scope {
            let x = Lock(name: "x")
            let y = Lock(name: "y")
            try x.lock()
            Tasklet(name: "other") { try y.withLock { try x.lock() } }
            try Tasklet.schedule()
            let error = try #require(throws: DeadlockError.self) { try y.lock() }
            #expect(error.cycle.map(\.name) == ["main", "other"])
            #expect(y.isLocked)
            x.unlock()
        }
    }

    // MARK: Main

    @Test func theReasonTellsWhatMainWaitsFor() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            func reason(_ body: () throws -> Void) throws -> DeadlockError.Reason {
                Tasklet {}
                return try #require(throws: DeadlockError.self, performing: body).reason
            }
            #expect(try reason { _ = try queue.receive() } == .mainReceiving)
            #expect(try reason { _ = try queue.peek() } == .mainReceiving)
            try queue.send(1)
            #expect(try reason { try queue.send(2) } == .mainSending)
            #expect(try reason { try queue.join() } == .mainWaiting)
            #expect(try reason { try Event().wait() } == .mainWaiting)
        }
    }

    @Test func aDumpSaysWhoHoldsALock() throws {
        try Scheduler.scope {
            let lock = Lock(name: "x")
            try lock.lock()
            Tasklet(name: "waiter") { try lock.lock() }
            try Tasklet.schedule()
            #expect(Scheduler.current.dump().contains("waits in acquire of lock 'x', held by 'main' for "))
            lock.unlock()
        }
    }
}
