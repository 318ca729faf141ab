/// What is counted while a world runs. Its actors share it.
package final class Counts {
    var messages = 0
    var collisions = 0
    var updates = 0

    package init() {}

    /// All of it at this moment.
    var tally: Tally {
        get { Tally(messages: messages, collisions: collisions, updates: updates) }
        set {
            messages = newValue.messages
            collisions = newValue.collisions
            updates = newValue.updates
        }
    }
}

/// What has been counted.
struct Tally: Sendable {
    var messages = 0
    var collisions = 0
    var updates = 0

    static func + (one: Tally, other: Tally) -> Tally {
        Tally(
            messages: one.messages + other.messages,
            collisions: one.collisions + other.collisions,
            updates: one.updates + other.updates
        )
    }
}
