public import Tasklets

/// A run of the robot world.
///
///     let outcome = try Simulation(.classic).run { step in
///         step.number < 1000 ? .proceed : .stop
///     }
///     print(outcome.digest)
///
/// The world runs on a scheduler of its own. When `run` returns or throws, every tasklet of the world has ended.
public struct Simulation {
    /// Which robots take part, and where the walls are. In a resumed run: as they were saved.
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

        /// What is needed to go on from this step later, with the robots that have been added or removed so far.
        ///
        /// Only while the step is shown. Costs time and memory for every robot.
        public func snapshot() -> Snapshot { run.snapshot(of: state) }

        /// Has another robot join the world when the step has been shown; it is seen from the next step or the one after on.
        ///
        /// Only while the step is shown.
        ///
        /// - Returns: False when a robot has this name already, or one that is still to join; then nothing has happened.
        @discardableResult
        public func add(_ start: Scenario.Start) -> Bool { run.add(start) }

        /// Has a robot leave the world when the step has been shown; it is no longer seen from the next step on.
        ///
        /// Only while the step is shown.
        ///
        /// - Returns: False when no robot has this name, or has not joined yet; then nothing has happened.
        @discardableResult
        public func remove(_ id: String) -> Bool { run.remove(id) }

        /// True when a robot has been added or removed while the step is shown.
        package var isChanged: Bool { run.hasPendingChanges }
    }

    /// Whether a run is to go on after a step, or with robots that join.
    public enum Verdict: Sendable {
        /// Go on.
        case proceed
        /// End the run here.
        case stop
    }

    /// A snapshot cannot be reached: what is to be repeated gives other states, or a robot that was added or removed then
    /// cannot be.
    ///
    /// The snapshot has been changed, or a behaviour.
    public struct OtherRun: Error {}

    private let snapshot: Snapshot?

    /// Creates a run of a scenario. Nothing happens yet.
    public init(_ scenario: Scenario) {
        self.scenario = scenario
        snapshot = nil
    }

    /// Creates a run that goes on from a snapshot. Nothing happens yet.
    ///
    /// ``Step/number``, ``Step/digest`` and the counts of the ``Outcome`` go on too.
    public init(resuming snapshot: Snapshot) {
        self.snapshot = snapshot
        scenario =
            switch snapshot.content {
            case .joining(let scenario): scenario
            case .world(let saved): Scenario(robots: saved.robots.map(\.start), size: saved.size, waitsForAll: true)
            }
    }

    /// Builds the world, lets it run until a verdict is `.stop`, and ends everything in it.
    ///
    /// Unless the scenario has the world wait for all (``Scenario/waitsForAll``), it begins to turn while robots are still
    /// joining, and the first states show only some of them.
    ///
    /// - Parameters:
    ///   - trace: Told of every event, one line each. Without it no line is ever made.
    ///   - traceSteps: After how many steps the trace ends.
    ///   - timeline: Records which actor ran when, and who sent to whom.
    ///   - joining: Told, after every thousandth robot that has joined before the first step, how many have; says whether to
    ///     go on. A large world that waits for all takes some microseconds for each of them before it shows anything:
    ///
    ///         try Simulation(.random(robots: 1_000_000, seed: 7)).run(
    ///             joining: { joined in
    ///                 print(joined)
    ///                 return .proceed
    ///             },
    ///             show: { _ in .stop }
    ///         )
    ///
    ///     After `.stop` the outcome has no steps, or no more than the snapshot that was to be resumed. Each robot's tasklet
    ///     must still be ended then, as in every other run.
    ///   - show: Told of every step, in the display's tasklet; says whether to go on.
    /// - Returns: What happened.
    /// - Throws: What `trace`, `joining` or `show` throw; ``OtherRun``.
    public func run(
        trace: ((String) throws -> Void)? = nil,
        traceSteps: Int = .max,
        timeline: Timeline? = nil,
        joining: ((_ joined: Int) throws -> Verdict)? = nil,
        show: @escaping (Step) throws -> Verdict
    ) throws -> Outcome {
        let run = Run(scenario, trace: trace, traceSteps: traceSteps, joining: joining, show: show)
        try Scheduler.scope {
            try timeline?.record { try run.run(from: snapshot) } ?? run.run(from: snapshot)
        }
        return run.outcome
    }
}
