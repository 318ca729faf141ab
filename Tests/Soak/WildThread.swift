import Channels
import Synchronization
import Tasklets
import TestSupport

/// One thread of a wild round: its main starts tasklets that do what chance says, and runs them.
///
/// Main never blocks on a channel, so that no wait of its tasklets can hold up the thread.
final class WildThread {
    private let dice: Dice
    private let world: WildRound.World
    private let common: [Channel<Parcel>]
    private let own = (0..<3).map { Channel<Parcel>(name: "own \($0)") }
    private var locals: [Tasklet] = []
    private var made = 0
    private static let mostTasklets = 1000

    init(dice: Dice, world: WildRound.World) {
        self.dice = dice
        self.world = world
        common = world.channels
    }

    func run() {
        for _ in 0..<dice.roll(1...400) { start() }
        if dice.isOnce(in: 2) { drop(world.exchange(Tasklet.current, at: dice.roll(0...63))) }
        for _ in 0..<dice.roll(5...60) {
            Watchdog.tick()
            // Errors of tasklets, or what others threw at main.
            try? takeTurn()
            for fault in SchedulerCore.current.validate() { fail("invalid: \(fault)") }
        }
        // Half of the threads end while their tasklets wait.
        if dice.isOnce(in: 2) {
            for tasklet in locals { try? tasklet.kill() }
        }
        // Taken out first: dropping a handle may end its tasklet, whose cleanup runs here and uses this array.
        var former: [Tasklet] = []
        swap(&former, &locals)
        former.removeAll()
    }

    private func takeTurn() throws {
        switch dice.roll(0...9) {
        case 0: try Tasklet.run(switches: dice.roll(1...50))
        case 1: try Tasklet.schedule()
        case 2: start()
        case 3: try meddle()
        case 4: dice.pick(own).finish()
        case 5: for channel in own { channel.open() }
        default: try Tasklet.run()
        }
    }

    private func drop(_ tasklet: consuming Tasklet?) {}

    /// Starts a tasklet; its handle goes into the list, to the other threads, or nowhere.
    private func start() {
        guard made < Self.mostTasklets else { return }
        made += 1
        let captured = Counted()
        let dice = self.dice.split()
        let tasklet = Tasklet(scheduled: !dice.isOnce(in: 8)) { [self] in
            Tally.tasklets.add(1, ordering: .relaxed)
            let local = Counted()
            try withExtendedLifetime((captured, local)) { try live(dice) }
        }
        switch dice.roll(0...3) {
        case 0: break
        case 1: drop(world.exchange(tasklet, at: dice.roll(0...63)))
        default: locals.append(tasklet)
        }
    }

    private func live(_ dice: Dice) throws {
        let sender = world.lastSender.add(1, ordering: .relaxed).newValue
        var stubbornness = dice.isOnce(in: 20) ? 2 : 0
        defer {
            // Cleanup that gives way, or that fails to.
            if dice.isOnce(in: 4) { try? Tasklet.schedule() }
        }
        for number in 0..<dice.roll(1...25) {
            Watchdog.tick()
            do {
                try step(dice, sender: sender, number: number)
            } catch is TaskletExit {
                if stubbornness == 0 { throw TaskletExit() }
                stubbornness -= 1
            } catch {
                if dice.isOnce(in: 10) { throw error }
            }
        }
    }

    private func step(_ dice: Dice, sender: Int, number: Int) throws {
        let channel = dice.isOnce(in: 2) ? dice.pick(common) : dice.pick(own)
        switch dice.roll(0...19) {
        case 0...3: try channel.send(Parcel(sender: sender, number: number))
        case 4...7: try channel.receive().take()
        case 8: try channel.send(throwing: Grenade(givesWay: dice.isOnce(in: 2)))
        case 9: if let parcel = try channel.next() { parcel.take() }
        case 10...12: try Tasklet.schedule()
        case 13: try Tasklet.scheduleRemove()
        case 14: try meddleAtHome(dice)
        case 15: try meddle()
        case 16: try scope(dice)
        case 17: start()
        case 18: try setTraps(dice, channel)
        default: try Tasklet.run()
        }
    }

    /// With a tasklet of this thread.
    private func meddleAtHome(_ dice: Dice) throws {
        guard !locals.isEmpty else { return }
        let place = dice.roll(0...locals.count - 1)
        let tasklet = locals[place]
        switch dice.roll(0...7) {
        case 0: try tasklet.kill()
        case 1: try tasklet.kill(pending: true)
        case 2: try tasklet.raise(Grenade(givesWay: dice.isOnce(in: 2)), pending: dice.isOnce(in: 2))
        case 3: try tasklet.run()
        case 4: try tasklet.switch()
        case 5: try tasklet.remove()
        case 6: try tasklet.insert()
        default: drop(locals.remove(at: place))
        }
    }

    /// With a tasklet of whatever thread, perhaps of one that has ended.
    private func meddle() throws {
        let place = dice.roll(0...63)
        guard let tasklet = world.look(at: place) else { return }
        switch dice.roll(0...9) {
        case 0: try tasklet.kill(pending: dice.isOnce(in: 2))
        case 1: try tasklet.raise(Grenade(givesWay: false))
        case 2: try tasklet.insert()
        case 3: try tasklet.run()
        case 4: try tasklet.remove()
        case 5: drop(world.exchange(nil, at: place))
        case 6: drop(world.exchange(tasklet, at: place + 1))
        case 7: _ = (tasklet.next, tasklet.previous, tasklet.description, tasklet.scheduler)
        case 8: _ = (tasklet.isCurrent, tasklet.isBlocked, tasklet.isScheduled, tasklet.isMain)
        default:
            _ = (Scheduler.current.tasklets, Scheduler.current.runQueue)
            _ = (common.map(\.waiting), common.map(\.balance))
        }
    }

    /// A scope inside a tasklet, whose tasklets also use the channels outside.
    private func scope(_ dice: Dice) throws {
        let inside = Channel<Parcel>(name: "inside")
        let outside = dice.pick(common + own)
        try Scheduler.scope {
            for sender in 0..<dice.roll(1...4) {
                Tasklet { try inside.send(Parcel(sender: sender, number: 0)) }
                Tasklet { try inside.receive().take() }
            }
            let caller = Tasklet {
                let counted = Counted()
                try withExtendedLifetime(counted) {
                    if dice.isOnce(in: 2) {
                        try outside.send(Parcel(sender: 0, number: 0))
                    } else {
                        try outside.receive().take()
                    }
                }
            }
            drop(world.exchange(caller, at: dice.roll(0...63)))
            try Tasklet.run()
        }
    }

    private func setTraps(_ dice: Dice, _ channel: Channel<Parcel>) throws {
        switch dice.roll(0...4) {
        case 0:
            Tasklet.current.blockTrap = dice.isOnce(in: 3)
        case 1:
            Scheduler.current.switchTrap(1)
            defer { Scheduler.current.switchTrap(-1) }
            try channel.receive().take()
        case 2:
            Scheduler.current.scheduleCallback =
                dice.isOnce(in: 2) ? { previous, next in _ = (previous.isAlive, next.isAlive, Counted()) } : nil
        case 3:
            Scheduler.current.errorHandler = dice.isOnce(in: 2) ? { error in throw error } : nil
        default:
            channel.preference = dice.pick([.receiver, .neither, .sender])
            channel.schedulesAll = dice.isOnce(in: 3)
        }
    }
}
