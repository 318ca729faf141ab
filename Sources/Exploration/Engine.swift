import CTasklets
import Synchronization
import Tasklets
import Testing

/// Runs the schedules of a search, and tells of the first that fails.
///
/// Only inside a scope with a virtual clock, whose scheduler is used for nothing else.
final class Engine {
    private let program: () throws -> Void
    private let runner: Runner
    private let budget: Budget
    private var exploration = Exploration()
    /// In nanoseconds of the system's clock.
    private let deadline: Int64
    let expectation = FailedExpectation()
    private var shrinkingRuns = 0
    /// The schedule that is run, if it is one that was given.
    private var replayed: Schedule?
    /// Whether the schedules are those that a reduced search is compared with.
    private var isSample = false

    /// How many runs may be spent to make a schedule shorter.
    private static let mostShrinkingRuns = 200

    init(points: Points, time: TimeModel, budget: Budget, _ program: @escaping () throws -> Void) {
        self.program = program
        self.budget = budget
        runner = Runner(core: .current, points: points, time: time)
        switch budget {
        case .schedules(let most):
            guard most > 0 else { fatalError("A budget is one schedule or more, not \(most).") }
            deadline = .max
        case .seconds(let seconds):
            guard seconds >= 0 else { fatalError("A budget is no less than zero seconds, not \(seconds).") }
            deadline = clock_now() + Int64(min(seconds, 1e9) * 1e9)
        }
    }

    /// How many schedules are compared with a reduced search.
    private static let sampleSize = 300

    func explore(_ search: Search) -> Exploration {
        if case .replay(let schedule) = search { replayed = schedule }
        let found = explore(search.state)
        guard case .independent = search, found.isComplete else { return found }
        // Without the reduction: a failure that it has missed is one of something that it does not see.
        exploration = Exploration()
        isSample = true
        let sample = explore(RandomSearch(seed: 1, runs: Self.sampleSize))
        exploration = found
        exploration.failures = sample.failures
        exploration.isComplete = sample.failures.isEmpty
        return exploration
    }

    /// - Parameter continuesAfterFailure: for what compares the outcomes of two searches.
    func explore(_ search: any SearchState, continuesAfterFailure: Bool = false) -> Exploration {
        while search.advance(runner) {
            let failure = run(search)
            switch search.judge(runner) {
            case .isKnown: break
            case .cutShort: exploration.cutShort += 1
            case .differs(let text):
                // A line that was given may fit another program, or this one before it was changed.
                let reason = failure ?? (replayed == nil ? .notRepeating(text) : .otherProgram(text))
                exploration.count(runner, reason)
                exploration.failures.append(tell(reason, found: replayed ?? Schedule(of: runner)))
                return exploration
            case .counts:
                exploration.count(runner, failure)
                if let failure, !continuesAfterFailure {
                    let found = Schedule(of: runner)
                    exploration.failures.append(
                        tell(failure, found: found, shrunk: replayed == nil ? shrink(found, failure) : nil)
                    )
                    return exploration
                }
            }
            if isBudgetSpent { return exploration }
        }
        exploration.hasEnded = true
        exploration.isComplete = search.seesAll
        return exploration
    }

    private var isBudgetSpent: Bool {
        switch budget {
        case .schedules(let most): exploration.schedules >= most
        case .seconds: clock_now() >= deadline
        }
    }

    private func run(_ picker: any Picker, recording steps: StepRecorder? = nil) -> ScheduleFailure.Reason? {
        _ = expectation.take()
        let failure = runner.run(program, by: picker, recording: steps)
        let said = expectation.take().map(ScheduleFailure.Reason.expectation)
        // What a failing #require throws says less than what it has recorded.
        if case .error(let error) = failure, error is ExpectationFailedError { return said ?? failure }
        return failure ?? said
    }

    // MARK: Making the schedule shorter

    /// The schedule with fewest departures that fails in the same way, as far as a few runs can tell.
    private func shrink(_ found: Schedule, _ failure: ScheduleFailure.Reason) -> Schedule {
        var best = found
        func isEnough() -> Bool { shrinkingRuns >= Self.mostShrinkingRuns || best.departures.isEmpty }
        /// Whether it fails with these departures, and with fewer than before.
        func fails(_ departures: [Schedule.Departure]) -> Bool {
            shrinkingRuns += 1
            guard run(Replay(departures))?.kind == failure.kind, runner.departures.count < best.departures.count else {
                return false
            }
            best = Schedule(of: runner)
            return true
        }
        // Ever smaller pieces are left out, as in delta debugging.
        var length = best.departures.count
        while length > 0, !isEnough() {
            var start = 0
            var hasChanged = false
            while start < best.departures.count, !isEnough() {
                var fewer = best.departures
                fewer.removeSubrange(start..<min(start + length, fewer.count))
                if fails(fewer) { hasChanged = true } else { start += length }
            }
            if !(hasChanged && length == 1) { length /= 2 }
        }
        // What is left may still not be the fewest: look for others.
        guard best.departures.count > 1, !isEnough() else { return best }
        let search = DepartureSearch(upTo: best.departures.count - 1)
        while !isEnough(), search.advance(runner) {
            shrinkingRuns += 1
            if run(search)?.kind == failure.kind, runner.departures.count < best.departures.count {
                best = Schedule(of: runner)
                break
            }
            if case .differs = search.judge(runner) { break }
        }
        return best
    }

    // MARK: Telling

    private func tell(
        _ failure: ScheduleFailure.Reason,
        found: Schedule,
        shrunk: Schedule? = nil
    ) -> ScheduleFailure {
        let schedule = shrunk ?? found
        let recorder = StepRecorder()
        let timeline = Timeline(capacity: 1 << 14)
        var reason = failure
        timeline.record {
            // The same failure, by the text of this run.
            if let last = run(Replay(schedule.departures), recording: recorder), last.kind == failure.kind {
                reason = last
            }
        }
        var text = ""
        timeline.write { text += $0 }
        return ScheduleFailure(
            reason: reason,
            isMissedByReduction: isSample,
            schedule: schedule,
            found: found,
            schedulesTried: exploration.schedules,
            shrinkingRuns: shrinkingRuns,
            steps: recorder.steps,
            timeline: text
        )
    }
}

/// What the first failing expectation of a run has said. The testing library may say it on whatever thread.
final class FailedExpectation: Sendable {
    private let text = Mutex<String?>(nil)

    func note(_ said: String) { text.withLock { $0 = $0 ?? said } }

    func take() -> String? {
        text.withLock { text in
            defer { text = nil }
            return text
        }
    }
}
