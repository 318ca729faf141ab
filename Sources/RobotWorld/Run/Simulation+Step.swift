extension Simulation {
    /// One state of the world that has reached the display.
    public struct Step {
        /// 1 for the first.
        public let number: Int
        /// Where everyone is.
        public let state: WorldState
        /// How many messages have been sent so far.
        public let messages: Int
        let simulation: Simulation

        /// The digest of all states up to this one. Computed when it is asked for, or later, while nobody waits.
        public var digest: Digest { simulation.digest(upTo: state) }

        /// What is needed to go on from this step later, with the robots that have been added or removed so far.
        ///
        /// Only while the step is shown. Costs time and memory for every robot.
        public func snapshot() -> Snapshot {
            expectShown()
            return simulation.snapshot(of: state)
        }

        /// Has another robot join the world when the step has been shown; it is seen from the next step or the one after on.
        ///
        /// Only while the step is shown.
        ///
        /// - Returns: False when a robot has this name already, or one that is still to join; then nothing has happened.
        @discardableResult
        public func add(_ start: Scenario.Start) -> Bool {
            expectShown()
            return simulation.add(start)
        }

        /// Has a robot leave the world when the step has been shown; it is no longer seen from the next step on.
        ///
        /// Only while the step is shown.
        ///
        /// - Returns: False when no robot has this name, or has not joined yet; then nothing has happened.
        @discardableResult
        public func remove(_ id: String) -> Bool {
            expectShown()
            return simulation.remove(id)
        }

        /// True when a robot has been added or removed while the step is shown.
        package var isChanged: Bool { simulation.hasPendingChanges }

        private func expectShown() {
            guard simulation.isShowing(state) else {
                fatalError("Step \(number) is not shown any more; use a step until the next one is asked for")
            }
        }
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
}
