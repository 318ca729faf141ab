import Foundation
import Testing

/// The line on the terminal that says how far a run has come.
@Suite struct ProgressTests {
    let program: RobotsProgram
    let terminal: PseudoTerminal

    init() throws {
        program = try RobotsProgram()
        terminal = try PseudoTerminal()
    }

    /// Starts the program with the terminal as its standard error.
    private func start(_ arguments: [String]) throws -> RobotsProgram.Running {
        let running = try program.start(
            ["--headless", "--summary-json"] + arguments,
            standardError: terminal.programsEnd
        )
        try terminal.programsEnd.close()
        return running
    }

    /// All that is shown until the program has ended.
    private func rest() -> String {
        var text = ""
        while let more = terminal.read() { text += more }
        return text
    }

    @Test func aShortRun() throws {
        let running = try start(["--steps", "50"])
        let shown = rest()
        let result = try running.end()
        #expect(result.exitCode == 0)
        #expect(try RobotsProgram.Summary(result).steps == 50)
        // Each line is drawn over the former one; in the end none is left.
        #expect(shown.hasPrefix("\rstep 1 of 50"))
        #expect(shown.hasSuffix(" \r") && !shown.contains("\u{1b}"))
        #expect(!shown.contains("\n"))
    }

    /// With an end that is far away: how far, how fast, how long; without one: how to end it.
    @Test(arguments: [
        (["--steps", "1000000000"], "step ([0-9]+) of 1000000000, ([0-9]+) steps/s, [0-9]+:[0-9:]+ left"),
        ([], "step ([0-9]+), ([0-9]+) steps/s, ctrl-C ends"),
    ])
    func aLongRun(arguments: [String], pattern: String) throws {
        let line = try Regex(pattern, as: (Substring, Substring, Substring).self)
        let running = try start(arguments)
        var shown = ""
        // The second of them has been drawn over the first one.
        while shown.matches(of: line).count < 2 { shown += try #require(terminal.read(), "ended after \(shown)") }
        kill(running.process.processIdentifier, SIGINT)
        shown += rest()
        let result = try running.end()
        #expect(result.exitCode == 0)
        let summary = try RobotsProgram.Summary(result)

        let steps = shown.matches(of: line).compactMap { Int($0.1) }
        #expect(steps == steps.sorted() && Set(steps).count == steps.count)
        #expect(steps.allSatisfy { $0 <= summary.steps })
        for match in shown.matches(of: line) {
            #expect(try #require(Int(match.2)) > 0)
        }
        #expect(shown.hasSuffix(" \r") && !shown.contains("\u{1b}"))
        #expect(!shown.contains("\n"))
    }

    /// Nothing wraps, however narrow the terminal is, and also when it is made narrow during the run; what is dropped is
    /// what matters least.
    @Test(arguments: [1, 10, 20, 40])
    func aNarrowTerminal(columns: Int) throws {
        try terminal.resize(columns: 100)
        let running = try start(["--steps", "1000000000"])
        var shown = ""
        while !shown.contains(" left") { shown += try #require(terminal.read(), "ended after \(shown)") }
        try terminal.resize(columns: columns)
        // What is under way has been written for the former width.
        for _ in 0..<2 { _ = try #require(terminal.read()) }
        shown = ""
        while shown.count(where: { $0 == "\r" }) < 4 { shown += try #require(terminal.read(), "ended after \(shown)") }
        kill(running.process.processIdentifier, SIGINT)
        shown += rest()
        #expect(try running.end().exitCode == 0)
        for line in shown.split(separator: "\r") { #expect(line.count < columns, "\(line)") }
        #expect(shown.contains("step ".prefix(columns - 1)) || columns == 1)
    }
}
