/// A world in several parts.
extension Simulation {
    /// Between two steps: a world whose robots have all joined and which nobody changes goes into several parts, and one that
    /// is going to be changed comes together. It becomes the world of its own snapshot, which is the same run.
    func changeParts() throws {
        guard let state = shownState, let part else { return }
        let isWhole = part.isBuilt && part.robots.count + 1 == state.registered
        guard crew == nil ? isWhole && part.pending.isEmpty : !part.pending.isEmpty else { return }
        let snapshot = snapshot(of: state)
        try makeAnew(from: snapshot)
    }

    func nextStep(of crew: Crew) throws -> Step? {
        isShowing = false
        while true {
            let state = try crew.next(
                joining: { try self.tell(joined: $0) == .proceed },
                meanwhile: { course.computeDigest() }
            )
            guard let state else { return nil }
            if let step = try take(state, of: crew.part) { return step }
        }
    }
}
