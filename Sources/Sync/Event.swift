public import Tasklets

/// Something that happens once, or is so until it is cleared: tasklets wait until it is set.
///
/// ```swift
/// let isReady = Event(name: "ready")
/// Tasklet {
///     try isReady.wait()
///     print("go")
/// }
/// isReady.set()
/// try Tasklet.runUntilDone()
/// ```
///
/// ``set()`` puts all that wait at the end of their run queues, in the order in which they came, and goes on. May be used by
/// several threads.
public final class Event: SelectPlace {
    package let line = WaitLine()
    private var isOn = false
    private let origin: Origin

    /// Makes an event that is not set.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - fileID: where the event is made, for reports.
    ///   - line: where the event is made, for reports.
    ///   - column: where the event is made, for reports.
    public init(name: String? = nil, fileID: StaticString = #fileID, line: UInt = #line, column: UInt = #column) {
        origin = Origin(kind: "event", name: name, fileID: fileID, line: line, column: column)
    }

    deinit { line.free() }

    /// The name given at creation.
    public var name: String? { origin.name }

    /// Whether it is set.
    public var isSet: Bool { line.inside { isOn } }

    /// Sets the event, and wakes all that wait. Has no effect on one that is set.
    ///
    /// Those that are woken go on even if the event is cleared before their turn.
    public func set() {
        let core = line.enter()
        isOn = true
        while line.wakeFirst(core) {}
        line.leave(core)
    }

    /// Takes ``set()`` back: who comes from now on waits.
    public func clear() {
        line.inside { isOn = false }
    }

    /// Returns at once when the event is set; else waits until it is.
    ///
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func wait() throws {
        let core = try line.begin()
        if isOn { return line.leave(core) }
        unsafe try line.wait(core, at: self)
    }

    /// A clause of a `select` that is ready when the event is set.
    ///
    /// ```swift
    /// try select {
    ///     jobs.onReceive { job in try work(on: job) }
    ///     shutdown.onSet { isRunning = false }
    /// }
    /// ```
    @inlinable @inline(__always)
    public func onSet<Result>(_ body: @escaping () throws -> Result) -> PlaceClause<Result> {
        PlaceClause(self, place, body)
    }

    @usableFromInline var place: PlaceWait { PlaceWait(self) }

    package var isReady: Bool { isOn }

    /// The event stays set.
    package func pass() {}

    /// Announces that other threads are going to set the event; a wait lasts until they do. See `Channel.share()`.
    ///
    /// The announcement holds as long as the event exists.
    public func share() {
        line.setPromised(true)
    }

    package func describe(_ entry: WaitEntry) -> String { "wait for " + origin.mention }
}

// Safe because the event is touched between `enter` and `leave` or `wait` only.
extension Event: @unchecked Sendable {}
