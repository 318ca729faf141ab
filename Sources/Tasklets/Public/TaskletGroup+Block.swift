/// Runs `body`, which adds children to a group, and returns when all of them have ended.
///
/// ```swift
/// let total = try withTaskletGroup(of: Int.self, limit: 8) { group in
///     for url in urls { try group.add { try fetch(url).count } }
///     var total = 0
///     while let size = try group.next() { total += size }
///     return total
/// }
/// ```
///
/// **The block cannot be left before all children have ended.** When `body` throws, or the tasklet is killed or cancelled, the
/// children are cancelled, and the call waits until they have ended. When `body` returns, the call lets the children finish.
///
/// **The first child that fails ends the group**: the others are cancelled, ``TaskletGroup/next()`` and
/// ``TaskletGroup/add(name:stackSize:fileID:line:_:)`` throw that error, every other wait of the tasklet in the block throws
/// `CancellationError`, as if it had been cancelled itself, and when all have ended the error comes out of the block. Further
/// errors, of children that fail while they are being cancelled, are given to ``TaskletGroup/onError``.
///
/// Children that are killed, and cancelled ones that end by `CancellationError`, have not failed.
///
/// - Parameters:
///   - type: of the results.
///   - limit: how many children there may be at once; ``TaskletGroup/add(name:stackSize:fileID:line:_:)`` waits for room.
///   - body: what is done with the group.
/// - Throws: what `body` throws. But when `body` returns, or throws `CancellationError`, and a child has failed: the first
///   error of a child. When the wait for the children is ended, they are cancelled, and the error of that wait is thrown:
///   ``TaskletExit``, `CancellationError`, or a ``DeadlockError`` when the children can never go on.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@discardableResult
public func withTaskletGroup<Value, Result>(
    of type: Value.Type,
    limit: Int = .max,
    _ body: (_ group: TaskletGroup<Value>) throws -> Result
) throws -> Result {
    let group = TaskletGroup<Value>(core: GroupCore(limit: limit))
    let outcome = Swift.Result { try body(group) }
    return try group.core.finish(outcome)
}

extension GroupCore {
    /// Waits for the children, and says how the block ends.
    fileprivate func finish<Outcome>(_ outcome: Result<Outcome, any Error>) throws -> Outcome {
        leaveBlock()
        var outcome = outcome
        if outcome.isFailure { cancelAll() }
        var isHopeless = false
        while true {
            do {
                if end.line.inside({ isCancelled }) {
                    try withCancellationShield { try waitForChildren() }
                } else {
                    try waitForChildren()
                }
                break
            } catch {
                if let trap = error as? TaskletError, [.blockTrap, .switchTrap].contains(trap) {
                    fatalError("A group cannot be left before its children have ended. \(trap)")
                }
                // The first error counts, but for a kill.
                if error is TaskletExit || (!outcome.isFailure && failure == nil) { outcome = .failure(error) }
                cancelAll()
                guard error is DeadlockError else { continue }
                if isHopeless { killAll() }
                isHopeless = true
            }
        }
        isOver = true
        onError = nil
        // Results that nobody has taken. Out of the gate: they are the program's.
        finished.removeAll()
        if let failure, outcome.isNoError { throw failure }
        return try outcome.get()
    }

    /// The tasklet is not in the block any more: a failure is none of its waits' business.
    private func leaveBlock() {
        end.line.inside {
            isBlockRunning = false
            if failure == nil { return }
            owner.fields.failedBlocks -= 1
            if owner.fields.failedBlocks == 0 { owner.fields.refusals.remove(.groupFailed) }
        }
    }

    private func waitForChildren() throws {
        // Again, since somebody else may add a child between the end of the last one and the turn of this tasklet.
        while true {
            let core = end.line.enter()
            if active == 0 { return end.line.leave(core) }
            try unsafe end.line.wait(core, at: end)
        }
    }

    /// The children cannot go on, although they were cancelled: they wait inside a shield, or were taken out of the ring.
    private func killAll() {
        for tasklet in end.line.inside({ children.tasklets }) { try? tasklet.kill(pending: true) }
    }
}

extension Result {
    /// Whether a failure of a child is the better reason.
    fileprivate var isNoError: Bool {
        switch self {
        case .success: true
        case .failure(let error): error is CancellationError
        }
    }
}
