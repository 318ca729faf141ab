import Channels
import Sync
import Tasklets
import TestSupport
import Testing

/// Nothing is left of elements and tasklets, however a wait ends.
struct LifetimeTests {
    /// Runs `body` with a counter of objects, of which none may be left.
    private static func expectNothingLeft(_ body: (Tracked.Counter) throws -> Void) throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { try body(counter) }
        #expect(counter.count == 0)
    }

    @Test(arguments: ["fifo", "lifo", "priority"]) func aQueueReleasesWhatIsInside(order: String) throws {
        try Self.expectNothingLeft { counter in
            let orders: [String: Queue<Tracked>.Order] = [
                "fifo": .fifo, "lifo": .lifo, "priority": .priority { _ in 1 },
            ]
            let queue = Queue<Tracked>(capacity: 20, order: orders[order]!)
            // Once round the ring, which grows on the way.
            for _ in 0..<5 { try queue.send(Tracked(counter)) }
            for _ in 0..<4 { _ = try queue.receive() }
            #expect(counter.count == 1)
            for _ in 0..<12 { try queue.send(Tracked(counter)) }
            _ = try queue.peek()
            #expect(counter.count == 13)
        }
    }

    @Test func elementsOfThoseThatAreEndedAreReleased() throws {
        try Self.expectNothingLeft { counter in
            let full = Queue<Tracked>(capacity: 1)
            let empty = Queue<Tracked>()
            try full.send(Tracked(counter))
            let sender = Tasklet { try full.send(Tracked(counter)) }
            let receiver = Tasklet { _ = try empty.receive() }
            try Tasklet.schedule()
            #expect(counter.count == 2)
            try empty.send(Tracked(counter))
            try sender.kill()
            try receiver.kill()
            #expect(counter.count == 2)
            #expect(empty.count == 1)
            full.close()
            #expect(throws: ChannelError.closed) { try full.send(Tracked(counter)) }
            #expect(!full.trySend(Tracked(counter)))
            #expect(counter.count == 2)
        }
    }

    /// What one object of each kind can be waited for in, each with what the tasklet holds meanwhile.
    private static func startWaiters(_ counter: Tracked.Counter) -> [Tasklet] {
        let event = Event()
        let semaphore = Semaphore(0)
        let lock = Lock()
        let tree = RecursiveLock()
        let table = ReadWriteLock()
        let guarded = Lock()
        let condition = Condition(guarded)
        let barrier = Barrier(2)
        let empty = Queue<Tracked>()
        let full = Queue<Tracked>(capacity: 1)
        var tasklets: [Tasklet] = []
        func start(_ body: @escaping () throws -> Void) {
            let object = Tracked(counter)
            tasklets.append(
                Tasklet {
                    let local = Tracked(counter)
                    do { try withExtendedLifetime((object, local)) { try body() } } catch is CancellationError {}
                }
            )
        }
        start { try event.wait() }
        start { try semaphore.withPermit {} }
        start { try lock.withLock { try event.wait() } }
        start { try lock.withLock {} }
        start { try tree.withLock { try tree.withLock { try event.wait() } } }
        start { try tree.withLock {} }
        start { try table.withReadLock { try event.wait() } }
        start { try table.withWriteLock {} }
        start { try table.withReadLock {} }
        start { try guarded.withLock { try condition.wait() } }
        start { try barrier.wait() }
        start { _ = try empty.receive() }
        start { _ = try empty.peek() }
        start { for _ in 0..<2 { try full.send(Tracked(counter)) } }
        start { try full.join() }
        return tasklets
    }

    @Test func everyWaitIsCancelled() throws {
        try Self.expectNothingLeft { counter in
            let tasklets = Self.startWaiters(counter)
            try Tasklet.run()
            #expect(tasklets.allSatisfy { $0.isBlocked })
            for tasklet in tasklets { tasklet.cancel() }
            try Tasklet.run()
            #expect(tasklets.allSatisfy { !$0.isAlive })
            #expect(SchedulerCore.current.validate() == [])
        }
    }

    @Test func everyWaitIsKilledFromTheLastToTheFirst() throws {
        try Self.expectNothingLeft { counter in
            let tasklets = Self.startWaiters(counter)
            try Tasklet.run()
            for tasklet in tasklets.reversed() { try tasklet.kill() }
            #expect(tasklets.allSatisfy { !$0.isAlive })
        }
    }

    @Test func theEndOfAScopeEndsEveryWait() throws {
        try Self.expectNothingLeft { counter in
            _ = Self.startWaiters(counter)
            try Tasklet.run()
        }
    }

    /// All types in one program, which is cancelled at its first wait, its second, and so on: what is left is free again.
    @Test func aProgramCancelledAtEachOfItsWaits() throws {
        var waits = 0
        for number in 1... {
            var isOver = false
            try Self.expectNothingLeft { counter in
                let places = Places()
                let worker = Tasklet(name: "worker") {
                    do {
                        try places.work(counter)
                        isOver = true
                    } catch is CancellationError {}
                }
                let helper = Tasklet(name: "helper") { try places.help(counter) }
                // The worker waits whenever it is blocked; others go on by turns.
                var waited = 0
                while worker.isAlive, waited < number {
                    try Tasklet.schedule()
                    if worker.isBlocked { waited += 1 }
                }
                worker.cancel()
                for _ in 0..<100 where worker.isAlive { try Tasklet.schedule() }
                #expect(!worker.isAlive, "wait \(number)")
                try helper.kill()
                try places.expectFree()
                waits = waited
            }
            if isOver { break }
        }
        // The sweep has met many of them.
        #expect(waits > 10)
    }
}

