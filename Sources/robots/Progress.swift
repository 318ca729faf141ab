/// A line on the terminal that says how far a run without a window has come, how fast it is and how long it will take.
struct Progress {
    /// How many steps the run makes.
    private let steps: Int?
    private let clock = ContinuousClock()
    /// When the first step was begun.
    private var start: ContinuousClock.Instant
    private var nextUpdate: ContinuousClock.Instant
    /// How many characters the terminal shows of it at present.
    private var shown = 0

    /// Nil when standard error is not a terminal.
    init?(steps: Int?) {
        guard Descriptor.standardError.isTerminal else { return nil }
        self.steps = steps
        start = clock.now
        nextUpdate = start
    }

    /// Robots are joining, and no step has been made yet.
    mutating func show(joined: Int, of robots: Int) {
        start = clock.now
        draw(["joining: \(joined) of \(robots)", "ctrl-C ends"])
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
        guard let steps else { return draw(["step \(step)", speed, "ctrl-C ends"]) }
        // Robots join in the first steps or before them, so these say little about those that follow.
        let rest = made < 10 ? [] : ["\(Progress.text(seconds: Double(steps - made) / rate.perSecond)) left"]
        let (last, isTooLarge) = (step - made).addingReportingOverflow(steps)
        draw(["step \(step)\(isTooLarge ? "" : " of \(last)")", speed] + rest)
    }

    /// Leaves the terminal as it was.
    mutating func clear() {
        guard shown > 0 else { return }
        draw([])
        write("\r")
    }

    /// A duration as `1:02:03`, `2:03` or `3 s`.
    private static func text(seconds: Double) -> String {
        // It may be infinite, which no integer is.
        let seconds = Int(min(seconds.rounded(.up), 1e12))
        func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60):\(twoDigits(seconds % 60))" }
        return "\(seconds / 3600):\(twoDigits(seconds / 60 % 60)):\(twoDigits(seconds % 60))"
    }

    /// Draws over the former line, with as many of the fields as there is room for.
    private mutating func draw(_ fields: [String]) {
        // A character in the last column would make some terminals begin a new line.
        let room = max(Descriptor.standardError.terminalWidth - 1, 0)
        var count = fields.count
        func line() -> String { fields[..<count].joined(separator: ", ") }
        while count > 1 && line().utf8.count > room { count -= 1 }
        let text = line().prefix(room)
        // Blanks in place of an escape sequence, which not every terminal knows.
        write("\r\(text)" + String(repeating: " ", count: max(0, min(shown, room) - text.count)))
        shown = text.count
    }

    private func write(_ text: String) {
        // Nothing is lost when it cannot be written.
        try? Descriptor.standardError.write(Array(text.utf8))
    }
}
