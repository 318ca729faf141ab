import Foundation
import Testing

/// The X server, the Wayland compositor or the window goes while the program runs. The run ends, and its files are complete.
@Suite struct DisplayLossTests {
    enum End: CaseIterable {
        case serverIsKilled, serverEnds, clientIsKilled, windowIsClosedByAnother
    }

    /// With every output, in its 20th step or later.
    private func session(film: String, picture: String) throws -> WindowSession {
        let session = try WindowSession(
            ["--record", film, "--screenshot", picture] + WholeOutputs.arguments.filter { $0 != "--summary-json" },
            scenario: WindowSession.resting,
            robots: 5
        )
        try session.wait(for: "step 20") { try session.step($0) ?? 0 > 20 }
        return session
    }

    @Test(arguments: End.allCases)
    func theDisplayGoes(end: End) throws {
        let session = try session(film: "film.mp4", picture: "picture.png")
        switch end {
        case .serverIsKilled: session.screen.end(by: SIGKILL)
        case .serverEnds: session.screen.end(by: SIGTERM)
        case .clientIsKilled: try session.act("windowkill", "\(session.window)")
        case .windowIsClosedByAnother: try session.act("windowclose", "\(session.window)")
        }
        let result = try session.running.end()
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        try expectLoss(result, of: session.program, inputs: ["scenario.json"])
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func theCompositorGoes(signal: Int32) throws {
        let compositor = try WaylandCompositor()
        let (program, running) = try start(on: compositor)
        compositor.end(by: signal)
        let result = try running.end()
        #expect(result.errors.contains("compositor is lost"), "\(result.errors)")
        try expectLoss(result, of: program)
    }

    /// What the compositor has said before it went is still there then, more than the program takes at once.
    @Test func theCompositorGoesWithMuchUnread() throws {
        let compositor = try WaylandCompositor()
        let (program, running) = try start(on: compositor)
        kill(running.process.processIdentifier, SIGSTOP)
        // Each is some 30 bytes for the window.
        let moves = (0..<1000).flatMap { ["mousemove", "\(450 + $0 % 100)", "\(400 + $0 / 100)"] }
        _ = try compositor.screen.tool(["xdotool"] + moves)
        compositor.end(by: SIGKILL)
        kill(running.process.processIdentifier, SIGCONT)
        try expectLoss(running.end(), of: program)
    }

    /// A server that answers nothing any more holds up the program; ctrl-C ends it all the same, and nothing is lost.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func theDisplayIsFrozen(signal: Int32) throws {
        let session = try session(film: "film.mp4", picture: "picture.png")
        session.screen.end(by: SIGSTOP)
        try session.running.state.waitUntilStuck()
        kill(session.running.process.processIdentifier, signal)
        let result = try session.running.end()
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        try expectLoss(result, of: session.program, inputs: ["scenario.json"])
    }

    @Test func theCompositorIsFrozen() throws {
        let compositor = try WaylandCompositor()
        let (program, running) = try start(on: compositor)
        compositor.end(by: SIGSTOP)
        try running.state.waitUntilStuck()
        kill(running.process.processIdentifier, SIGINT)
        try expectLoss(running.end(), of: program)
    }

    /// SDL tells of both in the same way.
    @Test func escapeOnWayland() throws {
        let compositor = try WaylandCompositor()
        let (program, running) = try start(on: compositor)
        // It gives the keys to the window that was clicked on, and knows where the pointer is only when that moves: the screen's
        // pointer begins at (500, 450).
        try running.wait(for: "the end; \(running.state)") {
            _ = try? compositor.screen.tool([
                "xdotool", "mousemove", "480", "430", "mousemove", "500", "450", "click", "2", "key", "Escape",
            ])
            usleep(100_000)
            return false
        }
        let result = try running.end()
        #expect(result.exitCode == 0 && !result.errors.contains("robots: "), "\(result.errors)")
        try WholeOutputs(program: program).expectWhole(result, film: "film.mp4")
    }

