public import Tasklets

/// A function that gives an output for each input, and stops in between: a generator that talks with its consumer.
///
/// ```swift
/// let average = Coroutine<Double, Double> { first, yield in
///     var (sum, count) = (first, 1.0)
///     while true {
///         sum += try yield(sum / count)
///         count += 1
///     }
/// }
/// print(try average.resume(10)!)  // 10.0
/// print(try average.resume(20)!)  // 15.0
/// ```
///
/// The body runs on a stack of its own, so it may yield from any depth: in a function that it calls, in a closure that it
/// passed to `map`. It runs inside the call of ``resume(_:)``, as a part of the caller's tasklet; if it waits at a channel,
/// that tasklet waits.
///
/// When the last reference to a coroutine that has not ended goes, ``GreenletExit`` is thrown where it waits, and at every
/// further `yield`, so that every `defer` runs. So it is when its thread ends. A body that catches the error 100,000 times is given
/// up: its stack is never freed, and a line on standard error names it.
///
/// ``Generator`` is the form without inputs, and a `Sequence`.
public final class Coroutine<Input, Output> {
    @usableFromInline
    let record: FlowRecord
    @usableFromInline
    let yield: Yield
    /// Until the start.
    @exclusivity(unchecked)
    @usableFromInline
    var body: ((Input, Yield) throws -> Void)?

    /// Hands out a value, wherever the body is. Made by the coroutine, called by its body.
    public final class Yield {
        @usableFromInline
        let record: FlowRecord

        /// The record lives as long as this object, which the body refers to as well as the coroutine.
        init(record: FlowRecord) {
            self.record = record
            record.fields.references = 1
        }

        deinit {
            record.fields.references = 0
            Flows.discard(record)
        }
    }

    /// Makes a coroutine. Nothing runs, and no stack is taken, before it is resumed.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - stackSize: bytes reserved for the stack, rounded up by a quarter at most; at least `Tasklet.minimumStackSize`.
    ///   - fileID: where the coroutine is made, for reports.
    ///   - line: where the coroutine is made, for reports.
    ///   - body: what it does, with the first input and the function that yields.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public init(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping (_ first: Input, _ yield: Yield) throws -> Void
    ) {
        record = Flows.of(.current).makeRecord(
            kind: "generator",
            name: name,
            stackSize: stackSize,
            fileID: fileID,
            line: line
        )
        yield = Yield(record: record)
        unsafe self.body = body
    }

    deinit {
        record.dropGenerator(ownedBy: yield)
    }

    /// Whether the body has ended.
    public var isEnded: Bool { record.read { $0.fields.state == .dead } }

    /// Lets the body run until it yields, or ends.
    ///
    /// - Parameter input: what the `yield` that the body waits in returns; the first one is passed to the body.
    /// - Returns: what is yielded, `nil` at the end and ever after.
    /// - Throws: the error that leaves the body, which has ended then; ``GreenletError/generatorIsRunning``,
    ///   ``GreenletError/otherThread``, ``GreenletError/outOfMemory``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func resume(_ input: consuming Input) throws -> Output? {
        let core = SchedulerCore.current
        let tasklet = core.me
        guard core.attention.isEmpty, let slot = unsafe record.fields.slot, record.core == core,
            record.fields.innermost == record
        else { return try resumeWithCare(input) }
        var output: Output?
        unsafe slot.assumingMemoryBound(to: Input?.self).initialize(to: consume input)
        unsafe record.fields.slot = nil
        record.fields.runner = tasklet
        unsafe withUnsafeMutablePointer(to: &output) { output in
            unsafe record.fields.consumerSlot = UnsafeMutableRawPointer(output)
            record.fields.consumerFlow = FlowRecord(tasklet.innermost)
            tasklet.innermost = record.fiber
            record.switchFromConsumer()
        }
        if !core.attention.isEmpty || output == nil { try record.settleAtConsumer(core) }
        return output
    }

    @inlinable @inline(never)
    func resumeWithCare(_ input: consuming Input) throws -> Output? {
        let core = SchedulerCore.current
        guard try record.isResumable(in: core) else { return nil }
        // Kept in this frame until the body has taken it.
        var outgoing: Input? = consume input
        var output: Output?
        try unsafe withUnsafeMutablePointer(to: &outgoing) { outgoing in
            try unsafe withUnsafeMutablePointer(to: &output) { output in
                if record.fields.state == .unstarted {
                    record.handle = self
                    record.fields.code = FlowCode(live: Coroutine.live, end: Coroutine.end)
                    guard unsafe record.begin(core, UnsafeMutableRawPointer(outgoing), outcome: (0, 1)) else {
                        throw GreenletError.outOfMemory
                    }
                } else {
                    let slot = unsafe record.fields.slot.unsafelyUnwrapped.assumingMemoryBound(to: Input?.self)
                    unsafe slot.initialize(to: outgoing.pointee.take())
                    unsafe record.fields.slot = nil
                }
                unsafe record.fields.consumerSlot = UnsafeMutableRawPointer(output)
                try record.enterGenerator(core)
            }
        }
        return output
    }

    /// What runs on the stack of every coroutine.
    @inlinable
    static func live(_ record: FlowRecord) -> FlowRecord? {
        let core = SchedulerCore.current
        let first = unsafe record.fields.slot.unsafelyUnwrapped.assumingMemoryBound(to: Input?.self).pointee.take()
        unsafe record.fields.slot = nil
        let error = unsafe runBody(of: record, with: first.unsafelyUnwrapped, core)
        if record.fields.firstRoot != nil { record.endTrees() }
        record.fields.fiber.error = error
        return nil
    }

    @inlinable @inline(never)
    static func runBody(of record: FlowRecord, with first: Input, _ core: SchedulerCore) -> (any Error)? {
        // The coroutine itself must not be held by its own stack: it would never be dropped.
        let (body, yield) = takeBody(of: record)
        do {
            if !core.attention.isEmpty { try core.arrive(at: record) }
            try body(first, yield)
            return nil
        } catch is GreenletExit {
            return nil
        } catch {
            return error
        }
    }

    @inlinable
    static func takeBody(of record: FlowRecord) -> ((Input, Yield) throws -> Void, Yield) {
        let coroutine = unsafe unsafeDowncast(record.handle.unsafelyUnwrapped, to: Coroutine.self)
        record.handle = nil
        return unsafe (coroutine.body.take().unsafelyUnwrapped, coroutine.yield)
    }
}

