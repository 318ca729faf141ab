/// A run of the robot world.
///
///     let outcome = try Simulation(.classic).run { step in
///         step.number < 1000 ? .proceed : .stop
///     }
///     print(outcome.digest)
///
/// The world runs on a scheduler of its own. When `run` returns or throws, every tasklet of the world has ended.
public struct Simulation {
    /// Which robots take part, and where the walls are.
    public let scenario: Scenario

    /// One state of the world that has reached the display.
    public struct Step {
        /// 1 for the first.
        public let number: Int
        /// Where everyone is.
        public let state: WorldState
        /// The digest of all states up to this one.
        public let digest: Digest
        /// How many messages have been sent so far.
        public let messages: Int
        let run: Run

        /// Has another robot join the world; it is shown from the next step or the one after on.
        ///
        /// Only while the step is shown.
        ///
        /// - Returns: False when a robot has this name already; then nothing has happened.
        @discardableResult
        public func add(_ start: Scenario.Start) throws -> Bool { try run.add(start) }

        /// Has a robot leave the world; it is no longer shown from the next step on.
        ///
        /// Only while the step is shown.
        ///
        /// - Returns: False when no robot has this name; then nothing has happened.
        @discardableResult
        public func remove(_ id: String) throws -> Bool { try run.remove(id) }
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
        let run = Run(journal: Journal(trace: trace), traceSteps: traceSteps, show: show)
        try run.start(scenario)
        return run.outcome
    }
}
