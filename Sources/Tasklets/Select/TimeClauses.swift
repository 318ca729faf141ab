/// A clause of a ``select(_:)`` that becomes ready when the select has waited for that time.
///
/// ```swift
/// let answer = try select {
///     answers.onReceive { Optional($0) }
///     after(.milliseconds(50)) { Int?.none }
/// }
/// ```
///
/// A time of zero or less is up when the select is about to wait: it gives way once instead, as `sleep` does, and then the
/// body runs. A clause that is ready at once still wins, wherever it is listed.
@inlinable @inline(__always)
public func after<Result>(
    _ duration: Duration,
    _ body: @escaping () throws -> Result
) -> AfterClause<Result> {
    AfterClause(duration: duration, body: body)
}

/// A clause of a ``select(_:)`` that is chosen when no other is ready: such a select never waits.
///
/// ```swift
/// try select {
///     jobs.onReceive { job in try work(on: job) }
///     otherwise { print("no job") }
/// }
/// ```
@inlinable @inline(__always)
public func otherwise<Result>(_ body: @escaping () throws -> Result) -> OtherwiseClause<Result> {
    OtherwiseClause(body: body)
}

/// What ``after(_:_:)`` makes.
public struct AfterClause<Result>: SelectClause, SelectBody {
    @usableFromInline let duration: Duration
    @usableFromInline let body: () throws -> Result

    @inlinable @inline(__always)
    init(duration: Duration, body: @escaping () throws -> Result) {
        self.duration = duration
        self.body = body
    }

    @inlinable @inline(__always)
    public consuming func split() -> (AfterWait, Self) { (AfterWait(duration), self) }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<AfterWait>) throws -> Result { try body() }

    @inlinable @inline(__always)
    public func keepPlaces() {}
}

/// What an ``AfterClause`` waits for.
public struct AfterWait: SelectWait {
    let duration: Duration
    var timer = Timers.Timer(deadline: 0)

    @usableFromInline
    init(_ duration: Duration) {
        self.duration = duration
    }

    @inlinable @inline(__always)
    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {}

    /// Time is up at a wait only.
    @inlinable @inline(__always)
    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) -> Int? { nil }

    public static func setTimers(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) -> Int? {
        let duration = unsafe wait.pointee.duration
        if duration <= .zero { return 0 }
        unsafe wait.pointee.timer = Timers.Timer(deadline: selection.core.time(in: duration))
        return nil
    }

    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        unsafe withUnsafeMutablePointer(to: &wait.pointee.timer) { timer in
            unsafe selection.core.joinTimers(entry.entry, timer)
        }
        return Selection.Joining(.joined)
    }
}

/// What ``otherwise(_:)`` makes.
public struct OtherwiseClause<Result>: SelectClause, SelectBody {
    @usableFromInline let body: () throws -> Result

    @inlinable @inline(__always)
    init(body: @escaping () throws -> Result) {
        self.body = body
    }

    @inlinable @inline(__always)
    public consuming func split() -> (OtherwiseWait, Self) { (OtherwiseWait(), self) }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<OtherwiseWait>) throws -> Result { try body() }

    @inlinable @inline(__always)
    public func keepPlaces() {}
}

/// What an ``OtherwiseClause`` waits for: nothing.
public struct OtherwiseWait: SelectWait {
    @inlinable @inline(__always)
    init() {}

    @inlinable @inline(__always)
    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {}

    @inlinable @inline(__always)
    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) -> Int? { nil }

    @inlinable @inline(__always)
    public static func otherwise(_ wait: UnsafeMutablePointer<Self>) -> Int? { 0 }

    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        fatalError("A select with `otherwise` waits.")
    }
}
