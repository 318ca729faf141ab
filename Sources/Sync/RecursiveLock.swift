import Tasklets

/// A lock that its holder may lock again: it is free when that one has unlocked as often.
///
/// ```swift
/// let tree = RecursiveLock(name: "tree")
/// func insert(_ node: Node) throws {
///     try tree.withLock {
///         for child in node.children { try insert(child) }
///     }
/// }
/// ```
///
/// The holder is the tasklet, not the thread. In all else it is a ``Lock``.
public final class RecursiveLock {
    private let inner: Lock
    /// How often it is locked. Touched by the holder only.
    private var depth = 0

    /// Makes a lock that nobody holds.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - fileID: where the lock is made, for reports.
    ///   - line: where the lock is made, for reports.
    ///   - column: where the lock is made, for reports.
    public init(name: String? = nil, fileID: StaticString = #fileID, line: UInt = #line, column: UInt = #column) {
        inner = Lock(origin: Origin(kind: "recursive lock", name: name, fileID: fileID, line: line, column: column))
    }

    /// The name given at creation.
    public var name: String? { inner.name }

    /// Whether a tasklet holds the lock.
    public var isLocked: Bool { inner.isLocked }

    /// Takes the lock, or takes it once more; waits for it if another tasklet holds it.
    ///
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>. The caller does not hold the lock then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func lock() throws {
        if !inner.isHeldByCaller { try inner.lock() }
        depth += 1
    }

    /// Takes the lock if nobody or the caller holds it; never waits.
    public func tryLock() -> Bool {
        guard inner.isHeldByCaller || inner.tryLock() else { return false }
        depth += 1
        return true
    }

    /// Takes one ``lock()`` back. The last one gives the lock to the tasklet that has waited longest, which is put at the end
    /// of its run queue. The caller goes on.
    ///
    /// Traps when the caller does not hold it.
    public func unlock() {
        if inner.isHeldByCaller {
            depth -= 1
            if depth > 0 { return }
        }
        // Traps for a caller that does not hold it.
        inner.unlock()
    }

    /// Runs `body` with the lock, which is unlocked however that ends.
    ///
    /// - Throws: as ``lock()``, or what `body` throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public func withLock<Result>(_ body: () throws -> Result) throws -> Result {
        try lock()
        defer { unlock() }
        return try body()
    }
}

// Safe because the depth is touched by the holder of the inner lock only.
extension RecursiveLock: @unchecked Sendable {}
