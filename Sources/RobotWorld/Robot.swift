/// An actor that flies through the world and turns a little at every step.
///
/// The world moves it; it only tells the world where it is heading. Its own idea of where it is is a guess that nobody
/// corrects.
package final class Robot: Actor {
    /// Where the robot believes it is.
    private(set) var location: Location
    /// Where the robot is heading.
    private(set) var vector: Vector
    /// How often the world told it that its way was barred.
    private(set) var collisions = 0
    /// How often it told the world its heading.
    private(set) var updates = 0
    private let world: Address

    /// Creates a robot and has it join a world. Returns when the world has taken its message, so other tasklets run meanwhile.
    package init(_ start: Scenario.Start, in world: World) throws {
        location = start.location
        vector = start.vector
        self.world = world.address
        try super.init(name: start.id, journal: world.journal)
        try note("print: Robot Robot send msg to world")
        try send(.join(Entry(kind: .robot, location: location, vector: vector)), to: self.world)
    }

    override func handle(_ message: Message) throws {
        switch message.content {
        case .worldState:
            location.x += vector.velocity
            location.y += vector.velocity
            vector.turn(by: 0.5)
            updates += 1
            journal.updates += 1
            try send(.updateVector(vector), to: world)
        case .collision:
            collisions += 1
            vector.turn(by: 73)
        default:
            try super.handle(message)
        }
    }
}
