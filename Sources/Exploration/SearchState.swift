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
