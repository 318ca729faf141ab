import Foundation
import TestSupport
import Testing

/// Screens that SDL has no window surface for, and those with other numbers of colours.
@Suite struct OtherScreenTests {
    /// What a window of the same run shows on an ordinary screen.
    private static let arguments = ["--robots", "12", "--seed", "7", "--steps", "40", "--summary-json"]

    private func run(_ environment: [String: String]) throws -> (Data, RobotsProgram.Summary) {
        let program = try RobotsProgram(environment: environment)
        let result = try program.runWell(Self.arguments + ["--screenshot", "last.png"])
        let picture = try Data(contentsOf: URL(filePath: program.path("last.png")))
        return (picture, try RobotsProgram.Summary(result))
    }

    @Test func wayland() throws {
        let compositor = try WaylandCompositor()
        let (picture, summary) = try run(compositor.environment)
        let (expected, other) = try run(["SDL_VIDEODRIVER": "dummy"])
        #expect(picture == expected && summary.digest == other.digest)
    }

    /// The picture does not only exist in memory.
    @Test func seenOnWayland() throws {
        let compositor = try WaylandCompositor()
        func ground() throws -> Int {
            let bytes = try compositor.picture().bytes
            return stride(from: 0, to: bytes.count - 2, by: 3).count { bytes[$0..<$0 + 3].allSatisfy { $0 == 200 } }
        }
        let before = try ground()
        let running = try RobotsProgram(environment: compositor.environment).start([])
        try running.wait(for: "the window") { try ground() >= before + 300_000 }
        kill(running.process.processIdentifier, SIGTERM)
        #expect(try running.end().exitCode == 0)
    }

    @Test(arguments: [15, 16, 24, 30])
    func depths(depth: Int) throws {
        let screen = try VirtualScreen(depth: depth)
        let (picture, summary) = try run(["DISPLAY": screen.name])
        let (expected, other) = try run(["SDL_VIDEODRIVER": "offscreen"])
        #expect(picture == expected && summary.digest == other.digest)
    }

    /// SDL opens no window that can be drawn in there.
    @Test func eightBits() throws {
        let screen = try VirtualScreen(depth: 8)
        let program = try RobotsProgram(environment: ["DISPLAY": screen.name])
        let result = try program.run(["--steps", "5", "--states", "states"])
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("pixel format") && result.errors.contains("run with --headless"))
        #expect(result.errors.count { $0 == "\n" } == 1 && !result.errors.contains("--help"), "\(result.errors)")
        #expect(try program.files.isEmpty)
    }

    /// No window manager gives the window the whole screen: it stays as it is, and so does what it shows.
    @Test(arguments: [nil, "twm"])
    func fullScreenThatIsNotGranted(manager: String?) throws {
        let screen = try VirtualScreen(width: 1280, height: 1024)
        if let manager {
            // It ends with its screen.
            let process = Process()
            process.executableURL = try Tool.named(manager)
            process.environment = ProcessInfo.processInfo.environment.merging(["DISPLAY": screen.name]) { $1 }
            process.standardError = FileHandle.nullDevice
            try process.run()
        }
        let session = try WindowSession([], scenario: WindowSession.resting, robots: 5, screen: screen)
        let before = try session.pause()
        for time in ["full", "back"] {
            try session.press("f")
            // What is seen of the next command is drawn after this one.
            try session.press("h")
            let help = try session.wait(for: "help") { session.finds("Space", in: $0) }
            #expect(try session.fields(help).contains("paused"), "\(time)")
            try session.press("h")
            try session.wait(for: "the former picture") {
                let isFormer = $0.places(differingFrom: before.picture, rows: 636).isEmpty
                return try isFormer && session.fields($0).contains("paused")
            }
        }
        _ = try session.end()
    }
}
