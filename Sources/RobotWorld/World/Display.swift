/// The actor that shows the world. It has no place there; what it gets it hands over to the driver.
package final class Display: WorldActor {
    private let driver: Driver
    private let changeWorld: () throws -> Void

    /// Creates a display and has it join a world. Returns when the world has taken its message, so other tasklets run
    /// meanwhile.
    ///
    /// - Parameters:
    ///   - driver: Gets every state that reaches the display.
    ///   - changeWorld: Called in the display's tasklet each time that the driver has let it go on.
    package init(in world: World, driver: Driver, changeWorld: @escaping () throws -> Void = {}) throws {
        self.driver = driver
        self.changeWorld = changeWorld
        try super.init(name: "Display", counts: world.counts, trace: world.trace)
        try note("print: Display send msg to world")
        try send(.join(Entry(withoutPlace: .display)), to: world.address)
        try note("print: display init")
    }

    override package func handle(_ message: Message) throws {
        guard case .worldState(let state) = message.content else {
            return try super.handle(message)
        }
        try note("print: recv WORLD_STATE, start to update display")
        try driver.take(.state(state))
        try changeWorld()
    }
}
