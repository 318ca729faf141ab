public import Tasklets

/// Lets the holder of a lock wait until another tasklet has changed what the lock guards.
///
/// ```swift
/// let lock = Lock(name: "stock")
/// let hasGrown = Condition(lock, name: "stock has grown")
/// var stock: [Int] = []
///
/// Tasklet {
///     try lock.withLock {
///         try hasGrown.wait { !stock.isEmpty }
///         print(stock.removeFirst())
///     }
/// }
/// Tasklet {
///     try lock.withLock {
///         stock.append(7)
///         hasGrown.signal()
///     }
/// }
/// try Tasklet.runUntilDone()
/// ```
///
/// A wait lets go of the lock and joins the line of the condition in one step: no signal can come in between. Those that are
/// woken take the lock again in the order in which they waited. A wait ends by a signal or an error, never without reason;
/// but others may have had the lock before the woken tasklet, so ``wait(until:)`` looks again. May be used by several
/// threads.
public final class Condition: WaitLineOwner {
    package let line = WaitLine()
    private let lock: Lock
    private let origin: Origin

    /// Makes a condition of what `lock` guards. A lock may have several.
    ///
    /// - Parameters:
    ///   - lock: held by whoever waits.
    ///   - name: shown in reports.
    ///   - fileID: where the condition is made, for reports.
    ///   - line: where the condition is made, for reports.
    ///   - column: where the condition is made, for reports.
    public init(
        _ lock: Lock,
        name: String? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        column: UInt = #column
    ) {
        self.lock = lock
        origin = Origin(kind: "condition", name: name, fileID: fileID, line: line, column: column)
    }

    deinit { line.free() }

    /// The name given at creation.
    public var name: String? { origin.name }

    /// Unlocks the lock, waits for a signal, and locks again.
    ///
    /// Traps when the caller does not hold the lock.
    ///
    /// The caller holds the lock again also when this throws, with one exception: when the lock cannot be had, which is
    /// a `DeadlockError` or a `TaskletError`, since nobody could ever unlock it or a trap has been set meanwhile.
    /// ``Lock/withLock(_:)`` unlocks only what is held. A cancelled tasklet waits for the lock as in a shield.
    ///
    /// A signal that wakes a tasklet whose wait then throws goes on to the next.
    ///
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func wait() throws {
        guard lock.isHeldByCaller else {
            fatalError(
                "A wait for \(origin.mention) needs its lock: lock it before, as in lock.withLock { try condition.wait() }."
            )
        }
        var isSignalled = false
        var failure: (any Error)?
        do {
            let core = try line.begin()
            core.touch(lock.line, core.attention)
            try unsafe withUnsafeMutablePointer(to: &isSignalled) {
                try unsafe line.wait(core, at: self, argument: UnsafeMutableRawPointer($0)) {
                    lock.handOnInsideGate(core)
                }
            }
        } catch {
            failure = error
        }
        // A refused wait has not let go of it.
        if !lock.isHeldByCaller { failure = lockAgain() ?? failure }
        guard let failure else { return }
        if isSignalled { signal() }
        throw failure
    }

    /// Waits until `isTrue`, which is asked with the lock: at first, and after each signal.
    ///
    /// - Throws: as ``wait()``, or what `isTrue` throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func wait(until isTrue: () throws -> Bool) throws {
        while try !isTrue() { try wait() }
    }

    /// Wakes the tasklet that has waited longest: it is put at the end of its run queue, and takes the lock in its turn. The
    /// caller goes on. Without effect when nobody waits.
    ///
    /// The caller should hold the lock: then nobody changes what it has signalled before it has unlocked.
    public func signal() {
        let core = line.enter()
        if let first = line.first { line.handOver(to: first, core) }
        line.leave(core)
    }

    /// Wakes all that wait, in order.
    public func broadcast() {
        let core = line.enter()
        while line.wakeFirst(core) {}
        line.leave(core)
    }

    /// Announces that other threads are going to signal; a wait lasts until they do. See `Channel.share()`.
    ///
    /// The announcement holds as long as the condition exists.
    public func share() {
        line.setPromised(true)
    }

    /// Takes the lock, whatever is thrown at the caller meanwhile.
    ///
    /// - Returns: the latest error. The lock is held all the same, unless it cannot be had.
    private func lockAgain() -> (any Error)? {
        var failure: (any Error)?
        while true {
            do {
                try withCancellationShield { try lock.lock() }
                return failure
            } catch let error where error is DeadlockError || error is TaskletError {
                return error
            } catch {
                failure = error
            }
        }
    }

    package func describe(_ entry: WaitEntry) -> String { "wait for " + origin.mention }
}

// Safe because the condition has nothing but its line.
extension Condition: @unchecked Sendable {}
