import Foundation
import TestSupport
import Testing

/// The user ends a run whose robots are still joining.
@Suite struct JoiningTests {
    let program: RobotsProgram
    /// The digest of no state at all.
    private static let emptyDigest = "cbf29ce484222325"

    init() throws {
        program = try RobotsProgram()
    }

    private func status(_ running: RobotsProgram.Running) throws -> String {
        try String(contentsOfFile: "/proc/\(running.process.processIdentifier)/status", encoding: .utf8)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func filesAreWholeOrMissing(signal: Int32) throws {
        // Without it the program ends at once, and the pipe has no writer.
        _ = try Tool.named("ffmpeg")
        // The pipe is full before a thousand robots have joined; until it is read, no other robot does.
        let pipe = try program.makePipe("messages")
        let running = try program.start([
            "--headless", "--robots", "3000", "--seed", "7", "--messages", "messages", "--states", "states",
            "--timeline", "timeline.json", "--trails", "trails.svg", "--save", "saved", "--record", "film.gif",
            "--summary-json",
        ])
        let reader = try FileHandle(forReadingFrom: pipe)
        var messages = try #require(try reader.read(upToCount: 1000))
        kill(running.process.processIdentifier, signal)
        messages += try reader.readToEnd() ?? Data()
        let result = try running.end()
        #expect(result.exitCode == 0)
        let summary = try RobotsProgram.Summary(result)
        #expect(summary.robots == 3000 && summary.steps == 0 && summary.collisions == 0)
        #expect(summary.stepsPerSecond == 0)
        #expect(summary.digest == Self.emptyDigest)

        #expect(messages.last == UInt8(ascii: "\n"))
        let lines = String(decoding: messages, as: UTF8.self).split(separator: "\n")
        #expect(lines.count { $0.contains("World.in print: ADDING R") } == 1000)
        // The robots and the display.
        #expect(summary.messages == 1001)
        #expect(try program.text("states") == "")
        #expect(try TimelineReader(program.text("timeline.json")).names.count == 1004)
        let reasons = result.errors.split(separator: "\n")
        for (reason, file) in zip(reasons, ["--record: film.gif", "--trails: trails.svg", "--save: saved"]) {
            #expect(reason == "robots: \(file) is not written: the run has ended before its first step")
        }
        #expect(reasons.count == 3)
        #expect(try program.files == ["messages", "states", "timeline.json"])
    }

    /// Those who are still to join are robots of the run, also when it is saved and resumed.
    @Test(arguments: 1...6)
    func aShortRunHasAllRobots(steps: Int) throws {
        let arguments = ["--headless", "--steps", "\(steps)", "--save", "saved"]
        #expect(try program.summary(arguments).robots == 12)
        #expect(try program.summary(["--headless", "--steps", "1", "--resume", "saved"]).robots == 12)
        let robots = (1...20).map { "{\"id\": \"\($0)\", \"x\": \($0), \"y\": 2, \"angle\": 3, \"velocity\": 4}" }
        try program.write("{\"scenarios\": [{\"robots\": [\(robots.joined(separator: ", "))]}]}", to: "sweep.json")
        let line = try program.runWell(["--sweep", "sweep.json", "--steps", "\(steps)"]).output
        #expect(line.hasPrefix("scenarios[0]: robots 20, steps \(steps), "))
    }

    /// What was there before stays.
    @Test func aResumedRunStaysWhereItWas() throws {
        let first = try program.summary([
            "--headless", "--robots", "3000", "--seed", "7", "--steps", "5", "--save", "saved",
        ])
        let saved = try program.text("saved")
        // No robot joins before the pipe has a reader.
        let pipe = try program.makePipe("states")
        let running = try program.start([
            "--headless", "--resume", "saved", "--save", "saved", "--states", "states", "--messages", "messages",
            "--summary-json",
        ])
        try running.state.waitUntilListening()
        // When it goes on there is a reader, and the wish to end.
        kill(running.process.processIdentifier, SIGSTOP)
        try running.state.waitUntilStopped()
        let reader = unsafe open(pipe.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        running.process.interrupt()
        kill(running.process.processIdentifier, SIGCONT)
        let result = try running.end()
        let states = try FileHandle(fileDescriptor: reader, closeOnDealloc: true).readToEnd() ?? Data()
        #expect(result.exitCode == 0)
        #expect(result.errors == "robots: --save: saved is not written: the run has ended before its first step\n")
        let summary = try RobotsProgram.Summary(result)
        #expect(summary.steps == 5 && summary.messages == first.messages && summary.collisions == first.collisions)
        #expect(summary.digest == first.digest)
        #expect(summary.stepsPerSecond == 0 && summary.messagesPerSecond == 0)
        #expect(states.isEmpty)
        #expect(try program.text("messages") == "")
        #expect(try program.text("saved") == saved)
        #expect(try program.files == ["saved", "states", "messages"])
    }

    @Test func aSweepEnds() throws {
        try program.write("{\"scenarios\": [{\"robots\": [{\"count\": 1000000, \"seed\": 1}]}]}", to: "sweep.json")
        let running = try program.start(["--sweep", "sweep.json", "--steps", "1", "--summary-json"])
        try running.state.waitUntilListening()
        // It has begun when it needs more memory than its scenario.
        func memory() throws -> Int {
            try #require(Int(#/VmRSS:\s+(\d+) kB/#.firstMatch(in: status(running))?.output.1 ?? ""))
        }
        let before = try memory()
        try running.wait(for: "more memory") { try memory() >= before + 20_000 }
        running.process.interrupt()
        let result = try running.end()
        #expect(result.exitCode == 130)
        #expect(result.errors.contains("the sweep was ended: 0 of 1 runs are complete; not finished: scenarios[0]\n"))
        #expect(result.output == "")
    }

    @Test func theTerminalTellsHowManyHaveJoined() throws {
        let terminal = try PseudoTerminal()
        let running = try program.start(
            ["--headless", "--robots", "1000000", "--summary-json"],
            standardError: terminal.programsEnd
        )
        try terminal.programsEnd.close()
        let line = #/\rjoining: ([0-9]+) of 1000000, ctrl-C ends/#
        var shown = ""
        while shown.matches(of: line).count < 3 { shown += try #require(terminal.read(), "ended after \(shown)") }
        running.process.interrupt()
        while let more = terminal.read() { shown += more }
        let result = try running.end()
        #expect(result.exitCode == 0)
        let summary = try RobotsProgram.Summary(result)
        #expect(summary.steps == 0)

        let joined = shown.matches(of: line).compactMap { Int($0.output.1) }
        #expect(joined == joined.sorted() && Set(joined).count == joined.count)
        #expect(joined.allSatisfy { $0 > 0 && $0 < summary.messages })
        #expect(shown.hasSuffix(" \r"))
        #expect(!shown.contains("\n"))
    }
}
