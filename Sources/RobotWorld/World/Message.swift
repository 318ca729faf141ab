package import Channels
import Synchronization

/// What one actor tells another: who is speaking, and what.
@safe
public struct Message: Sendable {
    /// The actor that speaks. Its address is its identity.
    ///
    /// Not counted, which would take two atomic operations a message. It lives as long as the frame that sends: whoever
    /// handles the message uses it before anything else may run, or retains it.
    package let sender: Unmanaged<Address>
    /// What it says.
    package let content: Content

    /// The messages of the robot world.
    package enum Content: Sendable {
        /// To the world, from a new actor: register me. Indirect, since its entry would make every message as large.
        indirect case join(Entry)
        /// To the world, from an actor that is going to end: forget me.
        case leave
        /// To the world, from a robot: this is my heading now.
        case updateVector(Vector)
        /// To a robot, from the world: your way is barred.
        case collision(Walls)
        /// To every actor, from the world: this is where everyone is.
        case worldState(WorldState)
    }

    fileprivate init(from sender: Address, _ content: consuming Content) {
        unsafe self.sender = .passUnretained(sender)
        self.content = content
    }
}

extension Message: CustomStringConvertible {
    /// The message as the event trace writes it, such as `UPDATE_VECTOR 135.5 5.0 from R1`.
    public var description: String { "\(content) from \(unsafe sender.takeUnretainedValue().name)" }
}

extension Message.Content: CustomStringConvertible {
    /// The content as the event trace writes it, such as `UPDATE_VECTOR 135.5 5.0`.
    package var description: String {
        switch self {
        case .join(let entry): "JOIN \(entry)"
        case .leave: "LEAVE"
        case .updateVector(let vector): "UPDATE_VECTOR \(vector.angle) \(vector.velocity)"
        case .collision: "COLLISION"
        case .worldState(let state): "WORLD_STATE[\(state.count)]"
        }
    }
}

/// Where an actor is reached. The address is also the actor's identity: two actors never share one.
package final class Address: Sendable {
    /// The actor's name, as in the event trace.
    package let name: String
    /// The channel that the actor receives from.
    package let channel: Channel<Message>
    /// Minus one stands for none. Only the thread of its part of the world changes it; robots of other parts may look.
    private let seatNumber = Atomic(-1)

    /// Creates an address nobody has had before.
    package init(name: String) {
        self.name = name
        channel = Channel(name: name)
    }

    /// Says something to another actor, and returns once that one has taken the message.
    package func send(_ content: consuming Message.Content, to receiver: Address) throws {
        try receiver.channel.send(Message(from: self, content))
    }

    /// Where its world's register has it, which alone sets this; nil before it has joined and after it has left.
    var seat: Int? {
        get {
            let number = seatNumber.load(ordering: .relaxed)
            return number < 0 ? nil : number
        }
        set { seatNumber.store(newValue ?? -1, ordering: .relaxed) }
    }
}
