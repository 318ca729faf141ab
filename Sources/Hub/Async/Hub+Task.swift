public import Tasklets

extension Hub {
    /// Begins an async function beside the caller: a tasklet that awaits it, and stays on this scheduler.
    ///
    /// ```swift
    /// let page = Hub.task { try await client.get(url) }
    /// let answer = try Tasklet.await {
    ///     Hub.task(name: "log") { try await log.write("asked") }    // here a Task { } would leave the thread
    ///     return try await client.get(other)
    /// }
    /// print(try page.value(), answer)
    /// ```
    ///
    /// It begins when the tasklet has its turn. `run()` waits for it; the end of the scheduler, and `Tasklet.cancel()` of the
    /// promise's tasklet, cancel it. Its error is not lost: see `Promise`.
    ///
    /// To be called in a tasklet, or in an async function while that runs on the scheduler.
    ///
    /// - Parameters:
    ///   - name: of the tasklet, for reports.
    ///   - fileID: where the call is, for reports.
    ///   - line: where the call is, for reports.
    ///   - body: the function.
    @discardableResult
    @inline(never)
    public static func task<Value>(
        name: String? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: sending @escaping () async throws -> Value
    ) -> Promise<Value> {
        checkIsOnScheduler()
        // Given to the tasklet alone, which calls it once.
        nonisolated(unsafe) let body = body
        return Tasklet.spawn(name: name, fileID: fileID, line: line) {
            try Tasklet.await(fileID: fileID, line: line) { try await unsafe body() }
        }
    }

    /// A thread of Swift's pool may have a scheduler too, which never runs a tasklet, and there it would wait for ever.
    private static func checkIsOnScheduler() {
        let isInTask = unsafe withUnsafeCurrentTask { task in unsafe task != nil }
        if !isInTask { return }
        if let core = SchedulerCore.currentIfAny, core.isInScope || core.attention.contains(.callback) { return }
        fatalError(
            "Hub.task was called in an async function that does not run on a scheduler now: call it in a tasklet or in what "
                + "Tasklet.await runs, or use a scheduler's executor: try await scheduler.run { … }."
        )
    }
}
