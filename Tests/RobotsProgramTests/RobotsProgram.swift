import Foundation
import TestSupport
import Testing

/// The built program, run in a folder of its own.
final class RobotsProgram {
    /// Where it runs and where its files go.
    let folder: URL
    private let environment: [String: String]

    /// What is left of a run that has ended.
    struct Result {
        let exitCode: Int32
        let output: String
        let errors: String
    }

    /// The program lies beside the tests in the build folder.
    static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "robots")

    /// - Parameter environment: Added to the tests' environment, from which every display is taken out.
    init(environment additions: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "robots-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var environment = ProcessInfo.processInfo.environment
        for variable in ["DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR"] {
            environment[variable] = nil
        }
        self.environment = environment.merging(additions) { _, added in added }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts the program. Without a handle for standard error, what it writes there is part of the result.
    func start(_ arguments: [String], standardError: FileHandle? = nil) throws -> Running {
        try start(Self.executable, arguments, standardError: standardError)
    }

    /// Starts a script of bash in the folder, in which `$robots` is the program.
    func startScript(_ script: String) throws -> Running {
        try Tool.require(in: script)
        return try start(Tool.named("bash"), ["-c", script])
    }

    /// Runs a script of bash to its end.
    func runScript(_ script: String) throws -> Result { try startScript(script).end() }

    private func start(_ executable: URL, _ arguments: [String], standardError: FileHandle? = nil) throws -> Running {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment.merging(["robots": Self.executable.path]) { $1 }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        return try Running(process, standardError: standardError)
    }

    /// Runs the program to its end.
    func run(_ arguments: [String], standardError: FileHandle? = nil) throws -> Result {
        try start(arguments, standardError: standardError).end()
    }

    /// Runs the program to its end, which must be a good one.
    @discardableResult
    func runWell(_ arguments: [String]) throws -> Result {
        let result = try run(arguments)
        try #require(result.exitCode == 0, "\(arguments): \(result.errors)")
        return result
    }

    /// Runs the program to its end and takes what it says with `--summary-json`.
    func summary(_ arguments: [String]) throws -> Summary {
        try Summary(runWell(arguments + ["--summary-json"]))
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    func lines(_ name: String) throws -> [String] {
        let text = try text(name)
        try #require(text.isEmpty || text.hasSuffix("\n"), "\(name) ends within a line")
        return text.split(separator: "\n").map(String.init)
    }

    /// Makes a pipe that has a name.
    func makePipe(_ name: String) throws -> URL {
        try #require(unsafe mkfifo(path(name), 0o600) == 0)
        return folder.appending(path: name)
    }

    /// The names of all files in the folder.
    var files: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)) }
    }

    /// A run that has not ended.
    final class Running {
        let process: Process
        private let output: URL
        private let errors: URL

        fileprivate init(_ process: Process, standardError: FileHandle?) throws {
            self.process = process
            func file() throws -> (URL, FileHandle) {
                let url = FileManager.default.temporaryDirectory.appending(path: "robots-\(UUID().uuidString).text")
                try Data().write(to: url)
                return (url, try FileHandle(forWritingTo: url))
            }
            let (output, outputHandle) = try file()
            let (errors, errorsHandle) = try file()
            self.output = output
            self.errors = errors
            process.standardOutput = outputHandle
            process.standardError = standardError ?? errorsHandle
            try process.runWithSignals()
        }

        deinit {
            if process.isRunning { process.terminate() }
            try? FileManager.default.removeItem(at: output)
            try? FileManager.default.removeItem(at: errors)
        }

        /// What has been printed until now.
        func outputSoFar() throws -> String { try String(contentsOf: output, encoding: .utf8) }

        /// What has been said on standard error until now.
        func errorsSoFar() throws -> String { try String(contentsOf: errors, encoding: .utf8) }

        /// A program that never ends is an error of one test, and the others are run.
        private func waitUntilEnded() throws {
            do {
                try RobotsProgramTests.wait(for: "the program has ended") { !process.isRunning }
            } catch {
                kill(process.processIdentifier, SIGKILL)
                throw error
            }
            process.waitUntilExit()
        }

        /// Waits for the end by a signal, and tells which one.
        func endBySignal() throws -> Int32 {
            try waitUntilEnded()
            try #require(process.terminationReason == .uncaughtSignal, "ended by itself: \(process.terminationStatus)")
            return process.terminationStatus
        }

        /// Waits for the end, which must be the program's own: no signal, no trap.
        func end() throws -> Result {
            try waitUntilEnded()
            let result = Result(
                exitCode: process.terminationStatus,
                output: try String(contentsOf: output, encoding: .utf8),
                errors: try String(contentsOf: errors, encoding: .utf8)
            )
            try #require(process.terminationReason == .exit, "ended by signal \(result.exitCode): \(result.errors)")
            return result
        }
    }

    /// The one line that `--summary-json` prints.
    struct Summary: Decodable, Equatable {
        let robots: Int
        let steps: Int
        let messages: Int
        let collisions: Int
        let seconds: Double
        let stepsPerSecond: Double
        let messagesPerSecond: Double
        let digest: String
        let seed: UInt64?

        init(_ result: Result) throws {
            try #require(result.output.hasSuffix("}\n") && result.output.split(separator: "\n").count == 1)
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Summary.self, from: Data(result.output.utf8))
        }
    }
}
