import CTasklets
import Synchronization

/// The clock of a scheduler: what its tasklets sleep by and what their time limits count.
///
/// ```swift
/// let start = Scheduler.current.now
/// try Tasklet.sleep(until: start.advanced(by: .seconds(1)))
/// ```
///
/// As a rule it is the system's monotonic clock, which nobody sets. A scope may have a virtual one, which stands still while
/// tasklets run: ``Scheduler/scope(clock:_:)``.
public struct TaskletClock: Clock {
    /// A time of the clock, in whole nanoseconds.
    public struct Instant: InstantProtocol {
        @usableFromInline package let nanoseconds: Int64

        package init(nanoseconds: Int64) {
            self.nanoseconds = nanoseconds
        }

        /// The time that much later. What is centuries away is as late as can be.
        public func advanced(by duration: Duration) -> Instant {
            Instant(nanoseconds: nanoseconds.addingWithSaturation(duration.wholeNanoseconds))
        }

        public func duration(to other: Instant) -> Duration {
            .nanoseconds(other.nanoseconds) - .nanoseconds(nanoseconds)
        }

        public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    }

    let virtualTime: VirtualTime?

    package var isVirtual: Bool { virtualTime != nil }

    /// The system's monotonic clock.
    public static var monotonic: TaskletClock { TaskletClock(virtualTime: nil) }

    /// A new clock that begins at zero, and moves only while no tasklet of its scope is runnable: then it jumps to the next
    /// time that one waits for. An hour of sleep passes in microseconds, in the same order as on a real clock.
    public static var virtual: TaskletClock { TaskletClock(virtualTime: VirtualTime()) }

    public var now: Instant { Instant(nanoseconds: virtualTime?.now ?? clock_now()) }

    /// One nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// For async functions, which the protocol asks for; a tasklet calls ``Tasklet/sleep(until:)``.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    /// - Precondition: the clock is not virtual: only the tasklets of its scope move that.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        guard virtualTime == nil else {
            fatalError("A virtual clock moves by the tasklets of its scope: call Tasklet.sleep(until:) in one of them.")
        }
        try await Task.sleep(for: now.duration(to: deadline), tolerance: tolerance)
    }
}

/// The present time of a virtual clock, in nanoseconds. Its scheduler's thread moves it; others may look.
final class VirtualTime: Sendable {
    private let time = Atomic<Int64>(0)

    var now: Int64 { time.load(ordering: .relaxed) }

    func advance(to deadline: Int64) {
        time.max(deadline, ordering: .relaxed)
    }

    /// For a scheduler that begins again.
    func reset() { time.store(0, ordering: .relaxed) }
}

extension Duration {
    /// Whole nanoseconds, as many as fit: some 292 years.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit = Int64.max / 1_000_000_000
        guard -limit < seconds, seconds < limit else { return seconds < 0 ? .min : .max }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

extension Int64 {
    func addingWithSaturation(_ other: Int64) -> Int64 {
        let (sum, hasOverflowed) = addingReportingOverflow(other)
        return hasOverflowed ? (other < 0 ? .min : .max) : sum
    }
}

extension SchedulerCore {
    /// The time of the clock after that duration.
    package func time(in duration: Duration) -> Int64 { now.addingWithSaturation(duration.wholeNanoseconds) }
}

extension Scheduler {
    /// The clock that this scheduler's tasklets sleep by.
    public var clock: TaskletClock { TaskletClock(virtualTime: core.fields.virtualTime) }

    /// The time of ``clock``. Costs some twenty nanoseconds, as a look at the system's clock does; less on a virtual one.
    public var now: TaskletClock.Instant { TaskletClock.Instant(nanoseconds: core.now) }
}
