import Synchronization
public import Tasklets

extension Promise where Value: Sendable {
    /// The result, for async functions: waits for it, on whatever thread, and blocks none.
    ///
    /// ```swift
    /// let page = Tasklet.spawn { try fetch(url) }
    /// Task { show(try await page.value()) }
    /// ```
    ///
    /// - Throws: the error of the promise; `CancellationError` when the task is cancelled: the promise is kept nevertheless.
    nonisolated(nonsending) public func value() async throws -> Value {
        if let settled { return try settled.get() }
        let wait = PromiseWait()
        try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                observe(ObjectIdentifier(wait)) { isSettled in
                    unsafe continuation.resume(with: isSettled ? .success(()) : .failure(CancellationError()))
                }
                // Cancelled before it was there to be stopped.
                if wait.isCancelled.load(ordering: .sequentiallyConsistent) { stopObserving(ObjectIdentifier(wait)) }
            }
        } onCancel: {
            wait.isCancelled.store(true, ordering: .sequentiallyConsistent)
            stopObserving(ObjectIdentifier(wait))
        }
        return try settled!.get()
    }

    /// Never inlined: see `JobQueue.isOwnThread`.
    private var settled: Result<Value, any Error>? {
        @inline(never) get { result }
    }
}

/// A wait of an async function for a promise: its address tells it from others.
private final class PromiseWait: Sendable {
    let isCancelled = Atomic(false)
}
