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
        next: TaskletRecord?
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
                tasklet: me.origin.displayName,
                what: what,
                next: next?.origin.displayName ?? "the clock",
                choice: choice?.number,
                candidate: choice?.picked ?? 0,
                count: choice?.count ?? 1
            )
        )
    }
}
