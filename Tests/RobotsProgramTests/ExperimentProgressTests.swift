import Foundation
import Testing

/// The line on the terminal that says how far an experiment has come.
@Suite struct ExperimentProgressTests {
    let program: RobotsProgram
    let terminal: PseudoTerminal

    init() throws {
        program = try RobotsProgram()
        terminal = try PseudoTerminal()
        try program.write(RobotsProgram.scenario(50), to: "small.json")
    }

    private func start(steps: Int, _ arguments: [String]) throws -> RobotsProgram.Running {
        let text = "{\"base\": \"small.json\", \"steps\": \(steps), \"seeds\": {\"from\": 1, \"count\": 30}}"
        try program.write(text, to: "sweep.json")
        let running = try program.start(["--sweep", "sweep.json"] + arguments, standardError: terminal.programsEnd)
        try terminal.programsEnd.close()
        return running
    }

    /// All that is shown until the program has ended.
    private func rest() -> String {
        var text = ""
        while let more = terminal.read() { text += more }
        return text
    }

    @Test(arguments: [[], ["--table", "table.csv"]])
    func toTheEnd(arguments: [String]) throws {
        let running = try start(steps: 100, arguments)
        let shown = rest()
        let result = try running.end()
        #expect(result.exitCode == 0)
        let counts = shown.matches(of: #/\r([0-9]+) of 30 runs, /#).compactMap { Int($0.1) }
        #expect(!counts.isEmpty && counts == counts.sorted() && counts.allSatisfy { $0 < 30 })
        #expect(shown.hasSuffix(" \r") && !shown.contains("\u{1b}") && !shown.contains("\n"))
        // What is printed is whole.
        #expect(result.output.split(separator: "\n").count == (arguments.isEmpty ? 30 : 1))
        #expect(!result.output.contains("\r"))
    }

    @Test func untilItIsEnded() throws {
        let running = try start(steps: 1_000_000_000, ["--table", "table.csv"])
        let line = #/\r0 of 30 runs, [0-9]+:[0-9:]+ left, ctrl-C ends/#
        var shown = ""
        while shown.matches(of: line).count < 2 { shown += try #require(terminal.read(), "ended after \(shown)") }
        kill(running.process.processIdentifier, SIGINT)
        shown += rest()
        #expect(try running.end().exitCode == 130)
        let message = "the sweep was ended: 0 of 30 runs are complete; the same command begins anew"
        // The terminal ends a line by both characters.
        #expect(shown.hasSuffix(" \rrobots: sweep.json: \(message)\r\n"), "\(shown.suffix(300))")
        #expect(try program.files == ["small.json", "sweep.json"])
    }

    /// Runs that have failed until then are told of, and they are not among those that were not finished.
    @Test(arguments: [[], ["--table", "table.csv"]])
    func untilItIsEndedWithAFailedRun(arguments: [String]) throws {
        let robot = "{\"id\": \"A\", \"x\": 30, \"y\": 40, \"angle\": 90, \"velocity\": 2}"
        let text = """
            {"base": {"robots": [\(robot), {"count": 1, "seed": 2}]}, "steps": 1000000000,
             "vary": {"robots.1.count": [2, 1], "robots.0.id": ["R3", "A"]}}
            """
        try program.write(text, to: "sweep.json")
        let running = try program.start(["--sweep", "sweep.json"] + arguments, standardError: terminal.programsEnd)
        try terminal.programsEnd.close()
        var shown = ""
        while !shown.contains("\r1 of 4 runs") { shown += try #require(terminal.read(), "ended after \(shown)") }
        kill(running.process.processIdentifier, SIGINT)
        shown += rest()
        #expect(try running.end().exitCode == 130)
        let lines = shown.split(separator: "robots: sweep.json: ").dropFirst()
        try #require(lines.count == 2, "\(shown.suffix(600))")
        #expect(lines.first?.hasPrefix("run 1: robots.1.count=2 robots.0.id=R3: ") == true)
        let ended = "the sweep was ended: 0 of 4 runs are complete; "
        #expect(lines.last?.hasPrefix(ended + (arguments.isEmpty ? "not finished: run 2" : "the same")) == true)
    }
}
