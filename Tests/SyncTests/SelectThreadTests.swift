import Channels
import Foundation
import Sync
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Selects of several threads at queues, semaphores and channels: what is handed over has exactly one receiver, and nothing
/// is lost when the select goes on elsewhere.
struct SelectThreadTests {
    /// Every tasklet sends so many elements and receives until all have arrived, each time at the queues in another order.
    @Test func noElementIsLostOrDoubled() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let (threads, tasklets, rounds) = (8, 2, 1_500)
            let total = threads * tasklets * rounds
            let queues = [Queue<Int>(capacity: 1), Queue<Int>(capacity: 3), Queue<Int>()]
            let channel = Channel<Int>()
            let done = Event()
            for queue in queues { queue.share() }
            channel.share()
            done.share()
            let received = Seen(count: total)
            TestThread.run(count: threads) { thread in
                for tasklet in 0..<tasklets {
                    let me = thread * tasklets + tasklet
                    Tasklet {
                        var sent = 0
                        var isOver = false
                        var round = 0
                        while !isOver {
                            round += 1
                            let (a, b) = (queues[(round + me) % 3], queues[(round + me + 1) % 3])
                            let c = queues[(round + me + 2) % 3]
                            let value = me * rounds + sent
                            let isSending = sent < rounds
                            // From all three: elements that lie in a queue at which nobody waits would stay there.
                            try select {
                                if isSending { a.onSend(value) { sent += 1 } }
                                b.onReceive { received.note($0, of: total, done) }
                                if isSending { channel.onSend(value) { sent += 1 } }
                                c.onNext { received.note($0!, of: total, done) }
                                channel.onReceive { received.note($0, of: total, done) }
                                a.onReceive { received.note($0, of: total, done) }
                                done.onSet { isOver = true }
                            }
                        }
                    }
                }
                do { try Tasklet.runUntilDone() } catch { fatalError("thread \(thread): \(error)") }
            }
            received.check()
            guard queues.map(\.count) == [0, 0, 0], channel.balance == 0 else {
                fatalError("left: \(queues.map(\.count)), balance \(channel.balance)")
            }
            withExtendedLifetime(received) {}
        }
    }

    /// Without a time, in pairs of threads: a select that is left alone would wait without end.
    @Test func nobodyIsForgotten() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let (rounds, pairs) = (3_000, 4)
            let queues = [Queue<Int>(capacity: 1), Queue<Int>(capacity: 2), Queue<Int>(capacity: 1)]
            for queue in queues { queue.share() }
            let sum = Atomic(0)
            withExtendedLifetime(sum) {
                TestThread.run(count: 2 * pairs) { thread in
                    for tasklet in 0..<2 {
                        Tasklet {
                            for round in 0..<rounds {
                                // All three, or the last ones might wait at different queues.
                                let first = round + thread + tasklet
                                let (a, b) = (queues[first % 3], queues[(first + 1) % 3])
                                let c = queues[(first + 2) % 3]
                                if thread % 2 == 0 {
                                    let value = (thread * 2 + tasklet) * rounds + round
                                    try select {
                                        a.onSend(value) {}
                                        b.onSend(value) {}
                                        c.onSend(value) {}
                                    }
                                } else {
                                    let value = try select {
                                        a.onReceive { $0 }
                                        b.onReceive { $0 }
                                        c.onReceive { $0 }
                                    }
                                    sum.add(value, ordering: .relaxed)
                                }
                            }
                        }
                    }
                    do { try Tasklet.runUntilDone() } catch { fatalError("thread \(thread): \(error)") }
                }
            }
            let values = stride(from: 0, to: 2 * pairs, by: 2).flatMap { thread in
                (0..<2 * rounds).map { thread * 2 * rounds + $0 }
            }
            let (found, expected) = (sum.load(ordering: .relaxed), values.reduce(0, +))
            guard found == expected, queues.map(\.count) == [0, 0, 0] else {
                fatalError("the sum is \(found), not \(expected); left: \(queues.map(\.count))")
            }
        }
    }

    /// Permits by `acquire` and by `select`, with kills between hand-over and turn: never more inside than permits, and all are
    /// back at the end.
    @Test func permitsAreNeitherLostNorDoubled() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let semaphores = [Semaphore(2), Semaphore(1)]
            let inside = [Room(), Room()]
            withExtendedLifetime(inside) {
                TestThread.run(count: 8) { thread in
                    let visit = { @Sendable (number: Int) in
                        let count = inside[number].count.add(1, ordering: .sequentiallyConsistent).newValue
                        if count > 2 - number { fatalError("\(count) are inside") }
                        defer {
                            inside[number].count.subtract(1, ordering: .sequentiallyConsistent)
                            semaphores[number].release()
                        }
                        try Tasklet.schedule()
                    }
                    do {
                        for round in 0..<400 {
                            let visitors = (0..<3).map { number in
                                Tasklet {
                                    if number == 0 {
                                        try semaphores[round % 2].acquire()
                                        return try visit(round % 2)
                                    }
                                    try select {
                                        semaphores[round % 2].onAcquire { try visit(round % 2) }
                                        semaphores[1 - round % 2].onAcquire { try visit(1 - round % 2) }
                                        if number == 2 { after(.microseconds(20)) {} }
                                    }
                                }
                            }
                            try Tasklet.schedule()
                            if round % 3 == 0 { try visitors[1].kill(pending: round % 2 == 0) }
                            try Tasklet.runUntilDone()
                        }
                    } catch {
                        fatalError("thread \(thread): \(error)")
                    }
                }
            }
            guard semaphores.map(\.available) == [2, 1] else {
                fatalError("available: \(semaphores.map(\.available))")
            }
        }
    }

    /// Elements of selects that are killed or run out of time go back: all are inside at the end.
    @Test func killedSelectsGiveElementsBack() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let count = 50
            let queues = [Queue<Int>(), Queue<Int>()]
            for number in 0..<count { queues[number % 2].trySend(number) }
            TestThread.run(count: 8) { thread in
                do {
                    for round in 0..<300 {
                        let movers = (0..<3).map { number in
                            Tasklet {
                                let (from, to) = (queues[(round + number) % 2], queues[(round + thread) % 2])
                                let element = try select {
                                    from.onReceive { Optional($0) }
                                    to.onReceive { Optional($0) }
                                    after(.microseconds(50)) { Int?.none }
                                }
                                if let element { to.trySend(element) }
                            }
                        }
                        try Tasklet.schedule()
                        // Not inside its body: that has no wait.
                        try movers[round % 3].kill(pending: true)
                        try Tasklet.runUntilDone()
                    }
                } catch {
                    fatalError("thread \(thread): \(error)")
                }
            }
            var left: [Int] = []
            for queue in queues { while let element = try! queue.tryReceive() { left.append(element) } }
            guard left.sorted() == Array(0..<count) else { fatalError("left: \(left.sorted())") }
        }
    }

    private final class Room: Sendable {
        let count = Atomic(0)
    }

    /// Which values have arrived.
    private final class Seen: Sendable {
        private let flags: [Flag]
        private let arrived = Atomic(0)

        private final class Flag: Sendable {
            let isSet = Atomic(false)
        }

        init(count: Int) {
            flags = (0..<count).map { _ in Flag() }
        }

        func note(_ value: Int, of total: Int, _ done: Event) {
            if flags[value].isSet.exchange(true, ordering: .relaxed) { fatalError("\(value) has come twice") }
            if arrived.add(1, ordering: .relaxed).newValue == total { done.set() }
        }

        func check() {
            let missing = flags.indices.filter { !flags[$0].isSet.load(ordering: .relaxed) }
            guard missing.isEmpty else { fatalError("missing: \(missing)") }
        }
    }
}
