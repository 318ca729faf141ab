import Channels
import Sync
import Synchronization
import Tasklets
import TestSupport

/// Whatever tasklets of several threads share: queues, semaphores, locks, conditions, barriers, events, promises, channels, by
/// themselves, in `select` and in groups, with time limits; in some rounds the tasklets kill and cancel each other. Each wait
/// has a limit, so all tasklets end. What must hold then: nobody was where another one had to be alone, no parcel came
/// twice, in peaceful rounds none is missing, all that was taken was given back, and nobody is in a line.
struct SharedRound {
    /// Counts who is inside.
    final class Room: Sendable {
        private let count = Atomic<Int>(0)
        private let limit: Int
        private let name: String

        init(limit: Int, name: String) {
            self.limit = limit
            self.name = name
        }

        func visit(_ body: () throws -> Void) throws {
            let inside = count.add(1, ordering: .sequentiallyConsistent).newValue
            if inside > limit { fail("\(inside) are inside \(name)") }
            defer { count.subtract(1, ordering: .sequentiallyConsistent) }
            try body()
        }
    }

    struct Guarded<Place: Sendable>: Sendable {
        let place: Place
        let room: Room
    }

    /// What the threads share.
    final class World: Sendable {
        let queues: [Queue<Parcel>]
        let channels: [Channel<Parcel>]
        let semaphores: [Guarded<Semaphore>]
        let locks: [Guarded<Lock>]
        let trees: [Guarded<RecursiveLock>]
        let tables: [Guarded<ReadWriteLock>]
        let conditions: [Condition]
        let barrier: Barrier
        let event = Event(name: "event")
        let handles: WildRound.World
        let isPeaceful: Bool
        let sent = Atomic<Int>(0)
        let received = Atomic<Int>(0)

        init(dice: Dice) {
            queues = (0..<dice.roll(1...3)).map { _ in
                Queue(capacity: dice.pick([1, 2, 8, nil]), order: dice.pick([.fifo, .lifo]))
            }
            channels = (0..<2).map { _ in
                let channel = Channel<Parcel>()
                channel.preference = dice.pick([.receiver, .neither, .sender])
                return channel
            }
            semaphores = (1...2).map {
                Guarded(place: Semaphore($0, limit: $0), room: Room(limit: $0, name: "a semaphore"))
            }
            locks = (0..<2).map { _ in Guarded(place: Lock(), room: Room(limit: 1, name: "a lock")) }
            conditions = locks.map { Condition($0.place) }
            trees = [Guarded(place: RecursiveLock(), room: Room(limit: 1, name: "a recursive lock"))]
            tables = [Guarded(place: ReadWriteLock(), room: Room(limit: 1, name: "a read-write lock"))]
            barrier = Barrier(dice.roll(2...4))
            handles = WildRound.World(channels: [], handles: dice.roll(4...64))
            isPeaceful = dice.isOnce(in: 2)
        }

        /// - Precondition: all threads have ended.
        func check() {
            handles.clear()
            for (semaphore, count) in zip(semaphores.map(\.place), 1...) where semaphore.available != count {
                fail("\(semaphore.available) permits instead of \(count)")
            }
            if locks.contains(where: { $0.place.isLocked }) || trees.contains(where: { $0.place.isLocked }) {
                fail("a lock is held after the end")
            }
            var lines = queues.map(\.line) + semaphores.map(\.place.line) + locks.map(\.place.line)
            lines += tables.map(\.place.line) + conditions.map(\.line) + [barrier.line, event.line]
            if let line = lines.first(where: { $0.fields.count > 0 }) {
                fail("\(line.fields.count) are in a line after the end")
            }
            if channels.contains(where: { $0.balance != 0 }) { fail("somebody waits at a channel after the end") }
            let left = queues.map(\.count).reduce(0, +)
            let (sent, received) = (sent.load(ordering: .relaxed), received.load(ordering: .relaxed))
            if isPeaceful, sent != received + left {
                fail("of \(sent) parcels \(received) have arrived, \(left) are left")
            }
        }
    }

    let dice: Dice
    let threads: Int

    func run() {
        let world = World(dice: dice)
        let seed = dice.next()
        TestThread.run(count: threads) { index in
            let dice = Dice(seed: seed &+ UInt64(index))
            if dice.isOnce(in: 2) {
                // What is left of errors at the end of a scope comes out of it.
                try? Scheduler.scope { SharedThread(dice: dice, world: world).run() }
            } else {
                SharedThread(dice: dice, world: world).run()
            }
        }
        world.check()
    }
}
