import Channels
import Tasklets
import TestSupport

/// Tokens travel round a ring of threads, each of which sleeps until one comes.
struct RingRound {
    let dice: Dice
    let threads: Int

    func run() {
        let threads = threads
        let laps = dice.roll(1...40)
        let tokens = dice.roll(1...20)
        let stations = (0...threads).map { index in
            let channel = Channel<Parcel>(name: "station \(index)")
            channel.preference = dice.pick([.receiver, .neither, .sender])
            channel.schedulesAll = dice.isOnce(in: 4)
            channel.share()
            return channel
        }
        let scoped = (0...threads).map { _ in dice.isOnce(in: 2) }
        // The last thread feeds the ring and takes out what has come round.
        TestThread.run(count: threads + 1) { index in
            do {
                let live = {
                    if index == threads {
                        try Self.feed(stations, laps: laps, tokens: tokens)
                    } else {
                        try Self.pass(from: stations[index], to: stations[index + 1])
                    }
                }
                if scoped[index] { try Scheduler.scope(live) } else { try live() }
            } catch {
                fail("thread \(index) of the ring ended with \(error)")
            }
        }
        for station in stations where station.balance != 0 { fail("balance \(station.balance) after the end") }
    }

    private static func pass(from: Channel<Parcel>, to: Channel<Parcel>) throws {
        var last = -1
        while let token = try from.next() {
            Watchdog.tick()
            if token.number <= last { fail("token \(token.number) came after \(last)") }
            last = token.number
            try to.send(token)
            // A scope in the middle of it all: the others must not take this thread for stuck.
            if token.number % 7 == 0 { try Scheduler.scope { _ = Tasklet { try Tasklet.schedule() } } }
        }
        to.finish()
    }

    private static func feed(_ stations: [Channel<Parcel>], laps: Int, tokens: Int) throws {
        let count = laps * tokens
        Tasklet(name: "feeder") {
            for number in 0..<count { try stations[0].send(Parcel(sender: 0, number: number)) }
            stations[0].finish()
        }
        var expected = 0
        while let token = try stations[stations.count - 1].next() {
            token.take()
            if token.number != expected { fail("token \(token.number) instead of \(expected)") }
            expected += 1
        }
        if expected != count { fail("\(expected) of \(count) tokens came round") }
    }
}
