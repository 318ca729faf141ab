/// The time of a block is up: what ``withTimeout(_:fileID:line:_:)`` throws.
public struct TimeoutError: Error, CustomStringConvertible {
    /// Tells blocks apart, on all threads.
    @usableFromInline let block: TimeLimit.Identity
    private let fileID: StaticString
    private let line: UInt
    private let text: String?

    init(block: TimeLimit.Identity, fileID: StaticString, line: UInt) {
        self.block = block
        self.fileID = fileID
        self.line = line
        text = nil
    }

    /// An error that a module above throws when its own limit is over, and describes itself.
    package init(text: String) {
        block = TimeLimit.Identity(scheduler: 0, number: 0)
        fileID = ""
        line = 0
        self.text = text
    }

    public var description: String { text ?? "The time is up that was set at \(fileID):\(line)." }
}

/// Runs `body` with a time limit: when the time has passed, each wait in `body` throws a ``TimeoutError``.
///
/// ```swift
/// do {
///     try withTimeout(.seconds(1)) { page = try pages.receive() }
/// } catch is TimeoutError {
///     print("too late")
/// }
/// ```
///
/// The present wait ends with the error, and every later wait in the block throws it again. So a `catch` that takes all errors
/// cannot prolong the block. If `body` catches the error and returns, the block throws it all the same. Code that does not wait
/// is not interrupted: if `body` returns without another wait, its result is returned. With zero or less the first wait throws.
///
/// Blocks may be nested. The error of an outer block passes through the inner ones. The limit applies to the calling tasklet,
/// and not to tasklets that it makes. Cleanup that has to wait does so inside ``withCancellationShield(_:)``. The time is
/// measured by the scheduler's ``Scheduler/clock``.
///
/// Costs some fifty nanoseconds.
///
/// - Throws: ``TimeoutError`` when the time is up; what `body` throws.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@inlinable
public func withTimeout<Result>(
    _ duration: Duration,
    fileID: StaticString = #fileID,
    line: UInt = #line,
    _ body: () throws -> Result
) throws -> Result {
    let core = SchedulerCore.current
    var limit = TimeLimit.Fields(core, in: duration, throwing: nil, fileID: fileID, line: line)
    return try unsafe core.run(&limit, body)
}

/// The same with an error of the caller's: that is thrown into the body's waits when the time is up.
///
/// ```swift
/// try withTimeout(.seconds(1), throwing: ServerError.tooSlow) { try answers.receive() }
/// ```
///
/// - Throws: `error` when the time is up; what `body` throws.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@inlinable
public func withTimeout<Result>(
    _ duration: Duration,
    throwing error: @autoclosure () -> any Error,
    _ body: () throws -> Result
) throws -> Result {
    let core = SchedulerCore.current
    var limit = TimeLimit.Fields(core, in: duration, throwing: error(), fileID: "", line: 0)
    return try unsafe core.run(&limit, body)
}

/// The same with a value in place of an error: what the block gives when the time is up.
///
/// ```swift
/// let answer = try withTimeout(.seconds(1), orElse: "none") { try answers.receive() }
/// ```
///
/// The error of an outer block passes through.
///
/// - Throws: what `body` throws.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@inlinable
public func withTimeout<Result>(
    _ duration: Duration,
    orElse value: @autoclosure () throws -> Result,
    fileID: StaticString = #fileID,
    line: UInt = #line,
    _ body: () throws -> Result
) throws -> Result {
    let core = SchedulerCore.current
    var limit = TimeLimit.Fields(core, in: duration, throwing: nil, fileID: fileID, line: line)
    do {
        return try unsafe core.run(&limit, body)
    } catch let error as TimeoutError where error.block == limit.identity {
        return try value()
    }
}

/// Runs `body`, whose waits throw from that time on: ``withTimeout(_:fileID:line:_:)`` with a time of the scheduler's clock.
///
/// - Throws: ``TimeoutError`` when the time is up; what `body` throws.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@inlinable
public func withDeadline<Result>(
    _ deadline: TaskletClock.Instant,
    fileID: StaticString = #fileID,
    line: UInt = #line,
    _ body: () throws -> Result
) throws -> Result {
    let core = SchedulerCore.current
    var limit = TimeLimit.Fields(
        core,
        until: deadline.nanoseconds,
        throwing: nil,
        fileID: fileID,
        line: line
    )
    return try unsafe core.run(&limit, body)
}

extension SchedulerCore {
    /// Runs the body of a block: inlined, so that its result is not copied and no closure is made.
    ///
    /// - Parameter limit: a local of a frame that waits: no check, so the access may be open meanwhile.
    @inlinable @inline(__always)
    func run<Result>(_ limit: UnsafeMutablePointer<TimeLimit.Fields>, _ body: () throws -> Result) throws -> Result {
        unsafe begin(limit)
        let result: Result
        do {
            result = try body()
        } catch {
            unsafe leaveBlock(limit)
            throw error
        }
        try unsafe end(limit)
        return result
    }
}
