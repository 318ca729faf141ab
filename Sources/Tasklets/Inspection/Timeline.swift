import CTasklets

/// Records who ran when, and who sent to whom, to be looked at as a picture.
///
/// ```swift
/// let timeline = Timeline()
/// try timeline.record {
///     try Tasklet.runUntilDone()
/// }
/// try timeline.write { text in
///     print(text, terminator: "")
/// }
/// ```
///
/// What is written is the JSON trace format that [Perfetto](https://ui.perfetto.dev) and `chrome://tracing` open: a track
/// for each tasklet, a slice for each time it ran, and an arrow for each message of a channel from its sender to its
/// receiver.
///
/// Recording costs some ten nanoseconds a switch and as much a message; without it nothing is noted. The newest events
/// are kept, as many as there is room for, so that a timeline may run along until something goes wrong.
///
/// A timeline belongs to the thread that records it: it shows the tasklets of that thread's ``Scheduler``, and of the
/// messages those between them.
public final class Timeline {
    private let log: TimelineLog
    /// The processor's counter, and the clock, at the first and the last moment of recording.
    private var start: Moment?
    private var end: Moment?

    private struct Moment {
        let ticks = clock_ticks()
        let nanoseconds = clock_now()
    }

    /// Makes an empty timeline.
    ///
    /// - Parameter capacity: how many events are kept, switches and messages: 16 bytes each, rounded up to a power of two.
    public init(capacity: Int = 1 << 20) {
        guard capacity > 0 else { fatalError("A timeline needs room for at least one event, not \(capacity).") }
        log = TimelineLog(capacity: capacity <= 1 ? 1 : 1 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount))
    }

    deinit {
        log.free()
    }

    /// Runs `body` and records what the calling thread's tasklets do meanwhile, up to its return.
    ///
    /// May be called again: what is recorded then comes behind what there is. Traps when the thread's scheduler is being
    /// recorded already.
    ///
    /// - Throws: what `body` throws.
    public func record<Result>(_ body: () throws -> Result) rethrows -> Result {
        begin()
        defer { finish() }
        return try body()
    }

    /// Begins to record the calling thread's scheduler.
    package func begin() {
        if start == nil { start = Moment() }
        guard SchedulerCore.current.beginTimeline(log) else {
            fatalError("A timeline of this scheduler is being recorded already: end it first.")
        }
    }

    /// Ends what `begin` has begun, on the same scheduler.
    package func finish() {
        SchedulerCore.current.endTimeline()
        end = Moment()
    }

    /// How many events were recorded.
    public var count: Int { log.count }

    /// How many of them, the oldest ones, had to make room for newer ones.
    public var lostCount: Int { log.count - log.keptCount }

    /// Writes the trace as JSON, in many pieces of text.
    ///
    /// - Parameter write: called with each piece, in order.
    /// - Throws: what `write` throws.
    public func write(_ write: (String) throws -> Void) rethrows {
        var writer = TimelineWriter(name: log.name(of:), time: time(ofTicks:))
        try write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")
        try log.forEachEvent { event in
            let text = writer.text(of: event)
            if !text.isEmpty { try write(text) }
        }
        try write("\n]}\n")
    }

    /// Nanoseconds since the first recording began.
    private func time(ofTicks ticks: UInt64) -> Int {
        guard let start, let end, end.ticks > start.ticks else { return 0 }
        let length = Double(end.nanoseconds - start.nanoseconds) / Double(end.ticks - start.ticks)
        return Int(Double(ticks &- start.ticks) * length)
    }
}
