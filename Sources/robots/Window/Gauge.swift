/// What the overlay tells of the last half second: how many messages were sent in a second, and how long a frame took.
struct Gauge {
    private static let interval = Duration.milliseconds(500)

    private(set) var messagesPerSecond = 0
    private(set) var frameTime = Duration.zero
    private var start: ContinuousClock.Instant
    private var messagesAtStart = 0
    private var frames = 0
    private var timeOfFrames = Duration.zero

    init(now: ContinuousClock.Instant) {
        start = now
    }

    mutating func frameDrawn(in time: Duration) {
        frames += 1
        timeOfFrames += time
    }

    /// Sums up when the time has come. True when there is something new to tell.
    ///
    /// - Parameter messages: How many have been sent in this run.
    mutating func update(messages: Int, now: ContinuousClock.Instant) -> Bool {
        let passed = start.duration(to: now)
        guard passed >= Gauge.interval else { return false }
        // A restart sets the messages back.
        let sent = max(0, messages - messagesAtStart)
        let former = (messagesPerSecond, frameTime)
        messagesPerSecond = Int((Double(sent) / (passed / .seconds(1))).rounded())
        if frames > 0 { frameTime = timeOfFrames / frames }
        (start, messagesAtStart, frames, timeOfFrames) = (now, messages, 0, .zero)
        return former != (messagesPerSecond, frameTime)
    }
}
