/// How far a run has come.
struct Course {
    private let scenario: Scenario
    /// Of the states up to the last one, without that when it is not digested.
    private(set) var digest = Digest()
    private(set) var last: WorldState?
    private var isDigested = true
    private(set) var steps = 0
    /// Of everyone in the world, and of those in the scenario who are still to join.
    var names: Set<String> = []
    /// What was done to the world before everyone had been created: to get there again, it has to be done again.
    var changes: [Snapshot.Change] = []
    /// Up to here the run is a repetition, and its steps are not shown.
    private(set) var repetition: Snapshot?

    /// - Parameter snapshot: where the run goes on; nil for its beginning.
    init(_ scenario: Scenario, from snapshot: Snapshot?) {
        self.scenario = scenario
        repetition = snapshot
        for start in scenario.robots where !names.insert(start.id).inserted {
            fatalError("A scenario has two robots with the name \(start.id); give each a name of its own")
        }
        if let snapshot, case .world = snapshot.content {
            steps = snapshot.step
            digest = snapshot.digest
        }
    }

    /// Goes a step on.
    mutating func add(_ state: WorldState) {
        computeDigest()
        steps += 1
        last = state
        isDigested = false
    }

    /// Adds the last state to the digest.
    mutating func computeDigest() {
        if isDigested { return }
        isDigested = true
        last?.add(to: &digest)
        last?.noteDigest(digest)
    }

    /// Goes on through what is repeated.
    ///
    /// - Returns: What was done to the world at this step.
    /// - Throws: `Simulation.OtherRun`, when this is not the run that was saved.
    mutating func `repeat`(_ state: WorldState, upTo last: Snapshot) throws -> [Snapshot.Change.Action] {
        if case .joining = last.content {
            add(state)
            computeDigest()
            if steps == last.step, digest != last.digest { throw Simulation.OtherRun() }
        }
        if steps == last.step { repetition = nil }
        return last.changes.filter { $0.step == steps }.map(\.action)
    }

    /// The number of steps; a repetition that was ended has added nothing.
    var stepsInAll: Int { repetition?.step ?? steps }

    /// The digest of these steps.
    var digestInAll: Digest { repetition?.digest ?? digest }

    /// How many robots there are: a repetition that was ended may not have come to all of its changes.
    var robotCount: Int {
        guard let repetition else { return names.count }
        var names = Set(scenario.robots.map(\.id))
        for change in repetition.changes {
            switch change.action {
            case .add(let start): names.insert(start.id)
            case .remove(let id): names.remove(id)
            }
        }
        return names.count
    }
}
