/// Goes through the schedules of a search.
protocol SearchState: Picker {
    /// Prepares the next run.
    ///
    /// - Parameter runner: has the choices of the former run.
    /// - Returns: false when there is none.
    func advance(_ runner: Runner) -> Bool

    /// Whether the run that has just ended counts: it is a new schedule, and went as expected.
    func judge(_ runner: Runner) -> Verdict

    /// Whether every schedule has been seen when the search has come to its end.
    var seesAll: Bool { get }
}

/// What a run was for its search.
enum Verdict {
    case counts
    /// One that was run before, to find out where it leads.
    case isKnown
    /// Given up: another one stands for it.
    case cutShort
    /// The program did not repeat.
    case differs(String)
}

extension SearchState {
    func judge(_ runner: Runner) -> Verdict { .counts }

    var seesAll: Bool { false }
}

/// One schedule.
final class Replay: SearchState {
    private let departures: [Schedule.Departure]
    /// How many choices the run is to have; `nil` if that is not known.
    private let choices: Int?
    private var next = 0
    private var hasRun = false
    /// The first departure that could not be made.
    private(set) var missing: String?

    init(_ departures: [Schedule.Departure], choices: Int? = nil) {
        self.departures = departures
        self.choices = choices
    }

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int {
        guard next < departures.count, departures[next].choice == choice else { return 0 }
        let candidate = departures[next].candidate
        next += 1
        if candidate < count { return candidate }
        if missing == nil { missing = "at choice \(choice) there are \(count) candidates, and no number \(candidate)." }
        return 0
    }

    func advance(_ runner: Runner) -> Bool {
        next = 0
        missing = nil
        defer { hasRun = true }
        return !hasRun
    }

    func judge(_ runner: Runner) -> Verdict {
        if let missing { return .differs(missing) }
        if next < departures.count { return .differs("it ended before choice \(departures[next].choice).") }
        if let choices, runner.choices != choices {
            return .differs("it has \(runner.choices) choices, and the schedule is one of \(choices).")
        }
        return .counts
    }
}

/// All schedules, the last choice first that has an alternative.
final class FullSearch: SearchState {
    var seesAll: Bool { true }
    private var plan: [(taken: Int, of: Int)] = []
    private var isFirst = true
    private var difference: String?

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int {
        if choice == plan.count {
            plan.append((0, count))
            return 0
        }
        let planned = plan[choice]
        guard planned.of == count else {
            difference = difference ?? "at choice \(choice) there were \(planned.of) candidates, and now \(count)."
            return 0
        }
        return planned.taken
    }

    func advance(_ runner: Runner) -> Bool {
        if isFirst {
            isFirst = false
            return true
        }
        while let last = plan.popLast() {
            if last.taken + 1 < last.of {
                plan.append((last.taken + 1, last.of))
                return true
            }
        }
        return false
    }

    func judge(_ runner: Runner) -> Verdict {
        if let difference { return .differs(difference) }
        if runner.choices < plan.count { return .differs("it ended before choice \(runner.choices).") }
        return .counts
    }
}
