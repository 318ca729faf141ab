/// The children of one block, and their results: see ``withTaskletGroup(of:limit:_:)``.
///
/// A group is used on its own thread: by the block, by the children, by other tasklets.
public struct TaskletGroup<Value> {
    let core: GroupCore

    /// Called with the error of each child that fails, the first one too, and whose it is: at that child's end, where nothing
    /// may switch. Set it before children are added. Without it, errors after the first one are not heard of.
    public var onError: ((UncaughtError) -> Void)? {
        get { core.onError }
        nonmutating set { core.onError = newValue }
    }

    /// Makes a child and puts it at the end of the run queue. Waits while there are as many as the limit; those that wait are
    /// served in order.
    ///
    /// A child of a group that was cancelled is cancelled: its first wait throws.
    ///
    /// - Parameters:
    ///   - name: shown in reports and by ``Tasklet/name``.
    ///   - stackSize: bytes reserved for the stack.
    ///   - fileID: where the tasklet is made, for reports.
    ///   - line: where the tasklet is made, for reports.
    ///   - body: what it does.
    /// - Throws: the error of the group when a child has failed; `CancellationError` when the caller has to wait and is
    ///   cancelled, and whatever else ends its wait. No child is made then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public func add(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping () throws -> Value
    ) throws -> Tasklet {
        try core.reserve()
        return start(name: name, stackSize: stackSize, fileID: fileID, line: line, body)
    }

    /// Makes a child, for which room was kept.
    @discardableResult
    func start(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString,
        line: UInt,
        _ body: @escaping () throws -> Value
    ) -> Tasklet {
        let record = SchedulerCore.current.makeRecord(name: name, stackSize: stackSize, fileID: fileID, line: line)
        let child = ValueChild<Value>(of: core, record: record)
        return core.start(child) { child.keep(try body()) }
    }

    /// The result of the child that has finished next; waits for it. `nil` when there is no child left.
    ///
    /// ```swift
    /// while let line = try group.next() { print(line) }
    /// ```
    ///
    /// Results come in the order of finishing. A child that is killed or cancelled gives none. Several tasklets may wait: each
    /// result goes to the first of them.
    ///
    /// - Throws: the error of the group when a child has failed; `CancellationError` when the caller has to wait and is
    ///   cancelled, and whatever else ends its wait. No result is lost by that.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func next() throws -> Value? {
        guard let child = try core.next() else { return nil }
        // All children of the group are of this type.
        return unsafe unsafeDowncast(child, to: ValueChild<Value>.self).value
    }

    /// Cancels the children, in the order in which they were added, and those that are added from now on. Their
    /// `CancellationError`s are no errors of the group. The caller goes on.
    public func cancelAll() { core.cancelAll() }
}
