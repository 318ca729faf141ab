public import Tasklets

extension Tasklet {
    /// Calls an async function and waits for it, while the other tasklets run.
    ///
    /// ```swift
    /// let page = try Tasklet.await { try await client.get(url) }
    /// ```
    ///
    /// The function begins at once, on the tasklet's own stack, and stays on the scheduler's thread. Calls of an actor stay
    /// there too, unless the actor has an executor of its own. A function that does not suspend causes no switch. After a
    /// suspension the function goes on as a job of the scheduler: see ``SchedulerExecutor``. Child tasks (`async let`, task
    /// groups) stay on the thread as well. A `Task { }` does not; use ``Hub/task(name:fileID:line:_:)`` instead.
    ///
    /// The function must not make blocking calls of tasklets, such as `Channel.receive()`: no other tasklet can run between two
    /// suspensions of the function. Whatever would switch throws `TaskletError.switchTrap`. Use `await`.
    ///
    /// **Cancellation.** When the tasklet is killed or cancelled, or its time is up, this call throws at once, and the
    /// function's task is cancelled. The task goes on without the tasklet until it ends; its result is dropped. So a function
    /// that ignores its cancellation does not keep the tasklet waiting.
    ///
    /// Calls of `MainActor` functions work: while tasklets of the main thread await something, the scheduler of that thread does
    /// what is in the main queue.
    ///
    /// The scheduler cannot detect a function that is never resumed, so this is not reported as a deadlock.
    /// `Scheduler.dump(frames:)` names the call and for how long it has waited. A virtual clock (`Scheduler.scope(clock:_:)`)
    /// does not wait for the function: when no tasklet can run, the clock jumps to the next deadline.
    ///
    /// Costs about what a `Task` costs: a microsecond.
    ///
    /// - Parameters:
    ///   - fileID: where the call is, for reports.
    ///   - line: where the call is, for reports.
    ///   - body: what it captures must not be used elsewhere meanwhile, as the compiler checks.
    /// - Throws: what `body` throws; what refuses or ends the wait: `CancellationError` in a cancelled tasklet,
    ///   `TaskletError.blockTrap`, `TaskletError.switchTrap`, or what is sent to the tasklet.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public static func `await`<Value>(
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: sending @escaping () async throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        // Given to the task alone: nobody else has it.
        nonisolated(unsafe) let body = body
        try awaitTask(fileID: fileID, line: line) {
            do {
                outcome.result = .success(try await unsafe body())
            } catch {
                outcome.result = .failure(error)
            }
        }
        return try outcome.result!.get()
    }

    /// Runs `body` as a task, and waits for its end.
    ///
    /// - Throws: what refuses or ends the wait. The task has not begun, or is cancelled.
    @usableFromInline
    static func awaitTask(fileID: StaticString, line: UInt, _ body: sending @escaping () async -> Void) throws {
        let executor = SchedulerExecutor.current
        let core = executor.core
        try core.checkMayAwait()
        try executor.jobs.giveWayNowAndThen()
        let call = AwaitedCall(core, fileID: fileID, line: line)
        nonisolated(unsafe) let body = body
        let task = executor.jobs.start {
            Task(executorPreference: executor.taskExecutor) {
                await unsafe body()
                call.end()
            }
        }
        if !call.hasEnded { try call.wait(for: task) }
    }
}

/// What an async function has ended with: written by its task, read by the tasklet afterwards. On the heap, since the tasklet
/// may leave before it comes.
///
/// Safe because one after the other has it.
@usableFromInline
final class Outcome<Value>: @unchecked Sendable {
    @usableFromInline var result: Result<Value, any Error>?

    @inlinable
    init() {}

    @inlinable
    deinit {}
}

/// An async function that a tasklet awaits: all of it that does not depend on the type of the result.
///
/// Safe because it is touched on the scheduler's thread.
private final class AwaitedCall: WaitPlace, @unchecked Sendable {
    private let core: SchedulerCore
    private let fileID: StaticString
    private let line: UInt
    private(set) var hasEnded = false
    private var waiter: WaitEntry?

    init(_ core: SchedulerCore, fileID: StaticString, line: UInt) {
        self.core = core
        self.fileID = fileID
        self.line = line
    }

    /// Called in the task.
    @inline(never)
    func end() {
        // Not when the scheduler has ended: nobody waits any more.
        guard SchedulerCore.currentIfAny == core else { return }
        hasEnded = true
        // Whoever ends the wait on another thread takes it inside the gate too.
        core.insideGate { _ in
            if let waiter = waiter.take() { core.wake(waiter) }
        }
    }

    func wait(for task: Task<Void, Never>) throws {
        do {
            let mainQueue = try MainQueue.beginIfMainThread()
            defer { mainQueue?.end() }
            try unsafe core.waitOutside(at: self, argument: nil) {
                waiter = $0
                return true
            }
        } catch {
            // Its handlers run in here.
            core.withoutSwitching { task.cancel() }
            throw error
        }
    }

    func withdraw(_ entry: WaitEntry) -> Withdrawal {
        if waiter == nil { return .tooLate }
        waiter = nil
        return .done
    }

    func describe(_ entry: WaitEntry) -> String { "await of an async function, called at \(fileID):\(line)" }
}

extension SchedulerCore {
    /// - Throws: what refuses the running tasklet a wait. Nothing has begun then.
    fileprivate func checkMayAwait() throws {
        _ = enter()
        let me = self.me
        let refusal = mayRefuse(me) ? refusal(of: me) : nil
        leave()
        if let refusal { throw refused(by: refusal) }
    }
}
