/// The actor that shows the world. It has no place there; what it does with a state is up to the closure behind it.
package final class Display: Actor {
    private let show: (WorldState) throws -> Void

    /// Creates a display and has it join a world. Returns when the world has taken its message, so other tasklets run
    /// meanwhile.
    ///
    /// - Parameter show: Called in the display's tasklet with every state that reaches it. An error that it throws ends
    ///   the display and goes to whoever runs the scheduler.
    package init(in world: World, show: @escaping (WorldState) throws -> Void) throws {
        self.show = show
        // Whatever draws or writes may need far more stack than an actor; pages that are not touched cost nothing.
        try super.init(name: "Display", stackSize: 1 << 20, journal: world.journal)
        try note("print: Display send msg to world")
        try send(.join(Entry(withoutPlace: .display)), to: world.address)
        try note("print: display init")
    }

    override func handle(_ message: Message) throws {
        guard case .worldState(let state) = message.content else {
            return try super.handle(message)
        }
        try note("print: recv WORLD_STATE, start to update display")
        try show(state)
    }
}