/// One object of each kind, and two tasklets that meet at each of them.
private struct Places {
    let event = Event()
    let semaphore = Semaphore(1)
    let lock = Lock()
    let tree = RecursiveLock()
    let table = ReadWriteLock()
    let guarded = Lock()
    let condition: Condition
    let barrier = Barrier(2)
    let there = Queue<Tracked>(capacity: 1)
    let back = Queue<Tracked>(capacity: 1)

    init() {
        condition = Condition(guarded)
    }

    func work(_ counter: Tracked.Counter) throws {
        try event.wait()
        for _ in 0..<3 {
            try semaphore.withPermit { try Tasklet.schedule() }
            try lock.withLock { try tree.withLock { try Tasklet.schedule() } }
            try table.withReadLock { try Tasklet.schedule() }
            try table.withWriteLock { try Tasklet.schedule() }
            try guarded.withLock { try condition.wait() }
            try barrier.wait()
            for _ in 0..<3 { try there.send(Tracked(counter)) }
            for _ in 0..<3 { _ = try back.receive() }
        }
    }

    func help(_ counter: Tracked.Counter) throws {
        for _ in 0..<3 { try Tasklet.schedule() }
        event.set()
        for _ in 0..<3 {
            try semaphore.withPermit { for _ in 0..<3 { try Tasklet.schedule() } }
            try lock.withLock { for _ in 0..<3 { try Tasklet.schedule() } }
            try tree.withLock { for _ in 0..<3 { try Tasklet.schedule() } }
            try table.withWriteLock { for _ in 0..<3 { try Tasklet.schedule() } }
            for _ in 0..<9 {
                try Tasklet.schedule()
                try guarded.withLock { condition.signal() }
            }
            try barrier.wait()
            for _ in 0..<3 { _ = try there.receive() }
            for _ in 0..<3 { try back.send(Tracked(counter)) }
        }
    }

    /// Nobody holds anything, and nobody is in a line.
    func expectFree() throws {
        #expect(semaphore.available == 1)
        #expect(!lock.isLocked && !tree.isLocked && !guarded.isLocked)
        try table.withWriteLock {}
        let lines = [
            event.line, semaphore.line, lock.line, table.line, condition.line, barrier.line, there.line, back.line,
        ]
        #expect(lines.allSatisfy { $0.first == nil })
    }
}
