/// What an exploration has found.
public struct Exploration {
    /// How many different schedules were run.
    public internal(set) var schedules = 0
    /// How many choices these had, all together, and the longest of them.
    public internal(set) var choices = 0
    public internal(set) var longest = 0
    /// How many runs were given up since another one stands for them: only with ``Search/independent``.
    public internal(set) var cutShort = 0
    /// Whether every schedule was tried, or with ``Search/independent`` one of each set, and none has failed. Only searches that
    /// have no bound can say that.
    public internal(set) var isComplete = false
    /// Whether the search has come to its end.
    var hasEnded = false
    /// The schedule that failed, as the search ends with the first.
    public internal(set) var failures: [ScheduleFailure] = []
    /// How the runs ended, and how many of them: "passed", or the description of a failure.
    public internal(set) var outcomes: [String: Int] = [:]

    mutating func count(_ runner: Runner, _ failure: ScheduleFailure.Reason?) {
        schedules += 1
        choices += runner.choices
        longest = max(longest, runner.choices)
        outcomes[failure?.description ?? "passed", default: 0] += 1
    }
}

extension Exploration: CustomStringConvertible {
    /// The failure, or how far the search came.
    public var description: String {
        if let failure = failures.first { return failure.description }
        let count = schedules == 1 ? "1 schedule" : "\(schedules) schedules"
        let end =
            isComplete ? "complete" : hasEnded ? "as many as the search asks for" : "not complete: the budget was spent"
        return "\(count), \(end); the longest has \(longest) choices"
    }
}
