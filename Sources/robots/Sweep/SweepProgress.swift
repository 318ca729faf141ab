/// A line on the terminal that says how far an experiment has come, and how long it will take.
///
/// Runs take as long as they have robots and steps, which is not known of those that end earlier.
struct SweepProgress {
    private var line: ProgressLine
    private let plan: SweepPlan
    /// How much there is to do in a run of each combination.
    private let weights: [Double]
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var nextUpdate: ContinuousClock.Instant
    /// Of all runs.
    private var work = 0.0
    /// Of those that have ended, and of those that had before this program began.
    private var done = 0.0
    private var doneBefore = 0.0
    private var finished = 0
    /// Of those that are under way.
    private var begun: [Int: Double] = [:]

    /// Nil when standard error is not a terminal.
    ///
    /// - Parameter isFinished: Whether a run had ended before this program began.
    init?(_ plan: SweepPlan, isFinished: (Int) -> Bool) {
        guard let line = ProgressLine() else { return nil }
        self.line = line
        self.plan = plan
        start = clock.now
        nextUpdate = start
        // The world and the display have something to do in each step, too.
        weights = (0..<plan.combinationCount).map { plan.robotCount(ofCombination: $0) + 1 }
        for index in 0..<plan.runCount {
            let weight = weights[index / plan.runsOfCombination]
            work += weight
            guard isFinished(index) else { continue }
            doneBefore += weight
            finished += 1
        }
        done = doneBefore
    }

    mutating func show(_ run: SweepRun, step: Int) {
        begun[run.index] = weights[run.combination] * Double(step) / Double(plan.steps)
        let now = clock.now
        guard now >= nextUpdate else { return }
        nextUpdate = now.advanced(by: .milliseconds(100))
        draw(now)
    }

    mutating func end(_ run: SweepRun) {
        begun[run.index] = nil
        done += weights[run.combination]
        finished += 1
    }

    /// Leaves the terminal as it was.
    mutating func clear() { line.clear() }

    private mutating func draw(_ now: ContinuousClock.Instant) {
        let reached = done + begun.values.reduce(0, +)
        let share = (reached - doneBefore) / max(work - doneBefore, 1)
        let seconds = start.duration(to: now) / .seconds(1)
        // What is left of the first moments says little.
        let rest = seconds < 0.5 || share == 0 ? [] : ["\(ProgressLine.text(seconds: seconds / share - seconds)) left"]
        line.draw(["\(finished) of \(plan.runCount) runs"] + rest + ["ctrl-C ends"])
    }
}
