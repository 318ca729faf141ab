import Channels
package import Tasklets

/// Something with a life of its own: a channel that it receives from, and a tasklet that for ever takes the next
/// message and handles it.
///
/// Nobody else touches an actor's state; whoever wants something of it sends it a message.
///
/// ``Robot`` is the actor to make others from.
open class Actor {
    /// Where this actor is reached.
    package let address: Address
    /// The tasklet in which this actor handles its messages. It keeps the actor alive until it ends.
    package let tasklet: Tasklet
    let counts: Counts
    let trace: Trace

    package init(name: String, taskletName: String? = nil, counts: Counts, trace: Trace) throws {
        address = Address(name: name)
        tasklet = Tasklet(name: taskletName ?? name)
        self.counts = counts
        self.trace = trace
        try tasklet.bind { [channel = address.channel] in
            while true {
                try self.note("receive")
                let message = try channel.receive()
                try self.note("got \(message)")
                try self.handle(message)
            }
        }
        try tasklet.setup()
    }

    /// Does what a message asks for. Every kind of actor has its own; what it does not know it only reports.
    func handle(_ message: Message) throws {
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
