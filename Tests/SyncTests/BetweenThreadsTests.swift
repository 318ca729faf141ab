import CTestFunctions
import Foundation
import Sync
import Synchronization
import Tasklets
import TestSupport
import Testing

/// All types between threads, by the same code.
struct BetweenThreadsTests {
    /// Runs `body` in so many tasklets on each of so many threads, and waits for the end of all.
    private static func run(
        threads: Int = 3,
        tasklets: Int = 3,
        _ body: @escaping @Sendable (_ number: Int) throws -> Void
    ) {
        TestThread.run(count: threads) { thread in
            for number in 0..<tasklets {
                Tasklet(name: "\(thread).\(number)") {
                    do {
                        try body(thread * tasklets + number)
                    } catch {
                        fatalError("tasklet \(number) of thread \(thread): \(error)")
                    }
                }
            }
            do { try Tasklet.runUntilDone() } catch { fatalError("thread \(thread): \(error)") }
        }
    }

    /// Counts who is inside, and fails when there are too many.
    private final class Room: Sendable {
        private let inside = Atomic(0)
        let visits = Atomic(0)

        func visit(limit: Int, _ body: () throws -> Void) throws {
            let count = inside.add(1, ordering: .relaxed).newValue
            if count > limit { fatalError("\(count) are inside, not \(limit)") }
            try body()
            inside.subtract(1, ordering: .relaxed)
            visits.add(1, ordering: .relaxed)
        }
    }

