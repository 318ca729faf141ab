/// A function with a stack of its own.
///
/// ```swift
/// Tasklet(name: "greeter") {
///     for n in 1...3 {
///         print("hello", n)
///         try Tasklet.schedule()
///     }
/// }
/// try Tasklet.runUntilDone()
/// ```
///
/// A tasklet belongs to the thread that made it and is run by that thread's ``Scheduler``, one at a time and in turn:
/// it runs until it gives way, waits or ends. Its body is an ordinary closure, and may give way or wait anywhere, also inside a
/// closure that it passes to another function, as to `map`.
///
/// Every operation that may switch to another tasklet can throw. This is how a tasklet is ended from outside, by
/// ``kill(pending:)``: the error unwinds its stack, and every `defer` runs.
///
/// Do not hold an `inout` access, a `withValue` of a task-local, or a lock across such an operation: other tasklets of
/// the thread run meanwhile. A tasklet cannot `await`, and an async function opens a ``Scheduler/scope(clock:_:)`` to make one.
///
/// A value of this type is a handle. Only a *paused* tasklet needs one: when the last handle of a paused tasklet goes, no code
/// can resume the tasklet any more, so it is killed at once. So dropping a handle may run the cleanup of another tasklet. A
/// tasklet that is queued or waits needs no handle.
///
/// Cost: 24 bytes for the handle, about 230 bytes for the scheduler's record, and, from the first run until the end, a stack.
/// Of the stack only the pages that are touched take memory, at least one.
///
/// All rules: <doc:WhoRunsWhen>.
public struct Tasklet {
    /// A struct around it: nobody outside can refer to it weakly. So one that only its record still holds is used again
    /// with the record, and making a tasklet asks for no memory.
    @usableFromInline let handle: TaskletHandle

    package var record: TaskletRecord { handle.record }

    /// Bytes reserved for a stack when nothing else is said: 256 KiB, of which only touched pages take memory.
    @inlinable public static var defaultStackSize: Int { 256 * 1024 }

    /// The smallest stack, in bytes. Below it the standard library itself may overflow: printing, sorting and
    /// dictionaries take up to 18 KiB, dumping an object 40.
    public static var minimumStackSize: Int { 64 * 1024 }

    /// The largest stack, in bytes: 1 GiB.
    public static var maximumStackSize: Int { 1 << 30 }

    init(handle: TaskletHandle) {
        self.handle = handle
    }
}

/// What the copies of a `Tasklet` share: its last reference goes with the last of them.
@usableFromInline
final class TaskletHandle {
    let record: TaskletRecord

    /// Inside the gate of the record's scheduler, or while nobody else knows the record.
    init(record: TaskletRecord) {
        self.record = record
        record.fields.handleCount += 1
        record.forgetWeakHandle()
    }

    deinit {
        record.scheduler.handleWasDropped(record)
    }

    /// The record of a tasklet that was just made, and is paused, does not keep it any more.
    @usableFromInline
    func weaken() {
        record.weakenHandle()
    }
}

// MARK: - Making

extension Tasklet {
    /// Makes a tasklet and puts it at the end of the run queue.
    ///
    /// The body does not run before its turn comes: when the maker gives way, blocks or calls ``run()-swift.type.method``.
    ///
    /// - Parameters:
    ///   - name: shown in reports and by ``name``.
    ///   - stackSize: bytes reserved for the stack, rounded up by a quarter at most; at least ``minimumStackSize``.
    ///   - scheduled: `false` leaves the tasklet alive and paused, in no queue: ``insert()``, ``run()-swift.method`` or
    ///     ``switch()`` starts it.
    ///   - fileID: where the tasklet is made, for reports.
    ///   - line: where the tasklet is made, for reports.
    ///   - body: what the tasklet does. An error that leaves the body is thrown by the innermost run(), or in main;
    ///     ``TaskletExit``, and the `CancellationError` of a cancelled tasklet, just end the tasklet.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    @inlinable
    public init(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        scheduled: Bool = true,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: consuming @escaping () throws -> Void
    ) {
        // Retained here, in the maker's code: where the tasklet is discarded the compiler leaves it out.
        handle = unsafe SchedulerCore.current.makeTasklet(
            name: name,
            stackSize: stackSize,
            scheduled: scheduled,
            fileID: fileID,
            line: line,
            body
        ).takeUnretainedValue()
        if !scheduled { handle.weaken() }
    }

    /// Makes an empty tasklet, without a function: not alive until ``bind(_:)`` and ``setup()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public init(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) {
        let record = SchedulerCore.current.makeRecord(name: name, stackSize: stackSize, fileID: fileID, line: line)
        handle = record.handle!
        // It is dead: its record does not keep it.
        record.dropHandle()
    }

    /// Gives the tasklet a function, or takes it away (`nil`). It is not alive then: ``setup()`` makes it so. For one that was
    /// alive this is its end: see ``onEnd(_:)``.
    ///
    /// - Throws: ``TaskletError/bindCurrent`` for the current tasklet, ``TaskletError/scheduled`` for a queued or
    ///   blocked one, ``TaskletError/alive`` for a paused one that has run: its stack has live frames, kill it first.
    public func bind(_ body: (() throws -> Void)?) throws(TaskletError) {
        let former = try record.insideGate { _ throws(TaskletError) in
            switch record.state {
            case .queued: throw record == record.scheduler.head ? .bindCurrent : .scheduled
            case .blocked: throw .scheduled
            case .paused:
                if record.isStarted || record == record.scheduler.main { throw .alive }
                record.scheduler.unlinkLiving(record)
                record.state = .dead
                record.fields.hasEnded = true
            case .dead: break
            }
            // One that was alive has ended by this.
            let former = record.fields.hasEnded ? record.takeLeftovers() : record.takeFunction()
            if let body { record.setBody(TaskletBody(function: body)) }
            return former
        }
        withExtendedLifetime(former) {}
    }

    /// Makes a tasklet that has a function alive and puts it at the end of the run queue. Ending uses the function up.
    ///
    /// - Throws: ``TaskletError/alive``, ``TaskletError/notBound``.
    public func setup() throws(TaskletError) {
        let core = record.scheduler
        try record.insideGate { isForeign throws(TaskletError) in
            // A callback at its end, in which it is dead already, would put it into the ring twice.
            if record.state != .dead || core.isRunning(record) { throw .alive }
            if core.isEnded { throw .threadNotInitialised }
            if record.fields.body == nil { throw .notBound }
            record.fields.hasEnded = false
            core.linkLiving(record)
            record.handle = handle
            core.append(record)
            if isForeign { core.wake() }
        }
    }
}

// MARK: - Identity

extension Tasklet: Hashable, CustomStringConvertible {
    public static func == (left: Tasklet, right: Tasklet) -> Bool {
        left.record == right.record
    }

    public func hash(into hasher: inout Hasher) {
        unsafe hasher.combine(record.memory)
    }

    /// The name given at creation, else "tasklet-" and a number; "main" for the main tasklet.
    public var name: String {
        record.origin.displayName
    }

    /// Where the tasklet was made: `#fileID:#line`.
    public var creationPlace: String { record.origin.place }

    public var description: String { record.origin.description }

    /// The tasklet of a record. Inside the gate.
    package static func of(_ record: TaskletRecord) -> Tasklet {
        Tasklet(handle: record.anyHandle)
    }
}

// Safe because every method and property goes through the gate of the tasklet's own scheduler.
extension Tasklet: @unchecked Sendable {}
