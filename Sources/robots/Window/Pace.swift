/// When the next step is due.
struct Pace {
    /// How fast the world may run, compared with the steps a second that were asked for; the last one is as fast as it
    /// goes.
    private static let speeds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, .infinity]

    private let stepsPerSecond: Int
    private var chosen = Pace.speeds.firstIndex(of: 1)!
    private var nextStep: ContinuousClock.Instant
    private(set) var isPaused = false
    /// Steps that are to be made although the world is paused; negative are steps back.
    private var stepsOwed = 0

    init(stepsPerSecond: Int, now: ContinuousClock.Instant) {
        self.stepsPerSecond = stepsPerSecond
        nextStep = now
    }

    /// When the next step is due; nil when that depends on the user.
    var due: ContinuousClock.Instant? { isPaused && stepsOwed == 0 ? nil : nextStep }

    func isDue(now: ContinuousClock.Instant) -> Bool {
        due.map { $0 <= now } ?? false
    }

    /// True when steps are so late that drawing would cost some of them.
    func isLate(now: ContinuousClock.Instant) -> Bool {
        now > nextStep.advanced(by: .milliseconds(10))
    }

    /// True when steps follow one another more slowly than this.
    func isSlower(than duration: Duration) -> Bool { !isPaused && interval > duration }

    /// How much of the time between the last step and the next one has passed, from 0 to 1; 1 while the world is paused.
    func progress(now: ContinuousClock.Instant) -> Double {
        if isPaused || interval == .zero { return 1 }
        return min(max(1 - now.duration(to: nextStep) / interval, 0), 1)
    }

    /// A step has been made; the next one is due a while after the time at which this one was due.
    mutating func stepMade(now: ContinuousClock.Instant) {
        // A little time that was lost is made good. The rest stays lost: a slow machine runs slower, it does not catch up
        // in a rush.
        let patience = min(interval * 6, .milliseconds(100))
        nextStep = max(nextStep.advanced(by: interval), now - patience)
        // Another state of a recorded run may have been shown before a step was due.
        nextStep = min(nextStep, now + interval)
        stepsOwed -= stepsOwed.signum()
        if stepsOwed != 0 { nextStep = now }
    }

    mutating func pauseOrGoOn(now: ContinuousClock.Instant) {
        isPaused.toggle()
        stepsOwed = 0
        nextStep = now
    }

    mutating func pause() {
        isPaused = true
        stepsOwed = 0
    }

    /// Pauses and makes one step, or one back. While the key is held, no faster than steps can be made.
    mutating func stepOnce(back: Bool = false, isHeld: Bool, now: ContinuousClock.Instant) {
        isPaused = true
        if isHeld && stepsOwed != 0 { return }
        stepsOwed += back ? -1 : 1
        nextStep = now
    }

    /// The next step is one back.
    var isBackwards: Bool { stepsOwed < 0 }

    /// Goes to the next higher speed, or to the next lower one.
    mutating func change(faster: Bool, now: ContinuousClock.Instant) {
        let rest = 1 - progress(now: now)
        chosen = min(max(chosen + (faster ? 1 : -1), 0), Pace.speeds.count - 1)
        nextStep = now.advanced(by: interval * rest)
    }

    private var interval: Duration {
        .seconds(1) / stepsPerSecond / Pace.speeds[chosen]
    }
}

extension Pace: CustomStringConvertible {
    /// The speed as the overlay shows it.
    var description: String {
        let speed = Pace.speeds[chosen]
        return speed == .infinity ? "full speed" : speed < 1 ? "\(speed)x" : "\(Int(speed))x"
    }
}
