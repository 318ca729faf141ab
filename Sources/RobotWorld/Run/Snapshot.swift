/// A run at one of its steps, complete enough to go on from there: the same run as if it had never stopped, bit for bit.
///
///     var saved: Snapshot?
///     _ = try Simulation(.classic).run { step in
///         if step.number == 500 { saved = step.snapshot() }
///         return step.number < 500 ? .proceed : .stop
///     }
///     let outcome = try Simulation(resuming: saved!).run { $0.number < 1000 ? .proceed : .stop }
public struct Snapshot: Sendable {
    /// The number of the step.
    public var step: Int
    /// The digest of all states up to this one.
    public var digest: Digest
    /// What the run was.
    public var content: Content
    /// Which robots were added and removed, as far as the content does not have that: it is done again, at the same steps.
    public var changes: [Change]

    /// What a run is at one of its steps.
    public enum Content: Sendable {
        /// Robots were still joining, as in the first few steps of a run whose world does not wait for all. A run gets
        /// there again from its beginning.
        case joining(Scenario)
        /// All robots had joined.
        case world(SavedWorld)
    }

    /// A robot that was added or removed while a step was shown.
    public struct Change: Equatable, Sendable {
        /// The number of the step.
        public var step: Int
        /// What was done.
        public var action: Action

        /// What was done to the world.
        public enum Action: Equatable, Sendable {
            /// ``Simulation/Step/add(_:)``.
            case add(Scenario.Start)
            /// ``Simulation/Step/remove(_:)``.
            case remove(String)

            /// The robot's name.
            var id: String {
                switch self {
                case .add(let start): start.id
                case .remove(let id): id
                }
            }
        }

        /// Creates a change from its parts.
        public init(step: Int, action: Action) {
            self.step = step
            self.action = action
        }
    }

    /// Creates a snapshot from its parts.
    public init(step: Int, digest: Digest, content: Content, changes: [Change] = []) {
        self.step = step
        self.digest = digest
        self.content = content
        self.changes = changes
    }
}

extension Snapshot {
    /// Which robots take part, as they were saved.
    var scenario: Scenario {
        switch content {
        case .joining(let scenario): scenario
        case .world(let saved): Scenario(robots: saved.robots.map(\.start), size: saved.size, waitsForAll: true)
        }
    }

    var world: SavedWorld? {
        if case .world(let saved) = content { saved } else { nil }
    }

    /// Everyone takes part in the round of the step, and nobody comes or goes.
    var isSettled: Bool { world.map { $0.waiting == $0.robots.count } ?? false && changes.isEmpty }
}

/// A world in which all robots have joined, at the moment when its state has reached the display.
public struct SavedWorld: Sendable {
    /// Where the walls are.
    public var size: WorldSize
    /// How many messages have been sent.
    public var messages: Int
    /// How many of them told a robot that its way was barred.
    public var collisions: Int
    /// How many of them told the world a robot's heading.
    public var updates: Int
    /// The robots, in order of joining.
    public var robots: [SavedRobot]
    /// How many of them, the first ones, are still to be told of the step. The others joined while it was under way.
    public var waiting: Int

    var tally: Tally { Tally(messages: messages, collisions: collisions, updates: updates) }

    /// Creates a saved world from its parts.
    public init(
        size: WorldSize,
        messages: Int,
        collisions: Int,
        updates: Int,
        robots: [SavedRobot],
        waiting: Int
    ) {
        self.size = size
        self.messages = messages
        self.collisions = collisions
        self.updates = updates
        self.robots = robots
        self.waiting = waiting
    }
}

/// A robot in a saved world.
public struct SavedRobot: Sendable {
    /// Where the world has it, where the world thinks it is heading, and what it is.
    public var start: Scenario.Start
    /// What it believes itself.
    public var report: Outcome.RobotReport
    /// What its behaviour remembers: ``Robot/memory``.
    public var memory: [UInt64]

    /// Creates a saved robot from its parts.
    public init(start: Scenario.Start, report: Outcome.RobotReport, memory: [UInt64]) {
        self.start = start
        self.report = report
        self.memory = memory
    }
}
