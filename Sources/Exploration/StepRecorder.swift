import Tasklets

/// Writes down the choices of a run in words.
final class StepRecorder {
    /// More than are told: to find what is repeated.
    private static let mostKept = 2000

    private(set) var steps: [ScheduleStep] = []

    func note(
        _ choice: (number: Int, picked: Int, count: Int)?,
        at point: SwitchPoint,
        leaving me: TaskletRecord,
        next: TaskletRecord?,
        in host: HostTurn? = nil
    ) {
        // That somebody goes on who could be interrupted is no news.
        guard steps.count < Self.mostKept, point != .operation || next != me else { return }
        let what =
            switch point {
            case .yield: "gives way"
            case .end: "has ended"
            case .meeting: "has met a partner"
            case .operation, .fixed, .chosen: "is about to go on"
            case .wait: me.state == .blocked ? "waits: \(me.describeWait())" : "lets the others run"
            }
        steps.append(
            ScheduleStep(
                tasklet: name(of: me, in: host),
                what: what,
                next: next.map { name(of: $0, in: host) } ?? "the clock",
                choice: choice?.number,
                candidate: choice?.picked ?? 0,
                count: choice?.count ?? 1
            )
        )
    }

    /// "server", and of another tasklet than its main "server: tasklet-2".
    private func name(of tasklet: TaskletRecord, in host: HostTurn?) -> String {
        guard let host, tasklet != host.core.main else { return tasklet.origin.displayName }
        return "\(host.core.main.origin.displayName): \(tasklet.origin.displayName)"
    }
}
