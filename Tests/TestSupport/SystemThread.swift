import Foundation

/// The calling thread as the system sees it.
package struct SystemThread: Sendable {
    private let path: String

    package init() {
        guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self") else {
            fatalError("The system does not say which thread this is: /proc/thread-self cannot be read.")
        }
        path = "/proc/\(link)/stat"
    }

    /// Whether the thread sleeps in the system.
    package var isAsleep: Bool {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), let name = text.lastIndex(of: ")") else {
            fatalError("\(path) cannot be read.")
        }
        return text[name...].split(separator: " ")[1] == "S"
    }
}
