/// What is done to the world while it turns, and what is saved of it.
extension Simulation {
    /// True when something is going to be done to the world.
    var hasPendingChanges: Bool { !(part?.pending.isEmpty ?? true) }

    func add(_ start: Scenario.Start) -> Bool {
        guard let part, course.names.insert(start.id).inserted else { return false }
        part.pending.append(.add(start))
        return true
    }

    func remove(_ id: String) -> Bool {
        guard let part else { return false }
        let isThere =
            switch part.pending.last(where: { $0.id == id }) {
            case .add?: true
            case .remove?: false
            // In several parts everyone has joined.
            case nil: crew != nil ? course.names.contains(id) : part.robots.contains { $0.address.name == id }
            }
        guard isThere else { return false }
        course.names.remove(id)
        part.pending.append(.remove(id))
        return true
    }

    private var pendingChanges: [Snapshot.Change] {
        part?.pending.map { Snapshot.Change(step: course.steps, action: $0) } ?? []
    }

    /// Before the world makes them.
    func notePendingChanges(of part: Part) {
        if !part.pending.isEmpty, !part.isBuilt { course.changes += pendingChanges }
    }

    /// What is needed to go on from the step whose state this is.
    func snapshot(of state: WorldState) -> Snapshot {
        course.computeDigest()
        guard let part, part.isBuilt else {
            return Snapshot(
                step: course.steps,
                digest: course.digest,
                content: .joining(scenario),
                changes: course.changes + pendingChanges
            )
        }
        let tally = tally
        let robots = crew?.savedRobots ?? part.savedRobots
        let saved = SavedWorld(
            size: scenario.size,
            messages: tally.messages,
            collisions: tally.collisions,
            updates: tally.updates,
            robots: robots,
            waiting: crew != nil ? robots.count : part.waiting(in: state)
        )
        return Snapshot(step: course.steps, digest: course.digest, content: .world(saved), changes: pendingChanges)
    }
}
