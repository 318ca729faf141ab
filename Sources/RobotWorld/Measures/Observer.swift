/// What has been seen of a run up to its latest step: where everyone is, and what adds up from step to step.
///
/// This is what a ``Measure`` is taken of:
///
///     var observer = Observer(of: scenario)
///     try Simulation(scenario).run { step in
///         observer.take(step)
///         return observer.collisions < 100 ? .proceed : .stop
///     }
///     print(observer.steps, observer.robots.map(\.distance))
public struct Observer: Sendable {
    /// One robot, as it has been seen.
    public struct Robot: Sendable {
        /// The robot's name.
        public let id: String
        /// Where it is.
        public internal(set) var location: Location
        /// Where it is heading.
        public internal(set) var vector: Vector
        /// How far it has flown.
        public internal(set) var distance = 0.0
        /// How often a wall has barred its way.
        public internal(set) var collisions = 0
    }

    /// The number of the latest step; 0 before the first.
    public private(set) var steps = 0
    /// How many messages had been sent then.
    public private(set) var messages = 0
    /// How often a wall has barred the way of a robot, also of those that have left.
    public private(set) var collisions = 0
    /// The robots that have a place, in the order in which they joined.
    ///
    /// Distance and collisions of a robot that has been added while the world turned count from the second step on that
    /// shows it.
    public private(set) var robots: [Robot] = []
    private let starts: [Scenario.Start]
    /// All robots of the scenario before this one have been seen, or have no place.
    private var nextStart = 0

    /// Creates the observer of a run that has made no step yet.
    ///
    /// - Parameter scenario: What the run begins with. From where its robots fly in the first step is known from there.
    public init(of scenario: Scenario) {
        starts = scenario.robots
    }

    /// Takes in the next step.
    ///
    /// - Parameter step: None may be left out: distances and collisions are told from where everyone was before.
    public mutating func take(_ step: Simulation.Step) {
        steps = step.number
        messages = step.messages
        let size = step.state.size
        var seen = 0
        for robot in step.state {
            // Those who are missing have left.
            while seen < robots.count, robots[seen].id != robot.id { robots.remove(at: seen) }
            let isNew = seen == robots.count
            if isNew {
                let start = start(of: robot.id)?.location ?? robot.location
                robots.append(Robot(id: robot.id, location: start, vector: robot.vector))
            }
            let former = robots[seen].location
            robots[seen].location = robot.location
            robots[seen].vector = robot.vector
            if former != robot.location {
                let (x, y) = (robot.location.x - former.x, robot.location.y - former.y)
                robots[seen].distance += (x * x + y * y).squareRoot()
            } else if !size.contains(former.moved(along: robot.vector)) {
                robots[seen].collisions += 1
                collisions += 1
            }
            seen += 1
        }
        robots.removeLast(robots.count - seen)
    }

    /// Robots join in the order of the scenario.
    private mutating func start(of id: String) -> Scenario.Start? {
        guard let index = starts[nextStart...].firstIndex(where: { $0.id == id }) else { return nil }
        nextStart = index + 1
        return starts[index]
    }
}
