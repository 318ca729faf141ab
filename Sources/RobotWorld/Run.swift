import Tasklets

/// A run that is under way: its world, its robots, and how far it has come.
final class Run {
    /// After how many robots it is told that they have joined: so many that it costs nothing beside them, so few that
    /// they take no more than some milliseconds.
    private static let robotsBetweenNews = 1000

    private let journal = Journal()
    private let trace: ((String) throws -> Void)?
    private let traceSteps: Int
    private let joining: ((Int) throws -> Simulation.Verdict)?
    private let show: (Simulation.Step) throws -> Simulation.Verdict
    private let scenario: Scenario
    private var digest = Digest()
    private var steps = 0
    private var stepsShown = 0
    private var world: World?
    private var robots: [Robot] = []
    /// Of everyone in the world, and of those in the scenario who are still to join.
    private var names: Set<String> = []
    /// Main has created everyone.
    private var isBuilt = false
    /// What is done to the world when the present step has been shown.
    private var pending: [Snapshot.Change.Action] = []
    /// What was done to it before main had created everyone: to get there again, it has to be done again.
    private var changes: [Snapshot.Change] = []
    /// Up to here the run is a repetition, and its steps are not shown.
    private var repetition: Snapshot?

    init(
        _ scenario: Scenario,
        trace: ((String) throws -> Void)?,
        traceSteps: Int,
        joining: ((Int) throws -> Simulation.Verdict)?,
        show: @escaping (Simulation.Step) throws -> Simulation.Verdict
    ) {
        self.scenario = scenario
        self.trace = trace
        self.traceSteps = traceSteps
        self.joining = joining
        self.show = show
        for start in scenario.robots where !names.insert(start.id).inserted {
            fatalError("A scenario has two robots with the name \(start.id); give each a name of its own")
        }
    }

    /// Goes on from a snapshot, if there is one, until a verdict is `.stop`. The tasklets of the world wait then.
    func run(from snapshot: Snapshot?) throws {
        do {
            try build(from: snapshot)
            isBuilt = true
            try journal.trace?("main run")
            try Tasklet.run()
        } catch is Stop {
            // Thrown in the display's tasklet; nobody there catches it, so it comes out of whatever main was doing.
        }
    }

    /// A world that waits for all, as every world that is resumed does, begins to turn at the end; any other one turns from
    /// the beginning, so its first states show only some of the robots.
    private func build(from snapshot: Snapshot?) throws {
        var saved: SavedWorld?
        if case .world(let world) = snapshot?.content { saved = world }
        repetition = snapshot
        // The trace of a run that is resumed begins where the run goes on.
        if snapshot == nil { journal.trace = trace }
        let world = try World(size: scenario.size, journal: journal)
        self.world = world
        if !scenario.waitsForAll { try world.turn() }
        _ = try Display(in: world) { [unowned self] in try self.take($0) }
        var verdict = Simulation.Verdict.proceed
        for start in scenario.robots where verdict == .proceed {
            let robot = try start.behaviour.init(start, in: world)
            robots.append(robot)
            verdict = try tellJoined()
        }
        // Also when they are not all there: nothing has been added to what was saved then.
        if let snapshot, let saved { restore(saved, at: snapshot) }
        if verdict == .stop { throw Stop() }
        guard scenario.waitsForAll else { return }
        // What is left of the round of a saved step. The display has the first seat, and is told once more: what was done to
        // the world at that step is done from there.
        try world.turn(telling: saved.map { 0..<1 + $0.waiting } ?? 0..<0)
    }

    /// Says from time to time how many robots have joined, unless steps say more.
    private func tellJoined() throws -> Simulation.Verdict {
        guard stepsShown == 0, robots.count.isMultiple(of: Run.robotsBetweenNews) else { return .proceed }
        return try joining?(robots.count) ?? .proceed
    }

    /// Makes those who have just joined the ones who were saved.
    private func restore(_ saved: SavedWorld, at snapshot: Snapshot) {
        for (robot, saved) in zip(robots, saved.robots) { robot.resume(saved) }
        steps = snapshot.step
        digest = snapshot.digest
        journal.messages = saved.messages
        journal.collisions = saved.collisions
        journal.updates = saved.updates
    }