@available(*, unavailable)
extension Coroutine: Sendable {}

@available(*, unavailable)
extension Coroutine.Yield: Sendable {}

extension Coroutine.Yield {
    /// Hands `output` to the consumer and waits until it asks for the next one.
    ///
    /// May be called in a greenlet or another generator inside the body: all of them wait then, and the next
    /// `resume` goes on there.
    ///
    /// - Returns: what the consumer sends.
    /// - Throws: ``GreenletExit`` when nobody can ask any more; ``GreenletError/yieldOutside`` where the coroutine does not
    ///   run.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    @discardableResult
    public func callAsFunction(_ output: consuming Output) throws -> Input {
        let core = SchedulerCore.current
        let tasklet = core.me
        guard core.attention.isEmpty, record.fields.runner == tasklet, !record.fields.isBeingEnded else {
            return try yieldWithCare(output)
        }
        var input: Input?
        let slot = unsafe record.fields.consumerSlot.unsafelyUnwrapped.assumingMemoryBound(to: Output?.self)
        unsafe slot.initialize(to: consume output)
        record.fields.runner = nil
        unsafe withUnsafeMutablePointer(to: &input) { input in
            unsafe record.fields.slot = UnsafeMutableRawPointer(input)
            record.fields.innermost = FlowRecord(tasklet.innermost)
            tasklet.innermost = record.fields.consumerFlow?.fiber
            record.switchToConsumer()
        }
        if !core.attention.isEmpty || input == nil { try record.settleAtYield(core, isExit: input == nil) }
        return unsafe input.take().unsafelyUnwrapped
    }

    @inlinable @inline(never)
    func yieldWithCare(_ output: consuming Output) throws -> Input {
        let core = SchedulerCore.current
        try record.checkYield(core)
        var input: Input?
        let slot = unsafe record.fields.consumerSlot.unsafelyUnwrapped.assumingMemoryBound(to: Output?.self)
        unsafe slot.initialize(to: consume output)
        try unsafe withUnsafeMutablePointer(to: &input) { input in
            unsafe record.fields.slot = UnsafeMutableRawPointer(input)
            record.leaveGenerator(core)
            try unsafe record.settleAtYield(core, isExit: input.pointee == nil)
        }
        return unsafe input.take().unsafelyUnwrapped
    }
}
