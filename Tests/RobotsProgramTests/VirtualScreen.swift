import Foundation
import TestSupport
import Testing

/// A screen in memory (Xvfb) with nothing on it, and the tools to look at it.
final class VirtualScreen {
    /// For `DISPLAY`, such as `:1`.
    let name: String
    private let server = Process()

    init(width: Int = 800, height: Int = 700, depth: Int = 24) throws {
        // Xvfb finds a free number and writes it when it is ready.
        let ready = Pipe()
        server.executableURL = try Tool.named("Xvfb")
        server.arguments = ["-displayfd", "1", "-screen", "0", "\(width)x\(height)x\(depth)", "-nolisten", "tcp"]
        server.standardOutput = ready
        server.standardError = FileHandle.nullDevice
        try server.runWithSignals()
        let number = String(decoding: ready.fileHandleForReading.availableData, as: UTF8.self)
        name = ":" + number.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(name.count > 1, "Xvfb did not start")
    }

    /// Takes the screen away from all programs.
    func end(by signal: Int32) { kill(server.processIdentifier, signal) }

    deinit {
        // Also of a server that a test has stopped.
        kill(server.processIdentifier, SIGCONT)
        server.terminate()
        server.waitUntilExit()
    }

    /// Waits until a window of this title is shown; before that it cannot have the focus.
    func window(titled title: String) throws -> UInt32 {
        let found = try tool("xdotool", "search", "--sync", "--onlyvisible", "--name", "^\(title)$")
        return try #require(
            UInt32(String(decoding: found, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        )
    }

    /// Title, width and height of a window.
    func geometry(of window: UInt32) throws -> [String: String] {
        let lines = String(decoding: try tool("xdotool", "getwindowgeometry", "--shell", "\(window)"), as: UTF8.self)
        return Dictionary(
            uniqueKeysWithValues: lines.split(separator: "\n").map { line in
                let parts = line.split(separator: "=")
                return (String(parts[0]), String(parts[1]))
            }
        )
    }

    /// What the screen shows of a window.
    func picture(of window: UInt32, width: Int, height: Int) throws -> PixelGrid {
        PixelGrid(
            width: width,
            height: height,
            bytes: try tool("import", "-silent", "-window", "\(window)", "-depth", "8", "rgb:-")
        )
    }

    @discardableResult
    func tool(_ arguments: String...) throws -> Data { try tool(arguments) }

    /// Runs one of the tools on this screen. Some of them wait for a window that never comes, or for a click when the window
    /// has gone, so they have a time limit.
    @discardableResult
    func tool(_ arguments: [String]) throws -> Data {
        try PixelGrid.tool(arguments, environment: ["DISPLAY": name], seconds: 120)
    }
}