    @Test func semaphoresAndLocksLetNoMoreInside() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let semaphore = Semaphore(2)
            let lock = Lock()
            let tree = RecursiveLock()
            let rooms = (0..<3).map { _ in Room() }
            BetweenThreadsTests.run { _ in
                for _ in 0..<200 {
                    try semaphore.withPermit { try rooms[0].visit(limit: 2) { try Tasklet.schedule() } }
                    try lock.withLock { try rooms[1].visit(limit: 1) { try Tasklet.schedule() } }
                    try tree.withLock { try tree.withLock { try rooms[2].visit(limit: 1) {} } }
                }
            }
            for room in rooms {
                let visits = room.visits.load(ordering: .relaxed)
                guard visits == 1800 else { fatalError("\(visits) visits") }
            }
            guard semaphore.available == 2, !lock.isLocked, !tree.isLocked else { fatalError("not free at the end") }
        }
    }

    /// How many read and write at the moment.
    private final class Inside: Sendable {
        let readers = Atomic(0)
        let writers = Atomic(0)
    }

    @Test func writersAreAlone() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let lock = ReadWriteLock()
            let inside = Inside()
            BetweenThreadsTests.run { number in
                for round in 0..<200 {
                    if (round + number) % 4 == 0 {
                        try lock.withWriteLock {
                            let others = inside.writers.add(1, ordering: .relaxed).oldValue
                            let reading = inside.readers.load(ordering: .relaxed)
                            guard others == 0, reading == 0 else { fatalError("\(others) write, \(reading) read") }
                            try Tasklet.schedule()
                            inside.writers.subtract(1, ordering: .relaxed)
                        }
                    } else {
                        try lock.withReadLock {
                            inside.readers.add(1, ordering: .relaxed)
                            guard inside.writers.load(ordering: .relaxed) == 0 else { fatalError("a writer is inside") }
                            try Tasklet.schedule()
                            inside.readers.subtract(1, ordering: .relaxed)
                        }
                    }
                }
            }
        }
    }

    @Test func aBarrierKeepsThreadsInStep() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let barrier = Barrier(9)
            barrier.share()
            let rounds = Locked(Array(repeating: 0, count: 9))
            let last = Atomic(0)
            withExtendedLifetime(last) {
                BetweenThreadsTests.run { number in
                    for round in 1...200 {
                        rounds.withLock { rounds in
                            rounds[number] = round
                            guard rounds.allSatisfy({ round - $0 <= 1 }) else {
                                fatalError("\(rounds) in round \(round)")
                            }
                        }
                        if try barrier.wait() { last.add(1, ordering: .relaxed) }
                    }
                }
                let count = last.load(ordering: .relaxed)
                guard count == 200 else { fatalError("\(count) were last") }
            }
        }
    }

    /// A buffer by hand: producers and consumers of several threads, no signal is lost.
    @Test func noSignalIsLost() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let lock = Lock()
            let hasElement = Condition(lock)
            let hasRoom = Condition(lock)
            let buffer = Locked<[Int]>([])
            let sum = Atomic(0)
            withExtendedLifetime(sum) {
                BetweenThreadsTests.run(threads: 3, tasklets: 4) { number in
                    for n in 1...200 {
                        try lock.withLock {
                            if number % 2 == 0 {
                                try hasRoom.wait { buffer.withLock { $0.count < 2 } }
                                buffer.withLock { $0.append(n) }
                                hasElement.signal()
                            } else {
                                try hasElement.wait { buffer.withLock { !$0.isEmpty } }
                                let element = buffer.withLock { $0.removeFirst() }
                                sum.add(element, ordering: .relaxed)
                                hasRoom.signal()
                            }
                        }
                    }
                }
                let total = sum.load(ordering: .relaxed)
                guard total == 6 * 200 * 201 / 2 else { fatalError("the sum is \(total)") }
            }
        }
    }

    /// Each signal counts: when one is lost, both wait.
    @Test func twoThreadsTakeTurns() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let lock = Lock()
            let isNext = Condition(lock)
            let turn = Locked(0)
            BetweenThreadsTests.run(threads: 2, tasklets: 1) { number in
                for _ in 0..<2000 {
                    try lock.withLock {
                        try isNext.wait { turn.withLock { $0 == number } }
                        turn.withLock { $0 = 1 - number }
                        isNext.signal()
                    }
                }
            }
        }
    }

    @Test func anEventWakesTaskletsOfAllThreads() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let begin = Event()
            begin.share()
            let woken = Atomic(0)
            let isReady = Barrier(4)
            isReady.share()
            withExtendedLifetime(woken) {
                let threads = (0..<3).map { _ in
                    TestThread {
                        for _ in 0..<10 {
                            Tasklet {
                                try begin.wait()
                                woken.add(1, ordering: .relaxed)
                            }
                        }
                        do {
                            try Tasklet.schedule()
                            try isReady.wait()
                            try Tasklet.runUntilDone()
                        } catch { fatalError("\(error)") }
                    }
                }
                do { try isReady.wait() } catch { fatalError("\(error)") }
                begin.set()
                for thread in threads { thread.join() }
                let count = woken.load(ordering: .relaxed)
                guard count == 30 else { fatalError("\(count) were woken") }
            }
        }
    }

    @Test(arguments: [1, 8, nil]) func everyElementArrivesOnceAndInOrder(capacity: Int?) async {
        await #expect(processExitsWith: .success) { [capacity] in
            setHangAlarm()
            let perSender = 2000
            let queue = Queue<Int>(capacity: capacity)
            queue.share()
            let ended = Atomic(0)
            let received = Locked<[Int: [Int]]>([:])
            withExtendedLifetime(ended) {
                BetweenThreadsTests.run(threads: 4, tasklets: 2) { number in
                    if number < 4 {
                        for n in 0..<perSender { try queue.send(number * perSender + n) }
                        if ended.add(1, ordering: .relaxed).newValue == 4 { queue.finish() }
                    } else {
                        var own: [Int] = []
                        while let element = try queue.next() { own.append(element) }
                        // In the order of each sender.
                        for sender in 0..<4 {
                            let of = own.filter { $0 / perSender == sender }
                            guard of == of.sorted() else { fatalError("not in order") }
                        }
                        received.withLock { $0[number] = own }
                    }
                }
            }
            let all = received.withLock { $0.values.flatMap(\.self) }.sorted()
            guard all == Array(0..<4 * perSender) else { fatalError("\(all.count) elements arrived") }
            guard queue.isClosed else { fatalError("not closed") }
        }
    }

    /// Receivers and waiters are killed by a thread while another one hands over: nothing is lost.
    @Test func killsMeetHandOversFromOutside() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let rounds = 2000
                let queue = Queue<Int>()
                queue.share()
                let semaphore = Semaphore(0)
                semaphore.share()
                let progress = Atomic(0)
                var received: [Int] = []
                var permits = 0
                try withExtendedLifetime(progress) {
                    let thread = TestThread {
                        for number in 1...rounds {
                            while progress.load(ordering: .acquiring) < number { sched_yield() }
                            _ = queue.trySend(number)
                            semaphore.release()
                        }
                    }
                    for number in 1...rounds {
                        let receiver = Tasklet { received.append(try queue.receive()) }
                        let acquirer = Tasklet {
                            try semaphore.acquire()
                            permits += 1
                        }
                        try Tasklet.schedule()
                        progress.store(number, ordering: .releasing)
                        // Each time at another moment.
                        for _ in 0..<number % 50 * 10 { _ = progress.load(ordering: .relaxed) }
                        try receiver.kill()
                        try acquirer.kill()
                        guard !receiver.isAlive, !acquirer.isAlive else { fatalError("not ended in round \(number)") }
                    }
                    thread.join()
                }
                queue.close()
                while let element = try queue.next() { received.append(element) }
                guard received.sorted() == Array(1...rounds) else {
                    fatalError("\(received.count) elements of \(rounds)")
                }
                let left = semaphore.available
                guard permits + left == rounds else { fatalError("\(permits) acquired and \(left) left of \(rounds)") }
            }
        }
    }

    /// The thread that falls asleep last is told, and who has the lock that it waits for. Its end unlocks the other one.
    @Test func aDeadlockOfTwoThreadsNamesTheHolder() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let reports = Locked<[String]>([])
            let second = Locked<TestThread?>(nil)
            /// Takes one lock, and then the other, when the other tasklet has taken that.
            let body = { @Sendable (name: String, own: Lock, isReady: Barrier, other: Lock) in
                Tasklet(name: name) {
                    try own.withLock {
                        try isReady.wait()
                        try other.withLock {}
                    }
                }
                do {
                    try Tasklet.runUntilDone()
                } catch let error as DeadlockError {
                    reports.withLock { $0 += error.waiters.map { "\($0.name): \($0.operation)" } }
                } catch {
                    fatalError("\(error)")
                }
            }
            // The test's own thread has no scheduler: it would be one that is able.
            TestThread {
                let x = Lock(name: "x")
                let y = Lock(name: "y")
                let isReady = Barrier(2)
                isReady.share()
                let thread = TestThread { body("b", y, isReady, x) }
                body("a", x, isReady, y)
                second.withLock { $0 = thread }
            }.join()
            second.withLock { $0 }!.join()
            let told = reports.withLock { $0 }
            let possible = ["a: acquire of lock 'y', held by 'b'", "b: acquire of lock 'x', held by 'a'"]
            guard told.count == 1, possible.contains(told[0]) else { fatalError("\(told)") }
        }
    }
}
