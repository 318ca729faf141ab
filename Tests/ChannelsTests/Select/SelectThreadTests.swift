import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Selects of several threads at the same channels: each value has one sender and one receiver.
struct SelectThreadTests {
    /// Every tasklet may send and receive, each time at other channels, or run out of time.
    @Test func exactlyOnePartnerIsMet() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            exchange(threads: 8, tasklets: 3, rounds: 3_000)
        }
    }

    /// Without a time, in pairs of threads: a select that is left alone would wait without end.
    @Test func nobodyIsForgotten() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let channels = (0..<3).map { Channel<Int>(name: "\($0)") }
            for channel in channels { channel.share() }
            let (rounds, pairs) = (4_000, 4)
            let sum = Atomic(0)
            withExtendedLifetime(sum) {
                TestThread.run(count: 2 * pairs) { thread in
                    let isSending = thread % 2 == 0
                    for tasklet in 0..<2 {
                        Tasklet {
                            for round in 0..<rounds {
                                // All three, or the last ones might wait at different channels.
                                let first = round + thread + tasklet
                                let (a, b) = (channels[first % 3], channels[(first + 1) % 3])
                                let c = channels[(first + 2) % 3]
                                if isSending {
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
                    try! Tasklet.runUntilDone()
                }
            }
            let values = stride(from: 0, to: 2 * pairs, by: 2).flatMap { thread in
                (0..<2 * rounds).map { thread * 2 * rounds + $0 }
            }
            let (found, expected) = (sum.load(ordering: .relaxed), values.reduce(0, +))
            guard found == expected, channels.map(\.balance) == [0, 0, 0] else {
                fatalError("the sum is \(found), not \(expected); balances: \(channels.map(\.balance))")
            }
        }
    }

    /// Two threads whose selects both send and receive at the same two channels, in the opposite order: each may find the
    /// other at one place while it is being found at the other.
    @Test func twoSelectsThatMeetEachOther() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let channels = (0..<2).map { Channel<Int>(name: "\($0)") }
            for channel in channels { channel.share() }
            let met = Atomic(0)
            let rounds = 30_000
            withExtendedLifetime(met) {
                TestThread.run(count: 2) { thread in
                    let (mine, other) = (channels[thread], channels[1 - thread])
                    Tasklet {
                        for round in 0..<rounds {
                            // One of them sends and the other one receives, at either channel.
                            let change = try select {
                                mine.onSend(round) { 1 }
                                other.onReceive { value in
                                    guard value == round else { fatalError("\(value) in round \(round)") }
                                    return -1
                                }
                            }
                            met.add(change, ordering: .relaxed)
                        }
                    }
                    try! Tasklet.runUntilDone()
                }
            }
            let found = met.load(ordering: .relaxed)
            guard found == 0, channels.map(\.balance) == [0, 0] else {
                fatalError("\(found) more have sent than received")
            }
        }
    }

    @Test func aKillMeetsASelect() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let channels = (0..<2).map { Channel<Int>(name: "\($0)") }
                for channel in channels { channel.share() }
                let rounds = 3_000
                let progress = Progress()
                do {
                    let thread = TestThread {
                        for number in 1...rounds {
                            while progress.round.load(ordering: .acquiring) < number { sched_yield() }
                            try! select {
                                channels[number % 2].onSend(number) {}
                                channels[1 - number % 2].onSend(number) {}
                            }
                            progress.sent.store(number, ordering: .releasing)
                        }
                    }
                    for number in 1...rounds {
                        var received: Int?
                        let waiter = Tasklet {
                            received = try select {
                                channels[0].onReceive { $0 }
                                channels[1].onReceive { $0 }
                                after(.seconds(3600)) { -1 }
                            }
                        }
                        try Tasklet.schedule()
                        progress.round.store(number, ordering: .releasing)
                        for _ in 0..<number % 50 * 10 { _ = progress.round.load(ordering: .relaxed) }
                        try waiter.kill()
                        guard !waiter.isAlive, received == nil || received == number else {
                            fatalError("received \(String(describing: received)) in round \(number)")
                        }
                        // The value was met by the one that has been killed, or it is still offered.
                        while progress.sent.load(ordering: .acquiring) < number {
                            for channel in channels { _ = try channel.tryReceive() }
                            sched_yield()
                        }
                        guard channels.map(\.balance) == [0, 0] else { fatalError("left: \(channels.map(\.balance))") }
                    }
                    thread.join()
                }
            }
        }
    }
}

/// How far two threads are.
private final class Progress: Sendable {
    let round = Atomic(0)
    let sent = Atomic(0)
}

/// Each tasklet sends numbers of its own and notes what it has sent and received.
private func exchange(threads: Int, tasklets: Int, rounds: Int) {
    let channels = (0..<4).map { Channel<Int>(name: "\($0)") }
    for channel in channels { channel.share() }
    let log = Locked<(sent: [Int], received: [Int])>(([], []))
    TestThread.run(count: threads) { thread in
        for tasklet in 0..<tasklets {
            Tasklet {
                var (sent, received): ([Int], [Int]) = ([], [])
                for round in 0..<rounds {
                    let number = (thread * tasklets + tasklet) * rounds + round
                    let own = (0..<4).map { channels[($0 * (1 + number % 3) + number) % 4] }
                    try select {
                        own[0].onSend(number) { sent.append(number) }
                        own[1].onReceive { received.append($0) }
                        own[2].onSend(number) { sent.append(number) }
                        if number % 2 == 0 { own[3].onReceive { received.append($0) } }
                        after(.microseconds(20 + number % 100)) {}
                    }
                }
                log.withLock {
                    $0.sent += sent
                    $0.received += received
                }
            }
        }
        try! Tasklet.runUntilDone()
    }
    let (sent, received) = log.withLock { ($0.sent.sorted(), $0.received.sorted()) }
    guard sent == received, Set(received).count == received.count, channels.allSatisfy({ $0.balance == 0 }) else {
        fatalError("\(sent.count) were sent and \(received.count) received, \(Set(received).count) of them once")
    }
    guard sent.count > rounds else { fatalError("only \(sent.count) messages") }
}
