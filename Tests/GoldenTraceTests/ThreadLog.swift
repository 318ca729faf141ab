import Synchronization

/// A log several threads write to.
final class ThreadLog: Sendable {
    private let lines = Mutex<[String]>([])

    func callAsFunction(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var all: [String] { lines.withLock { $0 } }
}
