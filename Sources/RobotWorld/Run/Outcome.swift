/// What happened in a run.
public struct Outcome: Sendable {
    /// How many states reached the display.
    public let steps: Int
    /// How many messages were sent.
    public let messages: Int
    /// How many of them told a robot that its way was barred.
    public let collisions: Int
    /// How many of them told the world a robot's heading.
    public let updates: Int
    /// The digest of all states.
    public let digest: Digest
    /// What each robot that had joined and not left believes at the end, in order of joining.
    public let robots: [RobotReport]
    /// How many robots the run would go on with: those that had joined and not left, and those that were still to join.
    public let robotCount: Int

    /// A robot's own idea of itself. Nobody tells it where the world has put it.
    public struct RobotReport: Sendable {
        /// The robot's name.
        public let id: String
        /// Where it believes it is.
        public let location: Location
        /// Where it is heading.
        public let vector: Vector
        /// How often its way was barred.
        public let collisions: Int
        /// How often it told the world its heading.
        public let updates: Int

        /// Creates a report from its parts.
        public init(id: String, location: Location, vector: Vector, collisions: Int, updates: Int) {
            self.id = id
            self.location = location
            self.vector = vector
            self.collisions = collisions
            self.updates = updates
        }
    }
}
