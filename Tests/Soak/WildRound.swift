import Channels
import Synchronization
import Tasklets
import TestSupport

/// Everything at once: tasklets of all threads kill, raise, insert and drop each other, meet in shared and private
/// channels, open scopes, and some threads end while their tasklets live. What must hold: no parcel twice, all waits
/// end, and nothing is left.
struct WildRound {
    /// What the threads know of each other.
    final class World: Sendable {
        let channels: [Channel<Parcel>]
        private let handles: Locked<[Tasklet?]>
        let lastSender = Atomic<Int>(0)

        init(channels: [Channel<Parcel>], handles: Int) {
            self.channels = channels
            self.handles = Locked(Array(repeating: nil, count: handles))
        }

        /// Puts a handle into the place of another one, which the caller gets: dropping it may run a tasklet.
        func exchange(_ tasklet: Tasklet?, at place: Int) -> Tasklet? {
            handles.withLock { handles in
                let former = handles[place % handles.count]
                handles[place % handles.count] = tasklet
                return former
            }
        }

        func look(at place: Int) -> Tasklet? {
            handles.withLock { $0[place % $0.count] }
        }

        /// Drops all handles, outside the lock.
        func clear() {
            let all = handles.withLock { handles in
                let all = handles
                handles = Array(repeating: nil, count: handles.count)
                return all
            }
            withExtendedLifetime(all) {}
        }
    }

    let dice: Dice
    let threads: Int

    func run() {
        let channels = (0..<dice.roll(1...6)).map { index in
            let channel = Channel<Parcel>(name: "common \(index)")
            channel.preference = dice.pick([.receiver, .neither, .sender])
            channel.schedulesAll = dice.isOnce(in: 4)
            return channel
        }
        let world = World(channels: channels, handles: dice.roll(1...64))
        let seed = dice.next()
        TestThread.run(count: threads) { index in
            let dice = Dice(seed: seed &+ UInt64(index))
            let isScoped = dice.isOnce(in: 2)
            if isScoped {
                // What is left of errors at the end of a scope comes out of it.
                try? Scheduler.scope { WildThread(dice: dice, world: world).run() }
            } else {
                WildThread(dice: dice, world: world).run()
            }
        }
        world.clear()
        for channel in channels where channel.balance != 0 { fail("balance \(channel.balance) after the end") }
    }
}
