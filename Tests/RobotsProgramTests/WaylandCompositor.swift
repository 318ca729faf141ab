import Foundation
import TestSupport
import Testing

/// A Wayland compositor with a seat (weston), which shows its screen in a window on a virtual one of X.
final class WaylandCompositor {
    let screen: VirtualScreen
    private let folder: URL
    private let server = Process()

    init() throws {
        screen = try VirtualScreen(width: 1000, height: 900)
        folder = FileManager.default.temporaryDirectory.appending(path: "wayland-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        server.executableURL = try Tool.named("weston")
        // Without the panel, on which a click starts a terminal.
        let settings = folder.appending(path: "weston.ini")
        try Data("[shell]\npanel-position=none\n".utf8).write(to: settings)
        server.arguments = [
            "--backend=x11-backend.so", "--socket=wayland", "--idle-time=0", "--config=\(settings.path)",
        ]
        server.environment = ProcessInfo.processInfo.environment.merging([
            "DISPLAY": screen.name, "XDG_RUNTIME_DIR": folder.path,
        ]) { $1 }
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.runWithSignals()
        try wait(for: "weston is ready") {
            try #require(server.isRunning, "weston has ended")
            return FileManager.default.fileExists(atPath: folder.appending(path: "wayland").path)
        }
    }

    /// Takes the screen away from all programs.
    func end(by signal: Int32) { kill(server.processIdentifier, signal) }

    deinit {
        // Also of one that a test has stopped.
        kill(server.processIdentifier, SIGCONT)
        server.terminate()
        server.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// For programs that are to open their windows here.
    var environment: [String: String] { ["WAYLAND_DISPLAY": "wayland", "XDG_RUNTIME_DIR": folder.path] }

    /// All that the screen shows.
    func picture() throws -> PixelGrid {
        PixelGrid(
            width: 1000,
            height: 900,
            bytes: try screen.tool("import", "-silent", "-window", "root", "-depth", "8", "rgb:-")
        )
    }
}
