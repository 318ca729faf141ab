import Foundation
import Testing

/// What the system tells of a process.
struct ProcessState: CustomStringConvertible {
    let number: pid_t

    var description: String {
        let fields = (try? fields()).map { "state \($0[0]), \($0[11]) and \($0[12]) ticks" } ?? "gone"
        let place = (try? String(contentsOfFile: "/proc/\(number)/wchan", encoding: .utf8)) ?? "?"
        return "process \(number): \(fields), in \(place)"
    }

    /// True when it is gone, or waits only for its parent to take note of its end.
    var hasEnded: Bool {
        guard let fields = try? fields() else { return true }
        return ["Z", "X"].contains(fields[0])
    }

    /// True when it is the program, no longer the shell that starts it, and has handlers for SIGHUP, SIGINT and SIGTERM.
    /// Before that, ctrl-C would end it as any program.
    private var isListening: Bool {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8)
            let handled = try #require(status.firstMatch(of: #/SigCgt:\s+([0-9a-f]+)\n/#)?.1)
            return try status.hasPrefix("Name:\trobots\n") && #require(UInt64(handled, radix: 16)) & 0x4003 == 0x4003
        }
    }

    /// Waits until the program listens for signals.
    func waitUntilListening() throws {
        try wait(for: "process \(number) listens for signals") { try isListening }
    }

    /// Waits until the program has been stopped, as by SIGSTOP.
    func waitUntilStopped() throws {
        try wait(for: "process \(number) is stopped") { try fields()[0] == "T" }
    }

    /// Waits until the program is in a call that waits: it sleeps and uses no processor time for a while. A program that
    /// only waits for a processor does not sleep.
    func waitUntilStuck() throws {
        try waitUntilListening()
        var former = 0
        var same = 0
        try wait(for: "process \(number) waits in a call") {
            let fields = try fields()
            let ticks = try #require(Int(fields[11])) + #require(Int(fields[12]))
            same = fields[0] == "S" && ticks == former ? same + 1 : 0
            former = ticks
            usleep(20_000)
            return same >= 20
        }
    }

    /// Waits until the program has written some number of bytes, in all that it writes to, or has ended.
    func waitUntilWritten(bytes: Int) throws {
        try wait(for: "process \(number) has written \(bytes) bytes") {
            if hasEnded { return true }
            let counts = try? String(contentsOfFile: "/proc/\(number)/io", encoding: .utf8)
            return counts?.firstMatch(of: #/wchar: (\d+)/#).flatMap { Int($0.1) } ?? 0 >= bytes
        }
    }

    /// Waits until the program has been told of a signal, and does with it what it does, or has ended.
    func waitUntilTaken(_ signal: Int32) throws {
        try wait(for: "process \(number) has taken signal \(signal)") {
            if hasEnded { return true }
            let status = try String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8)
            return try status.matches(of: #/S[ih][gd]Pnd:\s+([0-9a-f]+)\n/#).allSatisfy { match in
                try #require(UInt64(match.1, radix: 16)) & 1 << UInt64(signal - 1) == 0
            }
        }
    }

    func waitUntilEnded() throws {
        try wait(for: "process \(number) has ended") { hasEnded }
    }

    /// From its state on; before that is its name, which may hold anything.
    private func fields() throws -> [Substring] {
        let text = try String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
        let end = try #require(text.lastIndex(of: ")"))
        return text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
    }
}

extension RobotsProgram.Running {
    var state: ProcessState { ProcessState(number: process.processIdentifier) }
}
