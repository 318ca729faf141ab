/// Asking a tasklet to end.
extension Tasklet {
    /// Asks the tasklet to end: from now on each of its waits throws `CancellationError`, the present one too, until its
    /// body ends. The caller goes on; a tasklet that waits or is paused is put at the end of its run queue.
    ///
    /// ```swift
    /// let reader = Tasklet {
    ///     while true { print(try lines.receive()) }
    /// }
    /// reader.cancel()
    /// ```
    ///
    /// ``kill(pending:)`` throws once, and a tasklet that catches everything lives on. A cancelled one cannot wait any more
    /// except inside ``withCancellationShield(_:)``. Work that does not wait asks ``isCancelled`` now and then.
    ///
    /// One that has not begun begins, and its first wait throws. No effect on a dead one. May be called on any thread.
    ///
    /// The `CancellationError` that leaves the body of a cancelled tasklet ends it quietly, as ``TaskletExit`` does. From a
    /// tasklet that was not cancelled it is an error like any other.
    public func cancel() {
        let core = record.scheduler
        let replaced: (any Error)? = record.insideGate { isForeign in
            guard record.state != .dead, !record.fields.refusals.contains(.cancelled) else { return nil }
            record.fields.refusals.insert(.cancelled)
            guard record.fields.refusals.isDisjoint(with: .shielded) else { return nil }
            let replaced = core.endWait(of: record, by: CancellationError())
            if isForeign { core.wake() }
            return replaced
        }
        withExtendedLifetime(replaced) {}
    }

    /// Whether the calling tasklet has been cancelled, or is in the block of a group that has failed. False inside ``withCancellationShield(_:)``.
    public static var isCancelled: Bool {
        let core = SchedulerCore.current
        return core.insideGate { _ in
            core.visibleCurrent.fields.refusals.isCancelled
        }
    }

    /// For work that does not wait.
    ///
    /// - Throws: `CancellationError` if ``isCancelled``.
    public static func checkCancellation() throws {
        if isCancelled { throw CancellationError() }
    }
}

/// Runs `body`, in which a cancellation of the calling tasklet has no effect: for cleanup that has to wait.
///
/// ```swift
/// defer { try? withCancellationShield { try log.send("done") } }
/// ```
///
/// - Throws: what `body` throws.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
public func withCancellationShield<Result>(_ body: () throws -> Result) rethrows -> Result {
    let core = SchedulerCore.current
    let me = core.insideGate { _ in core.visibleCurrent }
    // The outermost shield holds off a cancellation, each one the time limits around it.
    let (isOutermost, latestLimit) = core.insideGate { _ in
        (me.fields.refusals.insert(.shielded).inserted, core.holdOffLimits(of: me))
    }
    defer {
        core.insideGate { _ in
            core.stopHoldingOffLimits(of: me, until: latestLimit)
            if isOutermost { me.fields.refusals.remove(.shielded) }
        }
    }
    return try body()
}
