import Channels
import Tasklets

/// What has happened, in order. For tasklets of one thread.
final class Log {
    private(set) var lines: [String] = []

    func note(_ line: String) { lines.append(line) }

    /// Takes out what has been noted.
    func take() -> [String] {
        defer { lines = [] }
        return lines
    }

    /// Notes "name: done", or the error by which `body` fails.
    func note(_ name: String, _ body: () throws -> Void) {
        do {
            try body()
            note("\(name): done")
        } catch {
            note("\(name): \(Self.word(for: error))")
        }
    }

    static func word(for error: any Error) -> String {
        switch error {
        case is TaskletExit: "killed"
        case is CancellationError: "cancelled"
        case is DeadlockError: "deadlock"
        case ChannelError.closed: "closed"
        case let error as TaskletError: "\(error)".contains("blockTrap") ? "block trap" : "switch trap"
        default: "\(error)"
        }
    }
}

/// An error that tests throw at tasklets.
struct Interruption: Error {}
