import Tasklets

/// Has a function called by a native thread, and waits for its result while the other tasklets run. For what blocks its thread
/// and has no other form: a call into a library that waits, or a computation that takes long.
///
/// ```swift
/// let sum = try offload { (1...1000).reduce(0, +) }
/// print(sum)  // 500500
/// ```
///
/// The threads are shared by the process. They are made when they are needed, up to ``Hub/offloadLimit``; then calls wait for one
/// another, in order. A thread that has had nothing to do for ten seconds ends. There and back costs some ten microseconds: what
/// is shorter than that is better done in place.
///
/// **Whoever ends the wait frees the tasklet and not the thread**: after a cancellation, a kill or a time limit a function that has
/// begun runs to its end, and its result, or its error, is dropped. One that has not begun then never does.
///
/// The function runs outside of every scheduler. Tasklets that it makes run in there, by `Tasklet.run()`; those that are left when
/// it returns are ended, with a line on standard error. It may use what is meant for several threads, a channel say, but a wait
/// throws `TaskletError.offloaded`: its thread would be missing for others, and the tasklet that could end the wait may be the one
/// that waits for the function. What needs to wait opens a `Scheduler.scope { … }` of its own.
///
/// A function that waits, in such a scope or by a lock of the system, for something that only the tasklet does which waits for the
/// function, never returns. No deadlock is reported, since nobody sees what a native thread waits for: `Scheduler.dump(frames:)`
/// names the call and for how long it has waited.
///
/// A virtual clock (`Scheduler.scope(clock:_:)`) does not wait for the function: when no tasklet can run, the clock goes on to the
/// next deadline, as if the function took no time.
///
/// - Parameters:
///   - fileID: where the work is handed over, for reports.
///   - line: where the work is handed over, for reports.
///   - body: what is done there. What it uses must be `Sendable`.
/// - Throws: what the function throws; what refused or ended the wait; `SystemError` when the system has no thread for it.
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
public func offload<Result: Sendable>(
    fileID: StaticString = #fileID,
    line: UInt = #line,
    _ body: @escaping @Sendable () throws -> Result
) throws -> Result {
    try HubCore.current().perform(.offload(LiteralText(fileID), line), by: .offload, body)
}

extension Hub {
    /// How many native threads ``offload(fileID:line:_:)`` uses at most, in the whole process. At first four for each processor,
    /// but at least 8 and at most 64.
    ///
    /// - Precondition: at least 1.
    public static var offloadLimit: Int {
        get { WorkerPool.offload.limit }
        set {
            guard newValue >= 1 else { fatalError("Hub.offloadLimit must be at least 1, not \(newValue).") }
            WorkerPool.offload.setLimit(newValue)
        }
    }
}
