public import Actors
import Channels
import Tasklets

/// An actor of the robot world: it counts and tells what it does.
///
/// ``Robot`` is the one to make others from. A world with messages of its own is made from `Actor`, in the module `Actors`.
open class WorldActor: Actor<Message> {
    /// Where this actor is reached, and who it is.
    package let address: Address
    let counts: Counts
    let trace: Trace

    package init(name: String, taskletName: String? = nil, counts: Counts, trace: Trace) throws {
        address = Address(name: name)
        self.counts = counts
        self.trace = trace
        try super.init(inbox: address.channel, name: taskletName ?? name)
    }

    override public final func live() throws {
        let channel = address.channel
        while true {
            try note("receive")
            let message = try channel.receive()
            try note("got \(message)")
            try handle(message)
        }
    }

    /// Does what a message asks for. Every kind of actor has its own; what it does not know it only reports.
    override open func handle(_ message: Message) throws {
        try note("print: UNKNOWN MSG \(message)")
    }

    /// Sends to another actor, and returns once that one has taken the message.
    final func send(_ content: consuming Message.Content, to receiver: Address) throws {
        try note("send \(receiver.name): \(content)")
        counts.messages += 1
        try address.send(content, to: receiver)
        try note("sent \(receiver.name)")
    }

    /// Takes the actor out of a world and ends it.
    ///
    /// The counterpart of joining, which is said in the actor's name too by whoever creates it. Returns when the world has
    /// taken the message, so other tasklets run meanwhile.
    package final func leave(_ world: World) throws {
        try send(.leave, to: world.address)
        // From here on the world sends it nothing more. Whoever waits for the actor to listen would wait for ever.
        while address.channel.balance > 0 { _ = try address.channel.receive() }
        try tasklet.kill()
    }

    /// Tells the trace that the running tasklet does something.
    @inline(__always)
    final func note(_ event: @autoclosure () -> String) throws {
        if trace.listener != nil { try write(event) }
    }

    /// A call of its own: what makes the line takes room in the frame, and every actor has such frames.
    @inline(never)
    private func write(_ event: () -> String) throws {
        try trace.listener?("\(Tasklet.current.name) \(event())")
    }
}
