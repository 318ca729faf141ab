import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Two threads at the same place at once, very often.
struct RaceTests {
    /// The owner changes its ring while another thread does.
    @Test func twoThreadsChangeOneRing() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let own = (0..<2).map { _ in Tasklet(scheduled: false) {} }
                let foreign = (0..<2).map { _ in Tasklet(scheduled: false) {} }
                let hasEnded = Atomic<Bool>(false)
                try withExtendedLifetime(hasEnded) {
                    let thread = TestThread {
                        for number in 0..<20_000 {
                            for tasklet in foreign { try! tasklet.insert() }
                            for tasklet in foreign { try! tasklet.remove() }
                            // Or the owner would be kept waiting at its gate all the time.
                            for _ in 0..<number % 97 * 5 { _ = hasEnded.load(ordering: .relaxed) }
                        }
                        hasEnded.store(true, ordering: .releasing)
                    }
                    while !hasEnded.load(ordering: .acquiring) {
                        for tasklet in own { try tasklet.insert() }
                        let count = Tasklet.runCount
                        guard (3...5).contains(count) else { fatalError("\(count) in the ring") }
                        for tasklet in own { try tasklet.remove() }
                    }
                    thread.join()
                }
                guard Tasklet.runCount == 1 else { fatalError("\(Tasklet.runCount) left in the ring") }
                for tasklet in own + foreign {
                    guard tasklet.isPaused else { fatalError("\(tasklet) is not paused") }
                    try tasklet.insert()
                }
                #expect(Scheduler.current.runQueue == [Tasklet.current] + own + foreign)
                try Tasklet.run()
            }
        }
    }

    /// The owner changes its ring while another thread lists it, which takes longer.
    @Test func aThreadListsARingThatItsOwnerChanges() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let lasting = (0..<50).map { _ in Tasklet {} }
            let changing = (0..<4).map { _ in Tasklet(scheduled: false) {} }
            let main = Tasklet.current
            let hasEnded = Atomic<Bool>(false)
            try withExtendedLifetime(hasEnded) {
                let thread = TestThread {
                    for _ in 0..<500 {
                        let ring = main.scheduler!.runQueue
                        guard ring.first == main, Array(ring.dropFirst().prefix(50)) == lasting else {
                            fatalError("a wrong ring: \(ring)")
                        }
                    }
                    hasEnded.store(true, ordering: .releasing)
                }
                while !hasEnded.load(ordering: .acquiring) {
                    for tasklet in changing { try tasklet.insert() }
                    for tasklet in changing { try tasklet.remove() }
                }
                thread.join()
            }
            #expect(Tasklet.runCount == 51)
        }
    }

    /// The owner changes its ring while another thread looks whether everything fits together, which takes long: nobody may
    /// change anything meanwhile.
    @Test func aThreadChecksASchedulerWhoseOwnerIsAtWork() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                // The oldest: looked at first, and counted last.
                let changing = Tasklet(scheduled: false) {}
                let lasting = (0..<50).map { _ in Tasklet {} }
                let core = SchedulerCore.current
                let hasEnded = Atomic<Bool>(false)
                try withExtendedLifetime(hasEnded) {
                    let thread = TestThread {
                        for number in 0..<2000 {
                            for fault in core.validate() { fatalError("look \(number): \(fault)") }
                            // The owner makes operations meanwhile, or it would be kept waiting at its gate all the time.
                            for _ in 0..<number % 97 * 20 { _ = hasEnded.load(ordering: .relaxed) }
                        }
                        hasEnded.store(true, ordering: .releasing)
                    }
                    while !hasEnded.load(ordering: .acquiring) {
                        try changing.insert()
                        try changing.remove()
                    }
                    thread.join()
                }
                #expect(core.validate() == [])
                #expect(Scheduler.current.runQueue == [Tasklet.current] + lasting)
            }
        }
    }

    /// A tasklet is killed at the moment when another thread meets it: it ends once, and nothing is left in the channel.
    @Test func aKillMeetsAPartnerFromOutside() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let rounds = 3000
                let channel = Channel<Int>(name: "channel")
                channel.share()
                let progress = Rounds()
                let thread = TestThread {
                    for number in 1...rounds {
                        while progress.round.load(ordering: .acquiring) < number { sched_yield() }
                        try! channel.send(number)
                        progress.sent.store(number, ordering: .releasing)
                    }
                }
                var ended = 0
                for number in 1...rounds {
                    let receiver = Tasklet {
                        defer { ended += 1 }
                        _ = try channel.receive()
                    }
                    try Tasklet.schedule()
                    progress.round.store(number, ordering: .releasing)
                    // Each time at another moment.
                    for _ in 0..<number % 50 * 10 { _ = progress.round.load(ordering: .relaxed) }
                    try receiver.kill()
                    guard ended == number, !receiver.isAlive else { fatalError("the receiver has not ended once") }
                    // The sender was too late for this one: it waits for another.
                    while progress.sent.load(ordering: .acquiring) < number {
                        let balance = channel.balance
                        let waiting = channel.waiting.count
                        guard channel.balance != balance || waiting == balance else {
                            fatalError("\(waiting) wait, but the balance is \(balance) in round \(number)")
                        }
                        if balance > 0 {
                            guard try channel.receive() == number else { fatalError("a wrong value") }
                        }
                        sched_yield()
                    }
                    guard channel.balance == 0 else { fatalError("balance \(channel.balance) in round \(number)") }
                    guard Tasklet.runCount == 1 else { fatalError("\(Tasklet.runCount) in the ring") }
                }
                thread.join()
            }
        }
    }
}

/// How far the two threads are, in rounds.
private final class Rounds: Sendable {
    let round = Atomic<Int>(0)
    let sent = Atomic<Int>(0)
}
