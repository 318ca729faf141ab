import Synchronization
import Tasklets

/// What has happened in all rounds so far.
enum Tally {
    static let tasklets = Atomic<Int>(0)
    static let parcels = Atomic<Int>(0)
}

/// Counts objects of the running round while they live.
enum Living {
    private static let counter = Atomic<Int>(0)

    static var count: Int { counter.load(ordering: .sequentiallyConsistent) }

    static func add(_ change: Int) {
        counter.add(change, ordering: .sequentiallyConsistent)
    }
}

/// An object on the stack of a tasklet that has started, or in its closure.
final class Counted: Sendable {
    init() { Living.add(1) }
    deinit { Living.add(-1) }
}

/// What travels through the channels.
final class Parcel: Sendable {
    let sender: Int
    /// Rises with every parcel of a sender.
    let number: Int
    private let isTaken = Atomic<Bool>(false)

    init(sender: Int, number: Int) {
        self.sender = sender
        self.number = number
        Living.add(1)
    }

    deinit { Living.add(-1) }

    /// Called by whoever received the parcel.
    func take() {
        Watchdog.tick()
        Tally.parcels.add(1, ordering: .relaxed)
        if isTaken.exchange(true, ordering: .sequentiallyConsistent) {
            fail("parcel \(number) of sender \(sender) arrived twice")
        }
    }
}

/// An error whose end runs the program's code, at a moment that the kernel chooses.
final class Grenade: Error {
    private let givesWay: Bool

    init(givesWay: Bool) {
        self.givesWay = givesWay
        Living.add(1)
    }

    deinit {
        Living.add(-1)
        if givesWay {
            try? Scheduler.scope { _ = Tasklet { try Tasklet.schedule() } }
        } else {
            _ = Tasklet.current.isAlive
        }
    }
}
