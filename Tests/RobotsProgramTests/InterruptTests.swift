import Foundation
import Testing

/// The user ends a run that has no end of its own.
@Suite struct InterruptTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    /// Ctrl-\ ends the process as it does any other, without a report of a crash.
    @Test func quit() throws {
        let running = try program.startScript("ulimit -c 0; exec \"$robots\" --headless --states states")
        try running.state.waitUntilWritten(bytes: 100_000)
        kill(running.process.processIdentifier, SIGQUIT)
        #expect(try running.endBySignal() == SIGQUIT)
        #expect(try running.errorsSoFar() == "")
        #expect(try program.files.isEmpty)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func headlessRunEndsCleanly(signal: Int32) throws {
        // A pipe for one of the files: what comes out of it shows that the run is under way.
        let pipe = try program.makePipe("states")
        let running = try program.start([
            "--headless", "--states", "states", "--messages", "messages", "--summary-json",
        ])
        let reader = try FileHandle(forReadingFrom: pipe)
        var states = try #require(try reader.read(upToCount: 100_000))
        // What is not complete has no name.
        #expect(try program.files == ["states"])

        kill(running.process.processIdentifier, signal)
        states += try reader.readToEnd() ?? Data()
        let result = try running.end()
        #expect(result.exitCode == 0)
        #expect(result.errors == "")

        let summary = try RobotsProgram.Summary(result)
        let lines = String(decoding: states, as: UTF8.self).split(separator: "\n")
        #expect(states.last == UInt8(ascii: "\n"))
        #expect(lines.count == summary.steps)
        #expect(try #require(lines.last).hasSuffix("\"fnv\": \"\(summary.digest)\"}"))
        #expect(try program.lines("messages").count { $0.contains("recv WORLD_STATE") } == summary.steps)
        #expect(try program.files == ["states", "messages"])
    }

    @Test func aReaderThatGoesAwayIsAnError() throws {
        let pipe = try program.makePipe("states")
        let running = try program.start(["--headless", "--states", "states", "--messages", "messages"])
        let reader = try FileHandle(forReadingFrom: pipe)
        _ = try reader.read(upToCount: 100)
        try reader.close()
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.hasPrefix("robots: states: cannot be written: Broken pipe"), "\(result.errors)")
        #expect(try program.files == ["states", "messages"])
    }

    /// Without a terminal nothing tells of progress, and what has been written is whole.
    @Test func everyFileIsWhole() throws {
        let pipe = try program.makePipe("states")
        let running = try program.start([
            "--headless", "--steps", "1000000000", "--states", "states", "--trails", "trails.svg", "--timeline",
            "timeline.json", "--summary-json",
        ])
        let reader = try FileHandle(forReadingFrom: pipe)
        var states = try #require(try reader.read(upToCount: 100_000))
        kill(running.process.processIdentifier, SIGINT)
        states += try reader.readToEnd() ?? Data()
        let result = try running.end()
        #expect(result.exitCode == 0)
        #expect(result.errors == "")
        #expect(try program.files == ["states", "trails.svg", "timeline.json"])

        let summary = try RobotsProgram.Summary(result)
        let lines = String(decoding: states, as: UTF8.self).split(separator: "\n")
        let decoded = try lines.map { try JSONDecoder().decode(RobotsProgram.State.self, from: Data($0.utf8)) }
        #expect(decoded.map(\.step) == Array(1...summary.steps))
        let last = try #require(decoded.last)
        let trails = try TrailsReader(program.text("trails.svg")).trails
        #expect(trails.map(\.name) == last.ids)
        for (trail, robot) in zip(trails, last.robots) {
            #expect(try #require(trail.points.last).isNear(robot.x, robot.y))
        }
        let trace = try TimelineReader(program.text("timeline.json"))
        // Two have the name main: one has created everyone, the other one lets the world run from step to step.
        #expect(trace.names.count == 17)
        #expect(trace.arrows.count <= summary.messages && trace.arrows.count * 10 >= summary.messages * 9)
    }
}
