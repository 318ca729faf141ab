import Foundation
import Testing

/// The X server, or the window, goes while the program runs. The run ends, and its files are complete.
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
        #expect(result.exitCode == 69)
        #expect(result.errors.hasPrefix("robots: the display has gone: "), "\(result.errors)")
        #expect(result.errors.contains("its files are complete") && result.errors.count { $0 == "\n" } == 1)
        let program = session.program
        #expect(try program.files == WholeOutputs.names.union(["scenario.json", "film.mp4", "picture.png"]))
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
}
