/// What a run begins with: which robots, between which walls.
public struct Scenario: Equatable, Sendable {
    /// How one robot begins.
    public struct Start: Equatable, Sendable {
        /// The robot's name, different from all others: two robots of one name end the process when the scenario is run.
        public var id: String
        /// Where it begins.
        public var location: Location
        /// Where it is heading.
        public var vector: Vector
        /// What decides how it goes on.
        public var behaviour: Robot.Type
        /// False for a robot that gets every message but is neither moved nor shown, as those that begin at (-1, -1) in the
        /// original world: its recorded runs have such robots.
        package var hasPlace = true

        /// Creates a robot's beginning.
        public init(id: String, location: Location, vector: Vector, behaviour: Robot.Type = ClassicRobot.self) {
            self.id = id
            self.location = location
            self.vector = vector
            self.behaviour = behaviour
        }

        /// True when the robots begin alike and behave alike.
        public static func == (one: Start, other: Start) -> Bool {
            one.id == other.id && one.location == other.location && one.vector == other.vector
                && one.behaviour == other.behaviour && one.hasPlace == other.hasPlace
        }
    }

    /// The robots, in the order in which they join.
    public var robots: [Start]
    /// Where the walls are.
    public var size: WorldSize
    /// Whether the world stands still until all robots have joined, so that step 1 shows everyone.
    ///
    /// Otherwise it turns while they join, as the original robot world does: the first steps show only some of them, of `n`
    /// robots about the first log₂ `n` steps. ``random(robots:seed:size:velocities:behaviour:)`` makes worlds that wait.
    public var waitsForAll: Bool

    /// Creates a scenario from its robots and the walls around them.
    ///
    /// - Parameters:
    ///   - robots: The robots, in the order in which they join.
    ///   - size: Where the walls are.
    ///   - waitsForAll: Whether the world stands still until all robots have joined.
    public init(robots: [Start], size: WorldSize = .classic, waitsForAll: Bool = false) {
        self.robots = robots
        self.size = size
        self.waitsForAll = waitsForAll
    }

    /// Twelve robots, most of which begin in the upper right corner.
    public static let classic = Scenario(
        robots: [
            (0, 0, 135, 5),
            (464, 0, 225, 10),
            (464, 0, 0, 100),
            (464, 4, 0, 10),
            (464, 6, 0, 20),
            (464, 6, 0, 30),
            (464, 6, 0, 40),
            (464, 6, 0, 50),
            (464, 6, 0, 60),
            (464, 6, 0, 70),
            (464, 6, 0, 80),
            (464, 6, 0, 90),
        ].enumerated().map { index, robot in
            Start(
                id: "R\(index + 1)",
                location: Location(x: robot.0, y: robot.1),
                vector: Vector(angle: robot.2, velocity: robot.3)
            )
        }
    )

    /// Robots `R1`, `R2`, … at random places between the walls, with random headings and velocities, in a world that
    /// waits for all of them.
    ///
    /// The same seed gives the same robots everywhere. Each robot draws from a stream of its own, so the first n robots
    /// do not depend on how many follow.
    ///
    /// - Parameters:
    ///   - count: How many; not negative.
    ///   - seed: What the draws begin with.
    ///   - size: Where the walls are. The places are whole numbers, so at least that of (0, 0) must be between them.
    ///   - velocities: Velocities are whole numbers of this range.
    ///   - behaviour: What decides how they go on.
    public static func random(
        robots count: Int,
        seed: UInt64,
        size: WorldSize = .classic,
        velocities: ClosedRange<Int> = 1...10,
        behaviour: Robot.Type = ClassicRobot.self
    ) -> Scenario {
        guard count >= 0 else {
            fatalError("A scenario cannot have \(count) robots; give a count that is not negative")
        }
        var seeds = SplitMix64(seed: seed)
        let robots = (0..<count).map { index in
            var random = SplitMix64(seed: seeds.next())
            return Start(
                id: "R\(index + 1)",
                location: Location(x: random.whole(0...Int(size.width)), y: random.whole(0...Int(size.height))),
                // Half degrees, as all angles in the world: so only 720 sines occur, the same on every machine.
                vector: Vector(angle: random.whole(0...719) / 2, velocity: random.whole(velocities)),
                behaviour: behaviour
            )
        }
        return Scenario(robots: robots, size: size, waitsForAll: true)
    }
}
