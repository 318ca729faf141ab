import Foundation

/// The program in Tests/ObservedProgram, and others that look at it.
struct ObservedProgram: ~Copyable {
    private let process = Process()
    /// Of both kinds.
    private let output = Pipe()

    /// It lies beside the tests in the build folder.
    static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "ObservedProgram").path

    /// Starts it, or the program that is given.
    init(program: String = ObservedProgram.path, _ arguments: String..., environment: [String: String] = [:]) throws {
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        // A thread of the tests blocks all signals, and the program would inherit that.
        var none = sigset_t()
        var former = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        try process.run()
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits until there are so many `text` in the output, or it ends; returns what came since the last call.
    func output(until text: String, count: Int = 1) -> String {
        var found = ""
        while found.split(separator: text, omittingEmptySubsequences: false).count <= count {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            found += String(decoding: data, as: UTF8.self)
        }
        return found
    }

    func outputToEnd() -> String {
        String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}
