import Tasklets

/// A run of the robot world.
///
///     let outcome = try Simulation(.classic).run { step in
///         step.number < 1000 ? .proceed : .stop
///     }
///     print(outcome.digest)
///
/// The world runs on a scheduler of its own. When `run` returns or throws, every tasklet of the world has ended.
public struct Simulation {
    /// Which robots take part.
    public let scenario: Scenario

    /// One state of the world that has reached the display.
    public struct Step {
        /// 1 for the first.
        public let number: Int
        /// Where everyone is.
        public let state: WorldState
        /// The digest of all states up to this one.
        public let digest: Digest
    }

    /// Whether a run shall go on after a step.
    public enum Verdict: Sendable {
        /// Go on.
        case proceed
        /// End the run here.
        case stop
    }

    /// Creates a run of a scenario. Nothing happens yet.
    public init(_ scenario: Scenario) {
        self.scenario = scenario
    }

    /// Builds the world, lets it run until a verdict is `.stop`, and ends everything in it.
    ///
    /// The world begins to turn while robots are still joining, so the first states show only some of them.
    ///
    /// - Parameters:
    ///   - trace: Told of every event, one line each. Without it no line is ever made.
    ///   - traceSteps: After how many steps the trace ends.
    ///   - show: Told of every step, in the display's tasklet; says whether to go on.
    /// - Returns: What happened.
    /// - Throws: What `trace` or `show` throw.
    public func run(
        trace: ((String) throws -> Void)? = nil,
        traceSteps: Int = .max,
        show: @escaping (Step) throws -> Verdict
    ) throws -> Outcome {
        let journal = Journal(trace: trace)
        var digest = Digest()
        var steps = 0
        var robots: [Robot] = []
        try Scheduler.scope {
            do {
                let world = try World(journal: journal)
                _ = try Display(in: world) { state in
                    steps += 1
                    state.add(to: &digest)
                    if steps == traceSteps { journal.trace = nil }
                    if try show(Step(number: steps, state: state, digest: digest)) == .stop { throw Stop() }
                }
                for start in scenario.robots {
                    let robot = try Robot(start, in: world)
                    robots.append(robot)
                }
                try journal.trace?("main run")
                try Tasklet.run()
            } catch is Stop {
                // Thrown in the display's tasklet; nobody there catches it, so it comes out of whatever main was doing.
            }
        }
        return Outcome(
            steps: steps,
            messages: journal.messages,
            collisions: journal.collisions,
            updates: journal.updates,
            digest: digest,
            robots: robots.map(Outcome.RobotReport.init)
        )
    }

    private struct Stop: Error {}
}

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
    /// What each robot that had joined believes at the end, in order of joining.
    public let robots: [RobotReport]

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

        init(_ robot: Robot) {
            id = robot.address.name
            location = robot.location
            vector = robot.vector
            collisions = robot.collisions
            updates = robot.updates
        }
    }
}
