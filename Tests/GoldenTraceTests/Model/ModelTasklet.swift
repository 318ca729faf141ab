/// A tasklet of the model: where it stands in its program, and where it stands among the others.
final class ModelTasklet {
    enum Place: Equatable {
        /// Not alive: never set up, or ended.
        case dead
        /// In the run queue.
        case queued
        /// In the line of a channel, by name.
        case blocked(channel: String)
        case paused
    }

    /// What the operation under way gives when the tasklet goes on.
    enum Slot: Equatable {
        case value(String)
        case error(String)
    }

    /// What becomes of the value in the slot.
    enum Purpose {
        /// The operation has no result.
        case nothing
        /// It becomes `it`.
        case result
        /// As `result`, and the loop over a channel goes on with it.
        case iteration
        /// The tasklet sends its slot: how many items a sequence still has is counted elsewhere.
        case sequence(channel: String, rest: ArraySlice<String>, sent: Int)
    }

    let name: String
    /// The body it is bound to and has not been set up with.
    var function: String?
    var place = Place.dead
    var isStarted = false
    var blockTrap = false
    var isAtomic = false
    var frames: [ModelFrame] = []
    var slot: Slot?
    var purpose = Purpose.nothing
    /// What a blocked sender offers.
    var offer: Slot?

    var it = "none"
    var err = "none"
    var i = "none"

    init(name: String) {
        self.name = name
    }

    var isAlive: Bool { place != .dead }

    var isBlocked: Bool {
        if case .blocked = place { true } else { false }
    }
}

/// A place in a program where execution goes on when what stands above it on the stack is done.
enum ModelFrame {
    case steps([Step], next: Int)
    /// Inside the `try` or, without a handler, inside the `do` of an attempt.
    case attempt(handler: Step.Handler?, finally: [Step])
    /// Inside `finally`; goes on with the outcome from before.
    case afterwards(ModelOutcome)
    case repeated(Int, [Step], pass: Int, outerPass: String)
    case forever([Step])
    case iterate(channel: String, [Step])
    case whileReceivers(channel: String, [Step])
    case whileSenders(channel: String, [Step])
}

/// How a step was left.
enum ModelOutcome {
    case done
    case leavingLoop
    case leavingBody
    case error(String)
}

/// A channel of the model.
struct ModelChannel {
    var preference = -1
    var schedulesAll = false
    var isClosing = false
    var line: [ModelTasklet] = []
    var lineSends = false

    var balance: Int { lineSends ? line.count : -line.count }
}
