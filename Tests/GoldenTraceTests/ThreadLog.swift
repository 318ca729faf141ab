import TestSupport

/// A log several threads write to.
final class ThreadLog: Sendable {
    private let lines = Locked<[String]>([])

    func callAsFunction(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    /// Starts a thread. An error its body throws becomes a line of the log, so that the trace differs.
    @discardableResult
    func thread(_ body: @escaping @Sendable () throws -> Void) -> TestThread {
        TestThread {
            do {
                try body()
            } catch {
                self("thread ended with \(errorKind(error))")
            }
        }
    }

    var all: [String] { lines.withLock { $0 } }
}
