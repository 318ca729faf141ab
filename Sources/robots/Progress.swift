/// A line on the terminal that says how far a run without a window has come, how fast it is and how long it will take.
struct Progress {
    /// How many steps the run makes.
    private let steps: Int?
    private let clock = ContinuousClock()
    /// When the first step was begun.
    private var start: ContinuousClock.Instant
    private var nextUpdate: ContinuousClock.Instant
    private var isShown = false

    /// Nil where nobody would see it: when standard error is not a terminal.
    init?(steps: Int?) {
        guard Descriptor.standardError.isTerminal else { return nil }
        self.steps = steps
        start = clock.now
        nextUpdate = start
    }

    /// Robots are joining, and no step has been made yet.
    mutating func show(joined: Int, of robots: Int) {
        start = clock.now
        isShown = true
        draw("joining: \(joined) of \(robots), ctrl-C ends")
    }

    /// - Parameters:
    ///   - step: The number of the step.
    ///   - made: How many steps the run has made, this one too; fewer than its number in a resumed run.
    mutating func show(_ step: Int, made: Int) {
        let now = clock.now
        guard now >= nextUpdate else { return }
        nextUpdate = now.advanced(by: .milliseconds(100))
        isShown = true
        let rate = Rate(of: made, in: start.duration(to: now) / .seconds(1))
        let speed = "\(rate) steps/s"
        guard let steps else { return draw("step \(step), \(speed), ctrl-C ends") }
        // Robots join in the first steps or before them, so these say little about those that follow.
        let rest = made < 10 ? "" : ", \(Progress.text(seconds: Double(steps - made) / rate.perSecond)) left"
        let (last, isTooLarge) = (step - made).addingReportingOverflow(steps)
        draw("step \(step)\(isTooLarge ? "" : " of \(last)"), \(speed)\(rest)")
    }

    /// Leaves the terminal as it was.
    func clear() {
        if isShown { draw("") }
    }

    /// A duration as `1:02:03`, `2:03` or `3 s`.
    private static func text(seconds: Double) -> String {
        // Nobody waits longer than that.
        let seconds = Int(min(seconds.rounded(.up), 1e12))
        func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60):\(twoDigits(seconds % 60))" }
        return "\(seconds / 3600):\(twoDigits(seconds / 60 % 60)):\(twoDigits(seconds % 60))"
    }

    private func draw(_ line: String) {
        // To the start of the line, and clear it. Nothing is lost when it cannot be written.
        try? Descriptor.standardError.write(Array("\r\u{1b}[K\(line)".utf8))
    }
}
