import Sync
import Tasklets
import Testing

/// What has been handed over to a tasklet that gets an error before its turn goes to the next, or back.
struct HandOverTests {
    /// How the error comes.
    enum Ending: CaseIterable {
        case kill, pendingKill, raise, dropped
    }

    private let log = Log()

    /// Runs `wait` in three tasklets. When all wait, `give` hands something to the first one, which is then ended.
    private func endTheFirst(_ ending: Ending, give: () -> Void, wait: @escaping (String) throws -> Void) throws {
        var tasklets = ["a", "b", "c"].map { name in
            Tasklet(name: name) { log.note(name) { try wait(name) } }
        }
        try Tasklet.schedule()
        give()
        #expect(tasklets[0].isScheduled && !tasklets[0].isBlocked)
        switch ending {
        case .kill: try tasklets[0].kill()
        case .pendingKill: try tasklets[0].kill(pending: true)
        case .raise: try tasklets[0].raise(TaskletExit(), pending: true)
        case .dropped:
            // Paused, and nobody can resume it any more.
            try tasklets[0].remove()
            tasklets.remove(at: 0)
        }
        try Tasklet.run()
    }

    @Test(arguments: Ending.allCases) func aPermit(_ ending: Ending) throws {
        try Scheduler.scope {
            let semaphore = Semaphore(0, limit: 1)
            try endTheFirst(ending, give: semaphore.release) { _ in try semaphore.acquire() }
            #expect(log.lines == ["a: killed", "b: done"])
            semaphore.release()
            try Tasklet.run()
            #expect(log.lines == ["a: killed", "b: done", "c: done"])
            semaphore.release()
            #expect(semaphore.available == 1)
        }
    }

    @Test(arguments: Ending.allCases) func aLock(_ ending: Ending) throws {
        try Scheduler.scope {
            let lock = Lock()
            try lock.lock()
            try endTheFirst(ending, give: lock.unlock) { _ in try lock.withLock {} }
            #expect(log.lines == ["a: killed", "b: done", "c: done"])
            #expect(!lock.isLocked)
        }
    }

    @Test(arguments: Ending.allCases) func aRecursiveLock(_ ending: Ending) throws {
        try Scheduler.scope {
            let lock = RecursiveLock()
            try lock.lock()
            try endTheFirst(ending, give: lock.unlock) { _ in try lock.withLock { try lock.withLock {} } }
            #expect(log.lines == ["a: killed", "b: done", "c: done"])
            #expect(!lock.isLocked)
        }
    }

    @Test(arguments: Ending.allCases) func anElement(_ ending: Ending) throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            var received: [String] = []
            try endTheFirst(ending, give: { _ = queue.trySend(7) }) { name in
                received.append("\(name) \(try queue.receive())")
            }
            #expect(log.lines == ["a: killed", "b: done"])
            #expect(received == ["b 7"])
            queue.finish()
            try Tasklet.run()
            #expect(queue.count == 0)
        }
    }

    /// Nobody else waits: the element goes back to where it was.
    @Test(arguments: ["fifo", "lifo", "priority"]) func anElementGoesBack(order: String) throws {
        try Scheduler.scope {
            let orders: [String: Queue<Int>.Order] = ["fifo": .fifo, "lifo": .lifo, "priority": .priority { $0 / 10 }]
            let queue = Queue<Int>(capacity: 2, order: orders[order]!)
            let receiver = Tasklet { log.note("receiver") { _ = try queue.receive() } }
            try Tasklet.schedule()
            try queue.send(contentsOf: [11, 12, 3])
            #expect(queue.count == 2)
            try receiver.kill()
            #expect(queue.count == 3)
            #expect(!queue.trySend(4))
            // A sender that waits has to wait for two receives.
            Tasklet { log.note("sender") { try queue.send(14) } }
            try Tasklet.schedule()
            queue.close()
            var left = [try queue.receive()]
            try Tasklet.schedule()
            #expect(log.lines == ["receiver: killed"])
            while let element = try queue.next() { left.append(element) }
            let expected = ["fifo": [11, 12, 3, 14], "lifo": [11, 3, 14, 12], "priority": [3, 11, 12, 14]]
            #expect(left == expected[order]!)
            try Tasklet.run()
            #expect(log.lines == ["receiver: killed", "sender: done"])
        }
    }

    /// It has not lost what it has been given, and gets the error at its next wait.
    @Test func aCancellationAfterTheHandOverLeavesIt() throws {
        try Scheduler.scope {
            let semaphore = Semaphore(0)
            let tasklet = Tasklet {
                log.note("first") { try semaphore.acquire() }
                log.note("second") { try semaphore.acquire() }
            }
            try Tasklet.schedule()
            semaphore.release()
            tasklet.cancel()
            try Tasklet.run()
            #expect(log.lines == ["first: done", "second: cancelled"])
            #expect(semaphore.available == 0)
        }
    }

    /// Those that are left when the scope ends let go of what they have.
    @Test func theEndOfAScope() throws {
        var log: [String] = []
        try Scheduler.scope {
            let lock = Lock()
            for name in ["a", "b", "c"] {
                Tasklet {
                    defer { log.append("\(name), locked: \(lock.isLocked)") }
                    try lock.withLock { try Tasklet.scheduleRemove() }
                }
            }
            try Tasklet.schedule()
        }
        #expect(log == ["a, locked: false", "b, locked: false", "c, locked: false"])
    }
}