    /// With every output. A frame of the film has more than a million bytes, so that it has made steps.
    private func start(on compositor: WaylandCompositor) throws -> (RobotsProgram, RobotsProgram.Running) {
        let program = try RobotsProgram(environment: compositor.environment)
        let running = try program.start(
            ["--record", "film.mp4", "--screenshot", "picture.png"] + WholeOutputs.arguments
        )
        try running.state.waitUntilWritten(bytes: 20_000_000)
        return (program, running)
    }

    private func expectLoss(
        _ result: RobotsProgram.Result,
        of program: RobotsProgram,
        inputs: Set<String> = []
    ) throws {
        #expect(result.exitCode == 69)
        // Libraries of the window may have said something before.
        let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("robots: ") }
        #expect(lines.count == 1, "\(result.errors)")
        #expect(lines.first?.hasPrefix("robots: the display has gone: ") == true, "\(result.errors)")
        #expect(lines.first?.contains("its files are complete") == true, "\(result.errors)")
        #expect(try program.files == WholeOutputs.names.union(["film.mp4", "picture.png"]).union(inputs))
        try WholeOutputs(program: program).expectWhole(result, film: "film.mp4")
        #expect(try PixelGrid(file: program.path("picture.png")).width == 660)
    }

    /// The endings of a window that has its display.
    @Test(arguments: [0, SIGINT, SIGTERM, SIGHUP])
    func otherEndings(signal: Int32) throws {
        let session = try session(film: "film.gif", picture: "picture.bmp")
        if signal == 0 { try session.press("Escape") } else { kill(session.running.process.processIdentifier, signal) }
        let result = try session.running.end()
        #expect(result.exitCode == 0 && result.errors == "")
        let program = session.program
        #expect(try program.files == WholeOutputs.names.union(["scenario.json", "film.gif", "picture.bmp"]))
        try WholeOutputs(program: program).expectWhole(result, film: "film.gif")
        #expect(try PixelGrid(file: program.path("picture.bmp")).width == 660)
    }

    /// A picture of the new size finds no memory. The window ends then, and what was written until then is kept.
    @Test(arguments: [false, true])
    func aPictureFindsNoMemory(isReplayed: Bool) throws {
        let session: WindowSession
        if isReplayed {
            let recorded = try RobotsProgram()
            try recorded.runWell(["--headless", "--robots", "5", "--seed", "1", "--steps", "9", "--states", "states"])
            session = try WindowSession(
                replaying: recorded.text("states"),
                ["--record", "film.mp4"],
                robots: 5
            )
        } else {
            session = try WindowSession(
                ["--record", "film.mp4"] + WholeOutputs.arguments.filter { $0 != "--summary-json" },
                scenario: WindowSession.resting,
                robots: 5
            )
            try session.wait(for: "step 20") { try session.step($0) ?? 0 > 20 }
        }
        let number = session.running.process.processIdentifier
        let status = try String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8)
        let size = try #require(status.firstMatch(of: #/VmSize:\s+(\d+) kB/#).flatMap { UInt64($0.1) })
        let limit = (size << 10) + (1 << 30)
        try #require(session.program.runScript("prlimit --pid \(number) --as=\(limit)").exitCode == 0)
        try session.resize(width: 30_000, height: 30_000)
        let result = try session.running.end()
        #expect(result.exitCode == 69)
        let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("robots: ") }
        #expect(lines.count == 1, "\(result.errors)")
        #expect(
            lines.first?.hasPrefix("robots: the display has gone: SDL refuses to draw: Out of memory; ") == true,
            "\(result.errors)"
        )
        if isReplayed {
            #expect(try session.program.files == ["states.jsonl", "film.mp4"])
        } else {
            #expect(try session.program.files == WholeOutputs.names.union(["film.mp4", "scenario.json"]))
            try WholeOutputs(program: session.program).expectWhole(result, film: "film.mp4")
        }
    }
}
