import Tasklets

extension SchedulerExecutor {
    /// Runs `body` in a new tasklet of the scheduler, from async code on whatever thread, and gives its result.
    ///
    /// ```swift
    /// let line = try await scheduler.run { try connection.readLine() }
    /// ```
    ///
    /// The tasklet joins the end of the run queue; the scheduler's thread is woken if it sleeps. No thread is blocked meanwhile.
    /// When the calling task is cancelled the tasklet is (`Tasklet.cancel()`).
    ///
    /// The scheduler's thread has to be where tasklets have their turn: in `Tasklet.run()`, or waiting.
    ///
    /// - Parameters:
    ///   - name: of the tasklet, for reports.
    ///   - fileID: where the call is, for reports.
    ///   - line: where the call is, for reports.
    ///   - body: what the tasklet does.
    /// - Throws: what `body` throws; `CancellationError` when the tasklet was killed, or the scheduler ended before its turn;
    ///   `TaskletError.noThread` when the scheduler has ended.
    nonisolated(nonsending) public func run<Value: Sendable>(
        name: String? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let call = Call(core)
        return try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { continuation in
                let answer = unsafe Answer<Value>(continuation)
                add(name: name, fileID: fileID, line: line, elseTo: answer) { try call.run(body, answering: answer) }
            }
        } onCancel: {
            call.cancel()
        }
    }

    private func add<Value>(
        name: String?,
        fileID: StaticString,
        line: UInt,
        elseTo answer: Answer<Value>,
        _ body: @escaping @Sendable () throws -> Void
    ) {
        let core = self.core
        // Inside the gate. Else the answer says so when the body goes.
        let add: @Sendable () -> Void = {
            if !core.takesNoMore { core.addTasklet(name: name, fileID: fileID, line: line, body) }
        }
        if jobs.isOwnThread { return core.insideGate { _ in add() } }
        let isPosted = core.post(add)
        if !isPosted { answer.give(.failure(TaskletError.noThread)) }
    }
}

/// The tasklet of a call, and whether it is to be cancelled. Touched on the scheduler's thread.
private final class Call: @unchecked Sendable {
    private let core: SchedulerCore
    private var tasklet: Tasklet?
    private var isCancelled = false

    init(_ core: SchedulerCore) {
        self.core = core
    }

    func run<Value>(_ body: () throws -> Value, answering answer: Answer<Value>) throws {
        let me = Tasklet.current
        if isCancelled { me.cancel() }
        tasklet = me
        defer { tasklet = nil }
        do {
            answer.give(.success(try body()))
        } catch is TaskletExit {
            answer.give(.failure(CancellationError()))
            throw TaskletExit()
        } catch {
            answer.give(.failure(error))
        }
    }

    /// From any thread.
    @inline(never)
    func cancel() {
        if SchedulerCore.currentIfAny == core { return cancelHere() }
        _ = core.post { [core] in
            if !core.takesNoMore { core.addTasklet(name: "cancellation") { self.cancelHere() } }
        }
    }

    private func cancelHere() {
        isCancelled = true
        tasklet?.cancel()
    }
}

/// The continuation of a call, which goes on once whatever happens: belongs to the tasklet's body alone, and goes with it.
///
/// Safe because one thread has it at a time.
@safe
private final class Answer<Value: Sendable>: @unchecked Sendable {
    private var continuation: UnsafeContinuation<Value, any Error>?

    init(_ continuation: UnsafeContinuation<Value, any Error>) {
        unsafe self.continuation = unsafe continuation
    }

    deinit { give(.failure(CancellationError())) }

    func give(_ result: Result<Value, any Error>) {
        unsafe continuation.take()?.resume(with: result)
    }
}
