/// A line on the terminal that says how far a run without a window has come, how fast it is and how long it will take.
struct Progress {
    /// How many steps the run makes.
    private let steps: Int?
    private let clock = ContinuousClock()
    /// When the first step was begun.
    private var start: ContinuousClock.Instant
    private var nextUpdate: ContinuousClock.Instant
    private var line: ProgressLine

    /// Nil when standard error is not a terminal.
    init?(steps: Int?) {
        guard let line = ProgressLine() else { return nil }
        self.line = line
        self.steps = steps
        start = clock.now
        nextUpdate = start
    }

    /// Robots are joining, and no step has been made yet.
    mutating func show(joined: Int, of robots: Int) {
        start = clock.now
        line.draw(["joining: \(joined) of \(robots)", "ctrl-C ends"])
    }

    /// - Parameters:
    ///   - step: The number of the step.
    ///   - made: How many steps the run has made, this one too; fewer than its number in a resumed run.
    mutating func show(_ step: Int, made: Int) {
        let now = clock.now
        guard now >= nextUpdate else { return }
        nextUpdate = now.advanced(by: .milliseconds(100))
        let rate = Rate(of: made, in: start.duration(to: now) / .seconds(1))
        let speed = "\(rate) steps/s"
        guard let steps else { return line.draw(["step \(step)", speed, "ctrl-C ends"]) }
        // Robots join in the first steps or before them, so these say little about those that follow.
        let rest = made < 10 ? [] : ["\(ProgressLine.text(seconds: Double(steps - made) / rate.perSecond)) left"]
        let (last, isTooLarge) = (step - made).addingReportingOverflow(steps)
        line.draw(["step \(step)\(isTooLarge ? "" : " of \(last)")", speed] + rest)
    }

    /// Leaves the terminal as it was.
    mutating func clear() { line.clear() }
}
