import Tasklets

/// A run that is under way: its world, its robots, and how far it has come.
final class Run {
    private let journal: Journal
    private let traceSteps: Int
    private let show: (Simulation.Step) throws -> Simulation.Verdict
    private var digest = Digest()
    private var steps = 0
    private var world: World?
    private var robots: [Robot] = []

    init(journal: Journal, traceSteps: Int, show: @escaping (Simulation.Step) throws -> Simulation.Verdict) {
        self.journal = journal
        self.traceSteps = traceSteps
        self.show = show
    }

    /// Builds the world and lets it turn until a verdict is `.stop`. Every tasklet of it has ended then.
    func start(_ scenario: Scenario) throws {
        try Scheduler.scope {
            do {
                let world = try World(size: scenario.size, journal: journal)
                self.world = world
                _ = try Display(in: world) { [unowned self] in try self.take($0) }
                for start in scenario.robots {
                    let robot = try start.behaviour.init(start, in: world)
                    robots.append(robot)
                }
                try journal.trace?("main run")
                try Tasklet.run()
            } catch is Stop {
                // Thrown in the display's tasklet; nobody there catches it, so it comes out of whatever main was doing.
            }
        }
    }

    /// What has happened so far.
    var outcome: Outcome {
        Outcome(
            steps: steps,
            messages: journal.messages,
            collisions: journal.collisions,
            updates: journal.updates,
            digest: digest,
            robots: robots.map(Outcome.RobotReport.init)
        )
    }

    func add(_ start: Scenario.Start) throws -> Bool {
        guard let world, !robots.contains(where: { $0.address.name == start.id }) else { return false }
        let robot = try start.behaviour.init(start, in: world)
        robots.append(robot)
        return true
    }

    func remove(_ id: String) throws -> Bool {
        guard let world, let index = robots.firstIndex(where: { $0.address.name == id }) else { return false }
        try robots.remove(at: index).leave(world)
        return true
    }

    private func take(_ state: WorldState) throws {
        steps += 1
        state.add(to: &digest)
        if steps == traceSteps { journal.trace = nil }
        let step = Simulation.Step(
            number: steps, state: state, digest: digest, messages: journal.messages, run: self)
        if try show(step) == .stop { throw Stop() }
    }

    private struct Stop: Error {}
}
