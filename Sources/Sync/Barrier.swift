public import Tasklets

/// Where tasklets wait until so many have come; then all go on, and the next ones wait again.
///
/// ```swift
/// let step = Barrier(3, name: "step")
/// for part in parts {  // three of them
///     Tasklet {
///         while try !isDone() {
///             try compute(part)
///             if try step.wait() { advance() }  // in the one that came last
///         }
///     }
/// }
/// ```
///
/// The last one to come goes on; the others are put at the end of their run queues, in the order in which they came. One whose
/// wait is ended by an error has not come: another one has to come in its place. May be used by several threads.
public final class Barrier: WaitLineOwner {
    package let line = WaitLine()
    /// How many have to come.
    public let count: Int
    private let origin: Origin

    /// Makes a barrier; no tasklet waits at it yet.
    ///
    /// - Parameters:
    ///   - count: how many have to come; at least one.
    ///   - name: shown in reports.
    ///   - fileID: where the barrier is made, for reports.
    ///   - line: where the barrier is made, for reports.
    ///   - column: where the barrier is made, for reports.
    public init(
        _ count: Int,
        name: String? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        column: UInt = #column
    ) {
        guard count > 0 else { fatalError("A barrier needs a count of 1 or more, not \(count).") }
        self.count = count
        origin = Origin(kind: "barrier", name: name, fileID: fileID, line: line, column: column)
    }

    deinit { line.free() }

    /// The name given at creation.
    public var name: String? { origin.name }

    /// Waits for the others; the last one to come wakes them and goes on.
    ///
    /// - Returns: true for the last one to come, exactly one of ``count``.
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>. The caller has not come then, unless
    ///   all had come before the error.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public func wait() throws -> Bool {
        let core = try line.begin()
        guard line.fields.count == count - 1 else {
            unsafe try line.wait(core, at: self)
            return false
        }
        while line.wakeFirst(core) {}
        line.leave(core)
        return true
    }

    /// Announces that other threads are going to come; a wait lasts until they do. See `Channel.share()`.
    ///
    /// The announcement holds as long as the barrier exists.
    public func share() {
        line.setPromised(true)
    }

    package func describe(_ entry: WaitEntry) -> String {
        "wait at \(origin.mention), to which \(line.locked { line.fields.count }) of \(count) have come"
    }
}

// Safe because the barrier has nothing but its line.
extension Barrier: @unchecked Sendable {}
