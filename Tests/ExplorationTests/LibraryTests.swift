import Channels
import Exploration
import Sync
import Tasklets
import Testing

/// What the library offers, in every order of small programs.
struct LibraryTests {
    /// Complete, or the test fails.
    private func exploreAll(
        _ search: Search = .departures(),
        time: TimeModel = .whenIdle,
        _ program: () throws -> Void
    ) throws {
        let found = try explore(search, budget: .schedules(300_000), time: time, program)
        #expect(found.isComplete)
        #expect(found.schedules > 1)
    }

    @Test func aLockIsHeldByOne() throws {
        try exploreAll(.all) {
            let lock = Lock()
            var (inside, sum) = (0, 0)
            for _ in 0..<2 {
                Tasklet {
                    try lock.withLock {
                        inside += 1
                        #expect(inside == 1)
                        try Tasklet.schedule()
                        sum += 1
                        inside -= 1
                    }
                }
            }
            try Tasklet.runUntilDone()
            #expect(sum == 2)
            #expect(!lock.isLocked)
        }
    }

    /// One of those who want the lock is killed or cancelled, whatever it does at that moment.
    @Test(arguments: [true, false]) func aLockIsNotLost(isKilled: Bool) throws {
        try exploreAll(.all) {
            let lock = Lock()
            let victim = Tasklet(name: "victim") { try lock.withLock { try Tasklet.schedule() } }
            var hasHadIt = false
            Tasklet(name: "other") { try lock.withLock { hasHadIt = true } }
            Tasklet(name: "end") { if isKilled { try victim.kill() } else { victim.cancel() } }
            try Tasklet.runUntilDone()
            #expect(hasHadIt)
            #expect(!lock.isLocked)
        }
    }

    @Test func permitsAreNotExceeded() throws {
        try exploreAll {
            let semaphore = Semaphore(2)
            var inside = 0
            for _ in 0..<3 {
                Tasklet {
                    try semaphore.withPermit {
                        inside += 1
                        #expect(inside <= 2)
                        try interruptionPoint()
                        inside -= 1
                    }
                }
            }
            try Tasklet.runUntilDone()
            #expect(semaphore.available == 2)
        }
    }

    @Test func anEventWakesAll() throws {
        try exploreAll {
            let event = Event()
            var woken = 0
            for _ in 0..<2 {
                Tasklet {
                    try event.wait()
                    woken += 1
                }
            }
            Tasklet { event.set() }
            try Tasklet.runUntilDone()
            #expect(woken == 2)
        }
    }

    @Test func aConditionLosesNoSignal() throws {
        try exploreAll {
            let lock = Lock()
            let condition = Condition(lock)
            var items: [Int] = []
            var taken: [Int] = []
            for _ in 0..<2 {
                Tasklet {
                    try lock.withLock {
                        while items.isEmpty { try condition.wait() }
                        taken.append(items.removeFirst())
                    }
                }
            }
            Tasklet {
                for number in 1...2 {
                    try lock.withLock {
                        items.append(number)
                        condition.signal()
                    }
                }
            }
            try Tasklet.runUntilDone()
            #expect(taken.sorted() == [1, 2])
        }
    }

    @Test func aBarrierLetsAllPass() throws {
        try exploreAll {
            let barrier = Barrier(3)
            var (arrived, passed) = (0, 0)
            for _ in 0..<3 {
                Tasklet {
                    arrived += 1
                    try barrier.wait()
                    #expect(arrived == 3)
                    passed += 1
                }
            }
            try Tasklet.runUntilDone()
            #expect(passed == 3)
        }
    }

    @Test func aQueueKeepsTheOrderOfEach() throws {
        try exploreAll {
            let queue = Queue<(Int, Int)>(capacity: 1)
            for producer in 0..<2 { Tasklet { for number in 0..<2 { try queue.send((producer, number)) } } }
            var received = [[Int]](repeating: [], count: 2)
            Tasklet {
                for _ in 0..<4 {
                    let (producer, number) = try queue.receive()
                    received[producer].append(number)
                }
            }
            try Tasklet.runUntilDone()
            #expect(received == [[0, 1], [0, 1]])
        }
    }

    @Test func aSelectMeetsOne() throws {
        try exploreAll {
            let channels = [Channel<Int>(), Channel<Int>()]
            for (number, channel) in channels.enumerated() { Tasklet { try channel.send(number) } }
            var received: [Int] = []
            Tasklet {
                for _ in 0..<2 {
                    try select {
                        channels[0].onReceive { received.append($0) }
                        channels[1].onReceive { received.append($0) }
                    }
                }
            }
            try Tasklet.runUntilDone()
            #expect(received.sorted() == [0, 1])
        }
    }

    /// Both sides run out of time or none does: nothing is lost between them.
    @Test func aMessageIsNotLostToATimeout() throws {
        try exploreAll(.all, time: .anytime) {
            let channel = Channel<Int>()
            var (wasSent, received) = (false, Int?.none)
            Tasklet { wasSent = try channel.send(1, within: .seconds(1)) }
            Tasklet { received = try channel.receive(within: .seconds(2)) }
            try Tasklet.runUntilDone()
            #expect(wasSent == (received != nil))
        }
    }

    @Test func anElementIsNotLostToATimeout() throws {
        try exploreAll(.all, time: .anytime) {
            let queue = Queue<Int>(capacity: 1)
            var received = Int?.none
            Tasklet { try queue.send(1) }
            Tasklet { received = try queue.receive(within: .seconds(1)) }
            try Tasklet.runUntilDone()
            #expect((received == nil) == (queue.count == 1))
        }
    }

    @Test func aGroupEndsWithItsChildren() throws {
        try exploreAll {
            var ended = 0
            struct Failure: Error {}
            #expect(throws: Failure.self) {
                try withTaskletGroup(of: Int.self) { group in
                    try group.add {
                        defer { ended += 1 }
                        try interruptionPoint()
                        throw Failure()
                    }
                    try group.add {
                        defer { ended += 1 }
                        try Tasklet.sleep(for: .seconds(1))
                        return 1
                    }
                    while try group.next() != nil {}
                }
            }
            #expect(ended <= 2)
            #expect(Scheduler.current.tasklets.count == 1)
        }
    }

    @Test func aPromiseIsTakenByAll() throws {
        try exploreAll {
            let promise = Promise<Int>()
            var sum = 0
            for _ in 0..<2 { Tasklet { sum += try promise.value() } }
            Tasklet { promise.fulfill(21) }
            try Tasklet.runUntilDone()
            #expect(sum == 42)
        }
    }
}