    /// What is needed to go on from the step whose state this is.
    func snapshot(of state: WorldState) -> Snapshot {
        let pending = pending.map { Snapshot.Change(step: steps, action: $0) }
        guard isBuilt, let world else {
            return Snapshot(step: steps, digest: digest, content: .joining(scenario), changes: changes + pending)
        }
        var waiting = 0
        let seated = robots.compactMap { robot in robot.address.seat.map { (seat: $0, robot: robot) } }
        let saved = seated.sorted { $0.seat < $1.seat }.map { seat, robot in
            if seat < state.registered { waiting += 1 }
            let entry = world.register.entry(seat: seat)
            var start = Scenario.Start(
                id: robot.address.name,
                location: entry.location,
                vector: entry.vector ?? robot.vector,
                behaviour: type(of: robot)
            )
            start.hasPlace = entry.hasPlace
            return SavedRobot(
                start: start,
                report: Outcome.RobotReport(robot),
                memory: robot.memory
            )
        }
        return Snapshot(
            step: steps,
            digest: digest,
            content: .world(
                SavedWorld(
                    size: world.size,
                    messages: journal.messages,
                    collisions: journal.collisions,
                    updates: journal.updates,
                    robots: saved,
                    waiting: waiting
                )
            ),
            changes: pending
        )
    }

    /// What has happened so far.
    var outcome: Outcome {
        // A repetition that was ended has added nothing.
        Outcome(
            steps: repetition?.step ?? steps,
            messages: journal.messages,
            collisions: journal.collisions,
            updates: journal.updates,
            digest: repetition?.digest ?? digest,
            robots: robots.map(Outcome.RobotReport.init),
            robotCount: repetition.map(robotCount) ?? names.count
        )
    }

    /// How many robots there are at a snapshot: a repetition that was ended may not have come to all of its changes.
    private func robotCount(at snapshot: Snapshot) -> Int {
        var names = Set(scenario.robots.map(\.id))
        for change in snapshot.changes {
            switch change.action {
            case .add(let start): names.insert(start.id)
            case .remove(let id): names.remove(id)
            }
        }
        return names.count
    }

    /// True when something is going to be done to the world.
    var hasPendingChanges: Bool { !pending.isEmpty }

    func add(_ start: Scenario.Start) -> Bool {
        guard names.insert(start.id).inserted else { return false }
        pending.append(.add(start))
        return true
    }

    func remove(_ id: String) -> Bool {
        let isThere =
            switch pending.last(where: { $0.id == id }) {
            case .add?: true
            case .remove?: false
            case nil: robots.contains { $0.address.name == id }
            }
        guard isThere else { return false }
        names.remove(id)
        pending.append(.remove(id))
        return true
    }

    /// Not before the step has been shown: others run meanwhile, and a snapshot has to be one of the moment before.
    private func makePendingChanges() throws {
        guard let world, !pending.isEmpty else { return }
        if !isBuilt { changes += pending.map { Snapshot.Change(step: steps, action: $0) } }
        let actions = pending
        pending = []
        for action in actions {
            switch action {
            case .add(let start):
                robots.append(try start.behaviour.init(start, in: world))
            case .remove(let id):
                guard let index = robots.firstIndex(where: { $0.address.name == id }) else { continue }
                try robots.remove(at: index).leave(world)
            }
        }
    }

    private func take(_ state: WorldState) throws {
        if let last = repetition { return try repeatStep(state, upTo: last) }
        steps += 1
        state.add(to: &digest)
        stepsShown += 1
        if stepsShown == traceSteps { journal.trace = nil }
        let step = Simulation.Step(
            number: steps,
            state: state,
            digest: digest,
            messages: journal.messages,
            run: self
        )
        if try show(step) == .stop { throw Stop() }
        try makePendingChanges()
    }

    /// Does again at a step what was done to the world then.
    private func repeatStep(_ state: WorldState, upTo last: Snapshot) throws {
        switch last.content {
        case .joining:
            steps += 1
            state.add(to: &digest)
            if steps == last.step, digest != last.digest { throw Simulation.OtherRun() }
        case .world(let saved):
            // It has been counted.
            journal.messages = saved.messages
        }
        for change in last.changes where change.step == steps {
            let isPossible =
                switch change.action {
                case .add(let start): add(start)
                case .remove(let id): remove(id)
                }
            if !isPossible { throw Simulation.OtherRun() }
        }
        if steps == last.step {
            repetition = nil
            journal.trace = trace
        }
        try makePendingChanges()
    }

    private struct Stop: Error {}
}
