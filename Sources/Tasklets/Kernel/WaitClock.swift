import CTasklets

/// When tasklets began to wait, without a look at the clock for each wait: that would double the price of a message.
///
/// A wait takes the time of the last look. The next look comes after so many more waits: after each one where waits are
/// rare, after a few hundred where they follow each other within microseconds. So a wait may seem to have begun too
/// early, never too late.
@usableFromInline
struct WaitClock {
    /// The last look, in nanoseconds of `clock_now`.
    @usableFromInline var time: Int64 = 0
    /// How many waits there are until the next look, that one included.
    @usableFromInline var waitsLeft = 1
    private var interval = 1
    /// By how much, at most, a wait may have begun later than the time it took.
    private(set) var error: Int64 = 0

    private static let longestInterval = 256

    mutating func read() {
        let now = clock_now()
        let elapsed = now - time
        // Whether any wait has taken the former time after the look itself.
        if interval > max(waitsLeft, 1) { error = max(error, elapsed) }
        interval = elapsed > 1_000_000 ? 1 : min(interval * 2, Self.longestInterval)
        waitsLeft = interval
        time = now
    }

    @usableFromInline
    init() {}
}

extension SchedulerCore {
    /// The time that a wait takes which begins now.
    @inlinable @inline(__always)
    var timeOfWait: Int64 {
        fields.waitClock.waitsLeft &-= 1
        if fields.waitClock.waitsLeft == 0 { readWaitClock() }
        return fields.waitClock.time
    }

    @usableFromInline @inline(never)
    func readWaitClock() {
        fields.waitClock.read()
    }
}
