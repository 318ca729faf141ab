/// An actor that flies through the world. By itself it flies straight on, and stays at a wall that bars its way.
///
/// The world moves it; it only tells the world where it is heading. Its own idea of where it is is a guess that nobody
/// corrects; where it really is it may look up with ``location(in:)``.
///
/// A class made from this one is a behaviour, see <doc:AnActorOfYourOwn>:
///
///     final class Spinner: Robot {
///         override func see(_ state: WorldState) { vector.turn(by: 10) }
///         override func collide(with walls: Walls) { vector.turn(by: 180) }
///     }
open class Robot: WorldActor {
    /// Where the robot believes it is.
    private var location: Location
    /// Where the robot is heading. The world is told after every ``see(_:)``.
    public final var vector: Vector {
        get { heading }
        set { heading = newValue }
    }
    // A stored property that is public would be checked for overlapping accesses at each use, at a cost that shows.
    private var heading: Vector
    /// How often the world told it that its way was barred.
    private var collisions = 0
    /// How often it told the world its heading.
    private var updates = 0
    private let world: Address

    /// Creates a robot and has it join a world. Returns when the world has taken its message, so other tasklets run meanwhile.
    ///
    /// Its own tasklet may be among them: what a behaviour adds has to be set before it calls this.
    public required init(_ start: Scenario.Start, in world: World) throws {
        location = start.location
        heading = start.vector
        self.world = world.address
        try super.init(name: start.id, counts: world.counts, trace: world.trace)
        try note("print: Robot Robot send msg to world")
        let entry =
            start.hasPlace
            ? Entry(kind: .robot, location: start.location, vector: start.vector)
            : Entry(withoutPlace: .robot, vector: start.vector)
        try send(.join(entry), to: self.world)
    }

    /// Called once a step, in the robot's tasklet, with where everyone is: the place to turn.
    ///
    /// - Throws: What it throws ends the robot and comes out of the whole run.
    open func see(_ state: WorldState) throws {}

    /// Called in the robot's tasklet when walls bar its way: it has not moved, and `see` comes next.
    ///
    /// - Throws: What it throws ends the robot and comes out of the whole run.
    open func collide(with walls: Walls) throws {}

    /// What the robot has to remember from step to step beyond its heading, such as the state of its random numbers.
    ///
    /// A behaviour that keeps such things gives them here and takes them back, so that a run can be saved and resumed.
    open var memory: [UInt64] {
        get { [] }
        set {}
    }

    /// What the robot believes.
    final var report: Outcome.RobotReport {
        Outcome.RobotReport(
            id: address.name,
            location: location,
            vector: heading,
            collisions: collisions,
            updates: updates
        )
    }

    /// All that is needed to make the robot anew.
    ///
    /// - Parameter entry: What its world knows of it.
    final func saved(knownAs entry: Entry) -> SavedRobot {
        var start = Scenario.Start(
            id: address.name,
            location: entry.location,
            vector: entry.vector ?? heading,
            behaviour: type(of: self)
        )
        start.hasPlace = entry.hasPlace
        return SavedRobot(start: start, report: report, memory: memory)
    }

    /// Becomes the robot that has been saved. Its world must have it as it begins with, and stand still.
    final func resume(_ saved: SavedRobot) {
        location = saved.report.location
        heading = saved.report.vector
        collisions = saved.report.collisions
        updates = saved.report.updates
        memory = saved.memory
    }

    override public final func handle(_ message: Message) throws {
        switch message.content {
        case .worldState(let state):
            location.x += heading.velocity
            location.y += heading.velocity
            try see(state)
            updates += 1
            counts.updates += 1
            try send(.updateVector(heading), to: world)
        case .collision(let walls):
            collisions += 1
            try collide(with: walls)
        default:
            try super.handle(message)
        }
    }
}

extension Robot {
    /// The behaviours of this module, by the names that scenario files have for them.
    public static let behaviours: KeyValuePairs<String, Robot.Type> = [
        "classic": ClassicRobot.self,
        "bounce": BouncingRobot.self,
        "wander": WanderingRobot.self,
        "avoid": AvoidingRobot.self,
    ]
}
