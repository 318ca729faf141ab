import RobotWorld
import Tasklets

/// One run of an experiment, from its scenario to its rows.
struct SweepExecution {
    let plan: SweepPlan
    let run: SweepRun
    /// Asked after each step: whether all is to end.
    let isOver: () -> Bool
    /// Told from time to time which step has been made; nil when nobody looks.
    let show: ((Int) -> Void)?

    /// How often it is told.
    private static let timeBetweenNews = Duration.milliseconds(100)

    enum Result {
        case finished(FinishedRun, Summary)
        case failed(FinishedRun, Failure)
        /// It was ended before its end, and says nothing.
        case interrupted
    }

    func perform() -> Result {
        var recorder = Recorder(plan)
        var stepsMade = 0
        do {
            let clock = ContinuousClock()
            let start = clock.now
            // No run takes thirty years, and no clock has room for all numbers.
            let deadline = plan.limit.map { start.advanced(by: .seconds(min($0, 1e9))) }
            let isLate = { deadline.map { clock.now >= $0 } ?? false }
            let scenario = try plan.scenario(of: run)
            var observer = Observer(of: scenario)
            var ending: FinishedRun.Ending?
            var nextNews = start
            let outcome = try Simulation(scenario).run(
                joining: { _ in
                    if isOver() { return .stop }
                    if isLate() { ending = .limit }
                    return ending == nil ? .proceed : .stop
                },
                show: { step in
                    stepsMade = step.number
                    observer.take(step)
                    if isOver() { return .stop }
                    if plan.until?.isMet(by: observer) ?? false {
                        ending = .until
                    } else if step.number == plan.steps {
                        ending = .steps
                    } else if isLate() {
                        ending = .limit
                    }
                    recorder.take(step, observer, isLast: ending != nil)
                    if let show, clock.now >= nextNews {
                        nextNews = clock.now.advanced(by: SweepExecution.timeBetweenNews)
                        show(step.number)
                    }
                    return ending == nil ? .proceed : .stop
                }
            )
            guard let ending else { return .interrupted }
            let seconds = start.duration(to: clock.now) / .seconds(1)
            let summary = Summary(outcome: outcome, before: (0, 0), seconds: seconds, seed: nil)
            return .finished(recorder.finished(ending), summary)
        } catch is DeadlockError {
            let reason = "the world stands still after step \(stepsMade): every robot waits for something"
            return .failed(recorder.finished(.failed), .badData("\(reason); let its behaviour go on"))
        } catch {
            return .failed(recorder.finished(.failed), Failure(error))
        }
    }

    /// Takes down what is measured at the steps of a run.
    private struct Recorder {
        private let plan: SweepPlan
        private var rows: [FinishedRun.Row] = []

        init(_ plan: SweepPlan) {
            self.plan = plan
        }

        mutating func take(_ step: Simulation.Step, _ observer: Observer, isLast: Bool) {
            let isWanted = isLast || plan.every.map { step.number.isMultiple(of: $0) } ?? false
            guard isWanted else { return }
            rows.append(
                FinishedRun.Row(
                    step: step.number,
                    values: plan.quantities.map { $0.value(of: observer) },
                    digest: "\(step.digest)"
                )
            )
        }

        /// A run that has not come to a row has an empty one, so that it is seen in the table.
        func finished(_ ending: FinishedRun.Ending) -> FinishedRun {
            let empty = FinishedRun.Row(step: 0, values: plan.quantities.map { _ in nil }, digest: "")
            return FinishedRun(ending: ending, rows: rows.isEmpty ? [empty] : rows)
        }
    }
}
