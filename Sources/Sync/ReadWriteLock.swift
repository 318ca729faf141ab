public import Tasklets

/// Lets several tasklets read at a time, or one write.
///
/// ```swift
/// let table = ReadWriteLock(name: "table")
/// let rows = try table.withReadLock { try load(rows) }     // others may read meanwhile
/// try table.withWriteLock { try store(rows) }              // nobody else is inside
/// ```
///
/// Those that wait are served in the order in which they came: a reader that comes while a writer waits waits behind it, so
/// that neither starves. When the lock becomes free it is handed over to the first in line, and if that one reads, to all
/// readers up to the next writer. May be used by several threads.
///
/// It is not recursive, and a reader cannot become a writer: a tasklet that holds the lock and locks again would sooner
/// or later wait for itself. That traps.
public final class ReadWriteLock: WaitLineOwner {
    package let line = WaitLine()
    private var writer: Holder?
    private var readers: [Holder] = []
    private let origin: Origin

    /// What a tasklet waits for: the `kind` of its entry.
    private enum Wait: UInt8 {
        case read
        case write
    }

    /// Makes a lock that nobody holds.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - fileID: where the lock is made, for reports.
    ///   - line: where the lock is made, for reports.
    ///   - column: where the lock is made, for reports.
    public init(name: String? = nil, fileID: StaticString = #fileID, line: UInt = #line, column: UInt = #column) {
        origin = Origin(kind: "read-write lock", name: name, fileID: fileID, line: line, column: column)
    }

    deinit { line.free() }

    /// The name given at creation.
    public var name: String? { origin.name }

    /// Takes the lock for reading; waits while a tasklet writes or waits to write.
    ///
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>. The caller does not hold the lock then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func lockForReading() throws {
        let core = try line.begin()
        let me = core.visibleCurrent
        checkNotHeld(by: me)
        if writer == nil, line.first == nil {
            readers.append(Holder(me))
            return line.leave(core)
        }
        try wait(core, for: .read)
    }

    /// Takes the lock for writing; waits while another tasklet holds it.
    ///
    /// - Throws: as ``lockForReading()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func lockForWriting() throws {
        let core = try line.begin()
        let me = core.visibleCurrent
        checkNotHeld(by: me)
        if writer == nil, readers.isEmpty {
            writer = Holder(me)
            return line.leave(core)
        }
        try wait(core, for: .write)
    }

    /// Gives the lock back, whichever way the caller holds it. Those that may go on now have the lock, and are put at the end
    /// of their run queues. The caller goes on.
    ///
    /// Traps when the caller does not hold it.
    public func unlock() {
        let core = line.enter()
        let me = core.visibleCurrent
        if let writer, writer.isSame(as: me) {
            self.writer = nil
        } else if let index = readers.lastIndex(where: { $0.isSame(as: me) }) {
            readers.remove(at: index)
        } else {
            fatalError(
                "\(me.origin) unlocks \(origin.mention), which it does not hold\(holderList(for: me)). "
                    + "Only a tasklet that has locked may unlock, once for each lock."
            )
        }
        admit(core)
        line.leave(core)
    }

    /// Runs `body` with the lock for reading, which is unlocked however that ends.
    ///
    /// - Throws: as ``lockForReading()``, or what `body` throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public func withReadLock<Result>(_ body: () throws -> Result) throws -> Result {
        try lockForReading()
        defer { unlock() }
        return try body()
    }

    /// Runs `body` with the lock for writing, which is unlocked however that ends.
    ///
    /// - Throws: as ``lockForWriting()``, or what `body` throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public func withWriteLock<Result>(_ body: () throws -> Result) throws -> Result {
        try lockForWriting()
        defer { unlock() }
        return try body()
    }

    private func wait(_ core: SchedulerCore, for wait: Wait) throws {
        do {
            try line.waitForHandOver(core, at: self, kind: wait.rawValue) { unlock() }
        } catch {
            // Readers behind a writer that has left may go on.
            let core = line.enter()
            admit(core)
            line.leave(core)
            throw error
        }
    }

    /// Hands the lock to those in front that may have it. Inside.
    private func admit(_ core: SchedulerCore) {
        while writer == nil, let entry = line.first {
            if entry.fields.kind == Wait.read.rawValue {
                readers.append(Holder(entry.tasklet))
            } else if readers.isEmpty {
                writer = Holder(entry.tasklet)
            } else {
                return
            }
            line.handOver(to: entry, core)
        }
    }

    private func checkNotHeld(by me: TaskletRecord) {
        let isWriter = writer?.isSame(as: me) ?? false
        guard isWriter || readers.contains(where: { $0.isSame(as: me) }) else { return }
        fatalError(
            "\(me.origin) locks \(origin.mention), which it holds for \(isWriter ? "writing" : "reading"), "
                + "and would wait for itself. Unlock it first."
        )
    }

    private func holderList(for waiter: TaskletRecord) -> String {
        if let writer { return ", held by \(writer.mention(for: waiter)) for writing" }
        if readers.isEmpty { return "" }
        return ", held by " + readers.map { $0.mention(for: waiter) }.joined(separator: ", ") + " for reading"
    }

    package func describe(_ entry: WaitEntry) -> String {
        let purpose = entry.fields.kind == Wait.read.rawValue ? "reading" : "writing"
        return "acquire of \(origin.mention) for \(purpose)" + line.locked { holderList(for: entry.tasklet) }
    }

    package func holders(of entry: WaitEntry) -> [Holder] {
        line.locked { writer.map { [$0] } ?? readers }
    }
}

// Safe because the holders are touched between `enter` and `leave` or `wait` only.
extension ReadWriteLock: @unchecked Sendable {}
