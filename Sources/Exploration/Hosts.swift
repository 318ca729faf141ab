import Tasklets

/// The hosts of one run: tasklets of the scheduler that is explored, each with a scheduler of its own.
final class Hosts: HostWorld {
    let runner: Runner
    let root: SchedulerCore
    private var turns: [HostTurn] = []
    /// How many hosts there have been: their numbers are not used again.
    private var count = 0

    init(_ runner: Runner) {
        self.runner = runner
        root = runner.core
    }

    /// Runs the body of a host. Called in its tasklet.
    func run(_ body: () throws -> Void) throws {
        var turn: HostTurn?
        defer { turns.removeAll { $0 === turn } }
        try SchedulerCore.runHost(in: self) { core in
            count += 1
            let made = HostTurn(core, of: self, number: count, tasklet: root.me)
            turns.append(made)
            turn = made
            core.setChooser(made)
        } _: {
            try body()
        }
    }

    private func turn(of core: SchedulerCore) -> HostTurn? { turns.first { $0.core == core } }

    /// A deadlock of the root, told by what the tasklets of the hosts wait for.
    func withWaiters(_ error: DeadlockError) -> DeadlockError {
        // One of a host tells that itself.
        guard error.waiters.contains(where: { $0.operation == HostTurn.sleepText }) else { return error }
        let sleeping = turns.map(\.tasklet)
        return DeadlockError(reason: error.reason, schedulers: [root] + turns.map(\.core)) { !sleeping.contains($0) }
    }

    // MARK: What a thread does by itself

    func seam(in core: SchedulerCore, isBeginning: Bool) {
        guard let turn = turn(of: core) else { return }
        let isPassed = turn.isAtSeam && !isBeginning
        if !isPassed { interrupt(core) { try root.beginOperation() } }
        turn.isAtSeam = isBeginning
    }

    func giveWay(in core: SchedulerCore) {
        guard core == root else { return interrupt(core) { try root.schedule() } }
        // A tasklet of the root cannot let others run in the middle of an operation, nor can a condition of `check`.
        guard !root.isInsideGate, !root.attention.contains(.callback) else {
            fatalError(
                "The body of explore, or a check, uses what hosts share while they do: let another host do that."
            )
        }
        do { try root.schedule() } catch { root.replaceError(of: root.me, by: error) }
    }

    /// Lets others run. What is sent to the host's tasklet meanwhile is its end: that of the run.
    private func interrupt(_ core: SchedulerCore, _ body: () throws -> Void) {
        guard let turn = turn(of: core) else { return }
        do {
            try SchedulerCore.withCurrent(root, body)
        } catch {
            turn.isGivenUp = true
        }
    }

    func sleep(_ core: SchedulerCore, until deadline: Int64?) -> Bool {
        guard let turn = turn(of: core), !turn.isGivenUp else { return false }
        do {
            try SchedulerCore.withCurrent(root) { try turn.sleep(until: deadline) }
            return true
        } catch {
            if !(error is DeadlockError) { turn.isGivenUp = true }
            return false
        }
    }

    func wake(_ core: SchedulerCore) {
        guard let turn = turn(of: core) else { return }
        SchedulerCore.withCurrent(root) { turn.wake() }
    }
}
