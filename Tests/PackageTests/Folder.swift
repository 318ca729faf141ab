import Foundation
import TestSupport
import Testing

/// A folder of its own for a test, and the programs that run in it.
final class Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "package-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes a file, and makes the folders that it is in.
    func write(_ text: String, to path: String) throws {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    /// What a program has written, and how it has ended.
    struct Result {
        let exitCode: Int32
        let output: String
        let errors: String

        /// Everything, for the message of a test that fails.
        var text: String { output + errors }
    }

    /// Runs a program of the PATH to its end.
    func run(_ arguments: [String], in subfolder: String = "") throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = url.appending(path: subfolder)
        process.standardInput = FileHandle.nullDevice
        // Files: a pipe that is not emptied meanwhile would stop the program.
        func file(_ name: String) throws -> (URL, FileHandle) {
            let file = url.appending(path: "\(UUID().uuidString).\(name)")
            try Data().write(to: file)
            return (file, try FileHandle(forWritingTo: file))
        }
        let (output, outputHandle) = try file("output")
        let (errors, errorsHandle) = try file("errors")
        process.standardOutput = outputHandle
        process.standardError = errorsHandle
        try process.run()
        process.waitUntilExit()
        return Result(
            exitCode: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8)
        )
    }

    /// Runs a program to its end, which must be a good one.
    @discardableResult
    func runWell(
        _ arguments: String...,
        in subfolder: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Result {
        let result = try run(arguments, in: subfolder)
        try #require(result.exitCode == 0, "\(arguments): \(result.text)", sourceLocation: sourceLocation)
        return result
    }

    /// Copies this package's sources as they are now, without anything that has been built.
    func copyPackage(to name: String) throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        try FileManager.default.createDirectory(at: url.appending(path: name), withIntermediateDirectories: true)
        // Files that are tracked or new; not those that git has been told to ignore, and not those that have been deleted.
        for tool in ["git", "tar"] { _ = try Tool.named(tool) }
        let list = "git -C '\(package.path)' ls-files -z --cached --others --exclude-standard"
        let read = "tar --create --directory '\(package.path)' --null --files-from - --ignore-failed-read"
        try runWell("bash", "-o", "pipefail", "-c", "\(list) | \(read) | tar --extract --directory '\(name)'")
    }
}
