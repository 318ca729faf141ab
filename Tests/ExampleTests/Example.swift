import Foundation
import Testing

/// A program under Examples/.
struct Example: CustomTestStringConvertible {
    let name: String

    /// The package's folder.
    static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    private static let folder = package.appending(path: "Examples")

    /// The built programs lie beside the tests in the build folder.
    private static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static let all: [Example] =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted().map(Example.init) ?? []

    var testDescription: String { name }

    func text(_ file: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: name).appending(path: file), encoding: .utf8)
    }

    /// What the program has to print; on standard error nothing, unless there is a file that says what.
    func expectation() throws -> Outcome {
        let errors = Self.folder.appending(path: name).appending(path: "errors.txt")
        let hasErrors = FileManager.default.fileExists(atPath: errors.path)
        return try Outcome(output: text("expected.txt"), errors: hasErrors ? text("errors.txt") : "", exitCode: 0)
    }

    struct Outcome: Equatable {
        let output: String
        let errors: String
        let exitCode: Int32
    }

    func run() throws -> Outcome {
        let process = Process()
        process.executableURL = Self.products.appending(path: name)
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        // What the examples write fits into the pipes, so one may be read after the other.
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            output: String(decoding: printed, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self),
            exitCode: process.terminationStatus
        )
    }
}
