extension Tasklet {
    /// Makes a tasklet, puts it at the end of the run queue, and returns a promise of its result.
    ///
    /// ```swift
    /// let sum = Tasklet.spawn { try numbers.reduce(0) { try add($0, $1) } }
    /// print(try sum.value())
    /// ```
    ///
    /// An error that leaves the body is the error of the promise: see ``Promise``. When no result is wanted, use
    /// ``init(name:stackSize:scheduled:fileID:line:_:)``.
    ///
    /// - Parameters:
    ///   - name: shown in reports and by ``name``.
    ///   - stackSize: bytes reserved for the stack.
    ///   - fileID: where the tasklet is made, for reports.
    ///   - line: where the tasklet is made, for reports.
    ///   - body: what it does.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func spawn<Value>(
        name: String? = nil,
        stackSize: Int = Tasklet.defaultStackSize,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping () throws -> Value
    ) -> Promise<Value> {
        let record = SchedulerCore.current.makeRecord(name: name, stackSize: stackSize, fileID: fileID, line: line)
        let state = PromiseState<Value>(origin: record.origin)
        let tasklet = SchedulerCore.current.start(record, extras: state) { state.keep(try body()) }
        return Promise(state: state, tasklet: tasklet)
    }
}

extension SchedulerCore {
    /// Puts a tasklet that was just made into the ring, with extras of a kind of its own.
    func start(_ record: TaskletRecord, extras: TaskletExtras, _ body: @escaping () throws -> Void) -> Tasklet {
        record.setBody(TaskletBody(function: body))
        record.fields.extras = extras
        return insideGate { _ in
            if let maker = (fields.currentDuringCallback ?? head)?.fields.extras { extras.locals = maker.locals }
            addToLiving(record, scheduled: true)
            return Tasklet.of(record)
        }
    }
}
