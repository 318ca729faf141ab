import Greenlets
import Synchronization
import Tasklets
import TestSupport

/// Greenlets and generators at random: they switch, throw, end, are dropped, here and on other threads.
struct GreenletRound {
    private struct Mishap: Error {}

    /// Carries greenlets to another thread, to be dropped there.
    private final class Mailbox: Sendable {
        private struct Parcel: @unchecked Sendable {
            let greenlet: Greenlet<Int>
        }

        private let parcels = Locked<[Parcel]>([])

        func give(_ greenlet: Greenlet<Int>) {
            let parcel = Parcel(greenlet: greenlet)
            parcels.withLock { $0.append(parcel) }
        }

        func dropAll() {
            let dropped = parcels.withLock { parcels in
                defer { parcels = [] }
                return parcels
            }
            withExtendedLifetime(dropped) {}
        }
    }

    /// The greenlets of one tasklet.
    private final class Playground {
        let dice: Dice
        let mailbox: Mailbox
        var greenlets: [Greenlet<Int>] = []
        var stepsLeft: Int

        init(dice: Dice, mailbox: Mailbox) {
            self.dice = dice
            self.mailbox = mailbox
            stepsLeft = dice.roll(20...400)
        }

        func make() {
            let counted = Counted()
            greenlets.append(
                Greenlet { [unowned self] value in
                    let onStack = Counted()
                    return try withExtendedLifetime((counted, onStack)) { try play(value) }
                }
            )
        }

        /// What everybody does, main included.
        func play(_ start: Int) throws -> Int {
            var value = start
            while stepsLeft > 0 {
                stepsLeft -= 1
                Watchdog.tick()
                do {
                    value = try step(value)
                } catch is Mishap {
                    if dice.isOnce(in: 3) { throw Mishap() }
                } catch is GreenletError {
                    // A child that has ended without a value, another tree.
                }
                if !Greenlet<Int>.current.isMain, dice.isOnce(in: 12) { break }
            }
            return value + 1
        }

        private func step(_ value: Int) throws -> Int {
            switch dice.roll(0...11) {
            case 0, 1: make()
            case 2, 3, 4, 5: return try pick()?.switch(value) ?? value
            case 6: return try pick()?.throw(Mishap()) ?? value
            case 7: return try pick()?.throw() ?? value
            case 8: _ = take()
            case 9: if let taken = take() { mailbox.give(taken) }
            case 10: mailbox.dropAll()
            default: return try consume(depth: dice.roll(1...3))
            }
            if dice.isOnce(in: 4) { try Tasklet.schedule() }
            return value
        }

        private func pick() -> Greenlet<Int>? { greenlets.isEmpty ? nil : dice.pick(greenlets) }

        private func take() -> Greenlet<Int>? {
            greenlets.isEmpty ? nil : greenlets.remove(at: dice.roll(0...greenlets.count - 1))
        }

        /// Generators inside each other, left at any moment.
        private func numbers(depth: Int) -> Generator<Int> {
            let counted = Counted()
            return Generator { [unowned self] yield in
                let onStack = Counted()
                try withExtendedLifetime((counted, onStack)) {
                    if depth > 1 { for number in numbers(depth: depth - 1) { try yield(number) } }
                    for number in 0..<4 {
                        if dice.isOnce(in: 10) { try Tasklet.schedule() }
                        try yield(number)
                    }
                }
            }
        }

        private func consume(depth: Int) throws -> Int {
            var sum = 0
            let iterator = numbers(depth: depth).makeIterator()
            while let number = try iterator.tryNext() {
                sum += number
                if dice.isOnce(in: 6) { break }
            }
            return sum
        }
    }

    let dice: Dice
    let threads: Int

    func run() {
        let mailbox = Mailbox()
        let seed = dice.next()
        TestThread.run(count: threads) { index in
            let dice = Dice(seed: seed &+ UInt64(index))
            let live = {
                for _ in 0..<dice.roll(1...6) {
                    let playground = Playground(dice: dice.split(), mailbox: mailbox)
                    Tasklet {
                        Tally.tasklets.add(1, ordering: .relaxed)
                        playground.make()
                        _ = try? playground.play(0)
                        // Their bodies refer to the playground: whoever is suspended ends here, or with the tasklet.
                        defer { withExtendedLifetime(playground) {} }
                        playground.greenlets = []
                    }
                }
                try Tasklet.run()
            }
            do {
                if dice.isOnce(in: 2) { try Scheduler.scope(live) } else { try live() }
            } catch {
                fail("thread \(index) ended with \(error)")
            }
        }
        mailbox.dropAll()
    }
}
