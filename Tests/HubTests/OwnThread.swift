import Tasklets
import TestSupport

/// Runs `body` in a scope on a thread of its own, while the caller waits without one: Swift's pool has a thread for each
/// processor, and what the body awaits needs them.
func inScopeOfOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await onOwnThread { try Scheduler.scope(body) }
}

/// Runs `body` on a thread of its own, while the caller waits without one.
func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    var thread: TestThread?
    // Its body is over then.
    defer { thread?.join() }
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        thread = TestThread { continuation.resume(with: Result { try body() }) }
    }
}
