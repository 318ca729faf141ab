import Channels
import Synchronization
import Tasklets
import TestSupport

/// Channels hammered from every thread at once: nothing is lost, nothing comes twice, each sender's order is kept.
struct HammerRound {
    /// A channel and what goes through it.
    private final class Line: Sendable {
        let channel = Channel<Parcel>(name: "hammered")
        let parcels: Int
        let sendersLeft: Atomic<Int>
        let received = Atomic<Int>(0)
        let senders: Int

        init(senders: Int, parcels: Int, dice: Dice) {
            self.senders = senders
            self.parcels = parcels
            sendersLeft = Atomic(senders)
            channel.preference = dice.pick([.receiver, .neither, .sender])
            channel.schedulesAll = dice.isOnce(in: 4)
            if dice.isOnce(in: 2) { channel.share() }
        }

        func send(as sender: Int) throws {
            for number in 0..<parcels { try channel.send(Parcel(sender: sender, number: number)) }
            if sendersLeft.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { channel.finish() }
        }

        func receive() throws {
            var last = Array(repeating: -1, count: senders)
            while let parcel = try channel.next() {
                parcel.take()
                if parcel.number <= last[parcel.sender] {
                    fail("parcel \(parcel.number) of sender \(parcel.sender) came after \(last[parcel.sender])")
                }
                last[parcel.sender] = parcel.number
                received.add(1, ordering: .relaxed)
            }
        }

        func check() {
            let arrived = received.load(ordering: .sequentiallyConsistent)
            if arrived != senders * parcels { fail("\(arrived) of \(senders * parcels) parcels arrived") }
            if channel.balance != 0 || !channel.isClosed { fail("balance \(channel.balance) after the end") }
        }
    }

    let dice: Dice
    let threads: Int

    func run() {
        let lines = (0..<dice.roll(1...4)).map { _ in
            Line(senders: dice.roll(1...threads * 8), parcels: dice.roll(1...60), dice: dice)
        }
        // Every thread has its share of the senders; receivers are wherever chance puts them.
        var work = Array(repeating: [@Sendable () throws -> Void](), count: threads)
        for line in lines {
            for sender in 0..<line.senders { work[sender % threads].append { try line.send(as: sender) } }
            for _ in 0..<dice.roll(1...threads * 8) { work[dice.roll(0...threads - 1)].append { try line.receive() } }
        }
        let seed = dice.next()
        let all = work
        TestThread.run(count: threads) { index in
            var dice = Dice(seed: seed &+ UInt64(index))
            let jobs = all[index].shuffled(using: &dice)
            do {
                if dice.isOnce(in: 2) {
                    try Scheduler.scope { try Self.live(jobs) }
                } else {
                    try Self.live(jobs)
                }
            } catch {
                fail("thread \(index) ended with \(error)")
            }
        }
        for line in lines { line.check() }
    }

    /// Main waits at a channel of its own: the thread sleeps whenever all its tasklets wait for other threads.
    private static func live(_ work: [@Sendable () throws -> Void]) throws {
        let ended = Channel<Int>(name: "ended")
        for (index, job) in work.enumerated() {
            Tasklet(name: "job \(index)") {
                Tally.tasklets.add(1, ordering: .relaxed)
                let counted = Counted()
                try withExtendedLifetime(counted) { try job() }
                try ended.send(index)
            }
        }
        for _ in work { _ = try ended.receive() }
    }
}
