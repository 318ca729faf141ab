import Channels
import Sync
import Synchronization
import Tasklets
import TestSupport

/// One thread of a shared round: its tasklets do what chance says, and main waits for the end of all.
final class SharedThread {
    private let dice: Dice
    private let world: SharedRound.World
    /// Of this thread alone.
    private var promise = Promise<Int>()

    init(dice: Dice, world: SharedRound.World) {
        self.dice = dice
        self.world = world
    }

    func run() {
        for _ in 0..<dice.roll(1...30) { start() }
        while true {
            do {
                try Tasklet.runUntilDone()
                break
            } catch is DeadlockError {
                fail("a tasklet waits although its time is up: \(Scheduler.current.dump())")
            } catch {
                // Errors of tasklets.
            }
            for fault in SchedulerCore.current.validate() { fail("invalid: \(fault)") }
        }
    }

    private func start() {
        let captured = Counted()
        let dice = self.dice.split()
        let tasklet = Tasklet { [self] in
            Tally.tasklets.add(1, ordering: .relaxed)
            let local = Counted()
            try withExtendedLifetime((captured, local)) {
                for number in 0..<dice.roll(1...40) {
                    Watchdog.tick()
                    do {
                        try withTimeout(.microseconds(dice.roll(0...400))) { try step(dice, number) }
                    } catch is TimeoutError {
                    } catch is CancellationError where Tasklet.isCancelled {
                        throw CancellationError()
                    } catch is TaskletExit {
                        throw TaskletExit()
                    } catch is Interruption {
                        // Came to this step, and not to the next one.
                    }
                }
            }
        }
        if !world.isPeaceful { withExtendedLifetime(world.handles.exchange(tasklet, at: dice.roll(0...63))) {} }
    }

    private struct Interruption: Error {}

    private func step(_ dice: Dice, _ number: Int) throws {
        let queue = dice.pick(world.queues)
        switch dice.roll(0...19) {
        case 0...2: try send(number, to: queue)
        case 3...5: take(try queue.receive())
        case 6...9: try selectSomething(dice, number)
        case 10:
            let semaphore = dice.pick(world.semaphores)
            try semaphore.place.withPermit { try semaphore.room.visit { try pass(dice) } }
        case 11, 12: try lockSomething(dice)
        case 13: try group(dice)
        case 14: if dice.isOnce(in: 2) { try world.event.wait() } else { world.event.set() }
        case 15: try world.barrier.wait()
        case 16: try promises(dice)
        case 17: if dice.isOnce(in: 2) { world.event.clear() } else { try withCancellationShield { try pass(dice) } }
        case 18: meddle(dice)
        default: try pass(dice)
        }
    }

    private func pass(_ dice: Dice) throws {
        if dice.isOnce(in: 2) {
            try Tasklet.schedule()
        } else {
            try Tasklet.sleep(for: .microseconds(dice.roll(0...60)))
        }
    }

    private func send(_ number: Int, to queue: Queue<Parcel>) throws {
        // By a select: it tells whether the queue has it when the time is up.
        let parcel = Parcel(sender: 0, number: number)
        try select {
            queue.onSend(parcel) { [world] in _ = world.sent.add(1, ordering: .relaxed) }
        }
    }

    private func take(_ parcel: Parcel) {
        parcel.take()
        world.received.add(1, ordering: .relaxed)
    }

    private func selectSomething(_ dice: Dice, _ number: Int) throws {
        let (first, second) = (dice.pick(world.queues), dice.pick(world.queues))
        let channel = dice.pick(world.channels)
        let semaphore = dice.pick(world.semaphores)
        let (sends, meets, acquires) = (dice.isOnce(in: 2), dice.isOnce(in: 2), dice.isOnce(in: 3))
        let sent = { [world] in _ = world.sent.add(1, ordering: .relaxed) }
        try select {
            if sends { first.onSend(Parcel(sender: 1, number: number), sent) }
            second.onReceive { self.take($0) }
            if meets {
                channel.onSend(Parcel(sender: 2, number: number), sent)
                channel.onReceive { self.take($0) }
            }
            if acquires {
                semaphore.place.onAcquire {
                    defer { semaphore.place.release() }
                    try semaphore.room.visit { try self.pass(dice) }
                }
            }
            world.event.onSet {}
            if !sends { after(.microseconds(dice.roll(0...100))) {} }
        }
    }

    private func lockSomething(_ dice: Dice) throws {
        let number = dice.roll(0...1)
        let (lock, tree, table) = (world.locks[number], world.trees[0], world.tables[0])
        switch dice.roll(0...4) {
        case 0: try lock.place.withLock { try lock.room.visit { try pass(dice) } }
        case 1:
            // The room is left during the wait, in which others hold the lock.
            try lock.place.withLock { try world.conditions[number].wait() }
        case 2:
            try lock.place.withLock {
                if dice.isOnce(in: 2) {
                    world.conditions[number].signal()
                } else {
                    world.conditions[number].broadcast()
                }
                try lock.room.visit { try pass(dice) }
            }
        case 3: try tree.place.withLock { try tree.place.withLock { try tree.room.visit { try pass(dice) } } }
        default:
            if dice.isOnce(in: 3) {
                try table.place.withWriteLock { try table.room.visit { try pass(dice) } }
            } else {
                try table.place.withReadLock { try pass(dice) }
            }
        }
    }

    private func group(_ dice: Dice) throws {
        try withTaskletGroup(of: Counted.self, limit: dice.roll(1...3)) { group in
            for _ in 0..<dice.roll(0...4) {
                let dice = dice.split()
                try group.add {
                    try withTimeout(.microseconds(300), orElse: ()) { try self.pass(dice) }
                    if dice.isOnce(in: 10) { throw Interruption() }
                    return Counted()
                }
            }
            var isOver = false
            while !isOver {
                try select {
                    group.onNext { if $0 == nil { isOver = true } }
                    world.event.onSet { isOver = true }
                    dice.pick(world.queues).onReceive { self.take($0) }
                }
            }
        }
    }

    private func promises(_ dice: Dice) throws {
        switch dice.roll(0...3) {
        case 0: promise = Promise()
        case 1: if promise.result == nil { promise.fulfill(1) }
        case 2:
            let child = Tasklet.spawn { try withTimeout(.microseconds(200), orElse: ()) { try self.pass(dice) } }
            try child.value()
        default:
            try select {
                promise.onValue { _ in }
                world.event.onSet {}
                after(.microseconds(50)) {}
            }
        }
    }

    /// With a tasklet of whatever thread, perhaps of one that has ended.
    private func meddle(_ dice: Dice) {
        guard !world.isPeaceful, let tasklet = world.handles.look(at: dice.roll(0...63)) else { return }
        switch dice.roll(0...2) {
        case 0: try? tasklet.kill(pending: true)
        case 1: tasklet.cancel()
        default: try? tasklet.raise(Interruption(), pending: true)
        }
    }
}
