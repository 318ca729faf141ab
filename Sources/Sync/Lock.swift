public import Tasklets

/// Lets one tasklet at a time into a piece of code that waits in the middle.
///
/// ```swift
/// let log = Lock(name: "log")
/// try log.withLock {
///     for line in lines { try output.send(line) }  // no other tasklet's lines come in between
/// }
/// ```
///
/// Between two operations that may switch no other tasklet of the thread runs, so what does not wait needs no lock on one
/// thread.
///
/// The lock is handed over: ``unlock()`` gives it to the tasklet that has waited longest, and nobody who comes later can
/// take it away. So a tasklet that unlocks and locks again at once waits for those that came before it. May be used by
/// several threads.
///
/// A tasklet that locks what it holds would wait for itself: that traps. ``RecursiveLock`` allows it. Deadlock reports say
/// who holds a lock, and name tasklets that wait for each other in a cycle.
public final class Lock: WaitLineOwner {
    package let line = WaitLine()
    private var isHeld = false
    /// Who holds it, or has held it last: kept, since a tasklet that takes it again need not be described again.
    private var latest: Holder?
    private let origin: Origin

    /// Makes a lock that nobody holds.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - fileID: where the lock is made, for reports.
    ///   - line: where the lock is made, for reports.
    ///   - column: where the lock is made, for reports.
    public convenience init(
        name: String? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        column: UInt = #column
    ) {
        self.init(origin: Origin(kind: "lock", name: name, fileID: fileID, line: line, column: column))
    }

    init(origin: Origin) {
        self.origin = origin
    }

    deinit { line.free() }

    /// The name given at creation.
    public var name: String? { origin.name }

    /// Whether a tasklet holds the lock.
    public var isLocked: Bool { line.inside { isHeld } }

    /// Takes the lock; waits for it if another tasklet holds it.
    ///
    /// Traps when the caller holds it.
    ///
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>. The caller does not hold the lock then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func lock() throws {
        let core = try line.begin()
        let me = core.visibleCurrent
        if !isHeld {
            take(for: me)
            return line.leave(core)
        }
        if wasHeld(by: me) { refuseToLock(me) }
        try line.waitForHandOver(core, at: self) { unlock() }
    }

    /// Takes the lock if nobody holds it; never waits.
    public func tryLock() -> Bool {
        let core = line.enter()
        defer { line.leave(core) }
        if isHeld { return false }
        take(for: core.visibleCurrent)
        return true
    }

    /// Gives the lock to the tasklet that has waited longest, which is put at the end of its run queue; else nobody holds it
    /// any more. The caller goes on.
    ///
    /// Traps when the caller does not hold it.
    public func unlock() {
        let core = line.enter()
        guard isHeld, wasHeld(by: core.visibleCurrent) else { refuseToUnlock(core.visibleCurrent) }
        letGo(core)
        line.leave(core)
    }

    /// Runs `body` with the lock, which is unlocked however that ends.
    ///
    /// - Throws: as ``lock()``, or what `body` throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public func withLock<Result>(_ body: () throws -> Result) throws -> Result {
        try lock()
        defer { unlockIfHeld() }
        return try body()
    }

    package func describe(_ entry: WaitEntry) -> String {
        let holder = line.locked { self.holder }
        return "acquire of \(origin.mention)" + (holder.map { ", held by \($0.mention(for: entry.tasklet))" } ?? "")
    }

    package func holders(of entry: WaitEntry) -> [Holder] {
        line.locked { holder.map { [$0] } ?? [] }
    }

    private var holder: Holder? { isHeld ? latest : nil }

    private func take(for tasklet: TaskletRecord) {
        isHeld = true
        if !wasHeld(by: tasklet) { latest = Holder(tasklet) }
    }

    private func wasHeld(by tasklet: TaskletRecord) -> Bool {
        latest?.isSame(as: tasklet) ?? false
    }
}

// What the types that are made from a lock need.
extension Lock {
    var isHeldByCaller: Bool {
        let core = line.enter()
        defer { line.leave(core) }
        return isHeld && wasHeld(by: core.visibleCurrent)
    }

    /// A `Condition` may have failed to get the lock again.
    @usableFromInline
    func unlockIfHeld() {
        let core = line.enter()
        if isHeld, wasHeld(by: core.visibleCurrent) { letGo(core) }
        line.leave(core)
    }

    /// Hands the lock to the first in line. Inside.
    func letGo(_ core: SchedulerCore) {
        guard let first = line.first else {
            isHeld = false
            return
        }
        latest = Holder(first.tasklet)
        line.handOver(to: first, core)
    }

    /// The same inside the gate, out of every line, for a caller that does not run any more.
    func handOnInsideGate(_ core: SchedulerCore) {
        line.lock()
        letGo(core)
        line.unlock(core)
    }

    @inline(never)
    private func refuseToLock(_ me: TaskletRecord) -> Never {
        fatalError(
            "\(me.origin) locks \(origin.mention), which it holds, and would wait for itself. "
                + "Unlock it first, or use a RecursiveLock."
        )
    }

    @inline(never)
    private func refuseToUnlock(_ me: TaskletRecord) -> Never {
        let other = holder.map { "\($0.origin) holds it" } ?? "nobody holds it"
        fatalError(
            "\(me.origin) unlocks \(origin.mention), but \(other). Only the tasklet that has locked may unlock; "
                + "a Semaphore may be released by another one."
        )
    }
}

// Safe because the holder is touched between `enter` and `leave` or `wait` only.
extension Lock: @unchecked Sendable {}
