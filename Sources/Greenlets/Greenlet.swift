public import Tasklets

/// A function with a stack of its own that runs when somebody switches to it, and stops where it switches away.
///
/// ```swift
/// let echo = Greenlet<String> { first in
///     var heard = first
///     while heard != "bye" { heard = try Greenlet.current.parent!.switch("you said \(heard)") }
///     return "good bye"
/// }
/// print(try echo.switch("hello"))  // you said hello
/// print(try echo.switch("bye"))    // good bye
/// ```
///
/// There is no queue and no scheduler: control moves only where it is told to. The greenlets of a tasklet (main is one
/// too) form a tree by their parents, with the tasklet's own flow as the *main greenlet* at its root. The values that
/// travel in a tree have one type: `Void` for none, `Any` for a mix.
///
/// What its body returns, or the error that leaves it, goes to the parent, out of the switch that the parent waits in. A
/// switch to one that has ended goes to its parent instead.
///
/// When the last reference to a suspended greenlet goes, nobody can switch to it any more: ``GreenletExit`` is thrown
/// where it waits, so that every `defer` runs, and control comes back to where the reference was dropped. A suspended
/// greenlet whose own frames refer to it, as those of a subclass's ``run(_:)`` do, is ended by ``throw(_:)``, or when its
/// tasklet ends.
///
/// A handle stands for a greenlet and is not the same as it: ``current`` may be another object each time. Compare with
/// `==`. An object of a subclass stands for itself.
///
/// Cost: a switch takes about as long as two function calls that the processor predicts wrong. Memory: a handle, a record
/// of about 500 bytes, and from the first switch until the end a stack.
///
/// When to use what: <doc:WhichOne>.
open class Greenlet<Value> {
    @usableFromInline
    final let record: FlowRecord
    /// Until the start.
    @exclusivity(unchecked)
    @usableFromInline
    final var body: ((Value) throws -> Value)?

    @inlinable
    init(record: FlowRecord) {
        self.record = record
    }

    /// Makes a greenlet. Nothing runs, and no stack is taken, before the first switch to it.
    ///
    /// - Parameters:
    ///   - name: shown in reports and by ``name``.
    ///   - stackSize: bytes reserved for the stack, rounded up by a quarter at most; at least `Tasklet.minimumStackSize`.
    ///   - parent: who gets the result; when `nil`, the greenlet that runs now.
    ///   - fileID: where the greenlet is made, for reports.
    ///   - line: where the greenlet is made, for reports.
    ///   - body: what it does with the value of the first switch. Subclasses leave it out and override ``run(_:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public init(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        parent: Greenlet? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: ((Value) throws -> Value)? = nil
    ) {
        let parentRecord = parent?.record ?? Greenlet.membership(SchedulerCore.current)
        record = SchedulerCore.current.makeGreenlet(
            under: parentRecord,
            valueType: ObjectIdentifier(Value.self),
            name: name,
            stackSize: stackSize,
            fileID: fileID,
            line: line
        )
        unsafe self.body = body
        record.handle = self
        if let parent, parentRecord.fields.state == .unstarted { parentRecord.fields.keptHandle = parent }
    }

    deinit {
        record.dropReference()
    }

    /// What the greenlet does: runs on its own stack, with the value of the first switch.
    ///
    /// Not called when the greenlet was made with a body, unless a subclass overrides it.
    open func run(_ value: Value) throws -> Value {
        guard let body = unsafe body else { throw GreenletError.noBody }
        return try body(value)
    }

    /// Gives a greenlet that has not started another body.
    ///
    /// - Throws: ``GreenletError/alreadyStarted``.
    public final func bind(_ body: @escaping (Value) throws -> Value) throws(GreenletError) {
        guard record.read({ $0.fields.state == .unstarted }) else { throw .alreadyStarted }
        unsafe self.body = body
    }

    /// Whether there is something to run: a body, or the overridden `run` of a subclass.
    @inlinable
    final func hasBody(in root: FlowRecord) -> Bool { unsafe body != nil || !isPlain(in: root) }

    @inlinable
    final func isPlain(in root: FlowRecord) -> Bool {
        root.fields.plainClass == ObjectIdentifier(type(of: self as AnyObject))
    }
}

// A greenlet stays on its thread.
@available(*, unavailable)
extension Greenlet: Sendable {}

extension Greenlet: Hashable, AnyGreenlet {
    public static func == (left: Greenlet, right: Greenlet) -> Bool {
        left.record == right.record
    }

    public final func hash(into hasher: inout Hasher) {
        unsafe hasher.combine(record.memory)
    }

    public final var name: String { record.fields.fiber.origin.displayName }

    /// Where the greenlet was made: `#fileID:#line`.
    public final var creationPlace: String { record.fields.fiber.origin.place }

    public final var description: String { record.fields.fiber.origin.description }
}

extension Greenlet where Value == Void {
    /// Makes a greenlet that is given nothing and returns nothing.
    ///
    /// - Parameters:
    ///   - name: shown in reports and by ``name``.
    ///   - stackSize: bytes reserved for the stack, rounded up by a quarter at most; at least `Tasklet.minimumStackSize`.
    ///   - parent: to whom control goes at the end; when `nil`, to the greenlet that runs now.
    ///   - fileID: where the greenlet is made, for reports.
    ///   - line: where the greenlet is made, for reports.
    ///   - body: what it does.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public convenience init(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        parent: Greenlet? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping () throws -> Void
    ) {
        self.init(name: name, stackSize: stackSize, parent: parent, fileID: fileID, line: line, { _ in try body() })
    }
}
