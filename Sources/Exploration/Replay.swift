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
