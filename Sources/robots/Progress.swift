/// A line on the terminal that says how far a run without a window has come.
struct Progress {
    private let steps: Int?
    private let clock = ContinuousClock()
    private var nextUpdate: ContinuousClock.Instant
    private var isShown = false

    /// Nil where nobody would see it: when standard error is not a terminal.
    init?(steps: Int?) {
        guard Descriptor.standardError.isTerminal else { return nil }
        self.steps = steps
        nextUpdate = clock.now
    }

    mutating func show(_ step: Int) {
        let now = clock.now
        guard now >= nextUpdate else { return }
        nextUpdate = now.advanced(by: .milliseconds(100))
        isShown = true
        draw("step \(step)" + (steps.map { " of \($0)" } ?? ", ctrl-C ends"))
    }

    /// Leaves the terminal as it was.
    func clear() {
        if isShown { draw("") }
    }

    private func draw(_ line: String) {
        // To the start of the line, and clear it. Nothing is lost when it cannot be written.
        try? Descriptor.standardError.write(Array("\r\u{1b}[K\(line)".utf8))
    }
}
