import Foundation
import Testing

/// An experiment that was ended goes on where it was.
@Suite struct ExperimentResumeTests {
    /// Runs of robots that are made in a moment, and others that take seconds.
    private static let text = """
        {"base": "small.json", "vary": {"robots.0.count": [1, 2, 700]}, "seeds": {"from": 1, "count": 8}, "steps": 400,
         "every": 100, "measure": ["collisions", "mean(distance)"]}
        """
    private static let arguments = [
        "--sweep", "sweep.json", "--table", "table.csv", "--statistics", "statistics.csv", "--plot", "plot.svg",
    ]
    private static let outputs: Set = ["table.csv", "table.csv-metadata.json", "statistics.csv", "plot.svg"]

    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
        try program.write(RobotsProgram.scenario(5), to: "small.json")
        try program.write(Self.text, to: "sweep.json")
    }

    /// Starts it and waits until so many runs are kept.
    private func start(untilKept count: Int) throws -> RobotsProgram.Running {
        let running = try program.start(Self.arguments)
        try running.wait(for: "\(count) runs are kept") { try kept().count >= count }
        return running
    }

    /// The first words of the runs that are kept.
    private func kept() throws -> [String] {
        guard try program.files.contains("table.csv.runs") else { return [] }
        return try program.text("table.csv.runs").split(separator: "\n").filter { $0.hasPrefix("run ") }
            .map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
    }

    /// What an experiment writes that is never ended.
    private func whole() throws -> [String: String] {
        let whole = try RobotsProgram()
        try whole.write(RobotsProgram.scenario(5), to: "small.json")
        try whole.write(Self.text, to: "sweep.json")
        try whole.runWell(Self.arguments)
        #expect(try whole.files == Self.outputs.union(["small.json", "sweep.json"]))
        return try Dictionary(uniqueKeysWithValues: Self.outputs.map { ($0, try whole.text($0)) })
    }

    /// Killed twice, the second time with the last run that was kept cut off.
    @Test func kill() throws {
        var running = try start(untilKept: 16)
        Glibc.kill(running.process.processIdentifier, SIGKILL)
        #expect(try running.endBySignal() == SIGKILL)
        // Nothing of the outputs is there, whole or not.
        #expect(try program.files == ["small.json", "sweep.json", "table.csv.runs"])
        let first = try kept()
        #expect(first.count >= 16 && first.count < 24)

        running = try start(untilKept: 17)
        Glibc.kill(running.process.processIdentifier, SIGKILL)
        #expect(try running.endBySignal() == SIGKILL)
        let second = try kept()
        #expect(second.prefix(first.count) == first[...])
        let text = try program.text("table.csv.runs")
        try program.write(String(text.dropLast(7)), to: "table.csv.runs")

        let result = try program.runWell(Self.arguments + ["--summary-json"])
        let rest = "\"steps\": 24, \"until\": 0, \"limit\": 0, \"failed\": 0}\n"
        #expect(result.output == "{\"runs\": 24, \"resumed\": \(second.count - 1), \(rest)")
        let kept = "the \(second.count - 1) runs before that are kept"
        #expect(
            result.errors
                == "robots: table.csv.runs: its end is not complete or was changed, and the runs there will be made again; \(kept)\n"
        )
        for (name, contents) in try whole() { #expect(try program.text(name) == contents) }
        #expect(try program.files == Self.outputs.union(["small.json", "sweep.json"]))
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func signal(signal: Int32) throws {
        var running = try start(untilKept: 16)
        Glibc.kill(running.process.processIdentifier, signal)
        var result = try running.end()
        let count = try kept().count
        #expect(result.exitCode == 128 + signal && result.output == "")
        let ended = "the sweep was ended: \(count) of 24 runs are complete and kept in table.csv.runs"
        #expect(result.errors == "robots: sweep.json: \(ended); the same command goes on from there\n")
        #expect(try program.files == ["small.json", "sweep.json", "table.csv.runs"])

        // Another one at the same time would spoil what is kept.
        running = try start(untilKept: count)
        try running.state.waitUntilListening()
        result = try program.run(Self.arguments)
        #expect(result.exitCode == 73)
        #expect(
            result.errors.hasPrefix("robots: table.csv.runs: another program keeps the finished runs of a sweep there")
        )
        running.process.interrupt()
        #expect(try running.end().exitCode == 130)
    }

    /// What is kept is of another experiment: it is left alone, and the message says what has changed.
    @Test func changes() throws {
        let running = try start(untilKept: 16)
        running.process.interrupt()
        #expect(try running.end().exitCode == 130)
        let runs = try program.text("table.csv.runs")
        func expectRefusal(_ arguments: [String], _ change: String) throws {
            let result = try program.run(Self.arguments + arguments)
            #expect(result.exitCode == 65 && result.output == "")
            let remedy = "take that back, or remove the file to begin anew"
            #expect(
                result.errors == "robots: table.csv.runs: these runs are of another sweep: \(change); \(remedy)\n"
            )
            #expect(try program.text("table.csv.runs") == runs)
        }
        try expectRefusal(["--steps", "401"], "the number of steps has changed")
        try expectRefusal(["--world", "400x200"], "--world has changed")
        try program.write(RobotsProgram.scenario(5, behaviour: "wander"), to: "small.json")
        try expectRefusal([], "the base scenario has changed")
        try program.write(RobotsProgram.scenario(5), to: "small.json")
        for (former, changed) in [
            ("[1, 2, 700]", "[1, 2, 600]"), ("\"count\": 8", "\"count\": 9"), ("\"every\": 100", "\"every\": 99"),
            ("mean(distance)", "max(distance)"), ("{\"base\"", "{\"limit\": 1000, \"base\""),
            ("{\"base\"", "{\"until\": \"steps > 300\", \"base\""),
        ] {
            let text = Self.text.replacingOccurrences(of: former, with: changed)
            try #require(text != Self.text)
            try program.write(text, to: "sweep.json")
            try expectRefusal([], "sweep.json has changed")
        }
        // What is drawn, and how the file is written, are no change.
        let text = Self.text.replacingOccurrences(of: "{\"base\"", with: "{\"plot\": \"mean(distance)\",\n\n \"base\"")
        try program.write(text, to: "sweep.json")
        #expect(try program.runWell(Self.arguments).output.hasPrefix("runs 24, finished before "))
    }

    /// A file that happens to have the name is not spoilt.
    @Test(arguments: ["my runs\n", "robots sweep runs 2 0 0 0 0\n", "something"])
    func anotherFile(contents: String) throws {
        try program.write(contents, to: "table.csv.runs")
        let result = try program.run(Self.arguments)
        #expect(result.exitCode == 73)
        #expect(
            result.errors
                == "robots: table.csv.runs: this is no file of finished runs, which are kept there; name another "
                + "output, or move the file\n"
        )
        #expect(try program.text("table.csv.runs") == contents)
    }

    /// A run in which a byte has changed is made again, and so are those behind it.
    @Test func aChangedByte() throws {
        let running = try start(untilKept: 16)
        running.process.interrupt()
        #expect(try running.end().exitCode == 130)
        let runs = try program.text("table.csv.runs")
        let third = try #require(runs.ranges(of: "\nrun ").dropFirst(2).first?.lowerBound)
        let changed = runs.replacingOccurrences(of: ",", with: ";", range: third..<runs.endIndex)
        try program.write(changed, to: "table.csv.runs")
        let result = try program.runWell(Self.arguments)
        let reason = "its end is not complete or was changed, and the runs there will be made again"
        let notice = "\(reason); the 2 runs before that are kept"
        #expect(result.errors == "robots: table.csv.runs: \(notice)\n")
        #expect(result.output.hasPrefix("runs 24, finished before 2; "))
        for (name, contents) in try whole() { #expect(try program.text(name) == contents) }
    }

    /// A run that was written in part is cut off, so that what is added later is found.
    @Test func theDiskIsFull() throws {
        let text = """
            {"base": "small.json", "seeds": {"from": 1, "count": 6}, "steps": 2000, "every": 1, "measure": ["collisions"]}
            """
        try program.write(text, to: "sweep.json")
        // Two runs have more than 100 KiB of rows.
        let result = try program.runScript(
            "trap '' XFSZ; ulimit -f 100; exec \"$robots\" --sweep sweep.json --table table.csv"
        )
        #expect(result.exitCode == 73)
        #expect(
            result.errors.hasPrefix("robots: table.csv.runs: cannot be used: File too large; "),
            "\(result.errors)"
        )
        let count = try kept().count
        #expect(count > 0 && count < 6)
        let rest = try program.runWell(["--sweep", "sweep.json", "--table", "table.csv"])
        #expect(rest.errors == "")
        #expect(rest.output == "runs 6, finished before \(count); ended by steps 6, until 0, limit 0, failed 0\n")
        #expect(try program.records("table.csv").count == 1 + 6 * 2000)
    }

    /// Another program that has come to its end removes the file between the opening and the lock.
    @Test func theFileIsRemovedWhileItIsOpened() throws {
        let arguments = Self.arguments.joined(separator: " ")
        let running = try program.startScript(
            """
            exec strace -D -qqq -o /dev/null -P table.csv.runs -e trace=openat -e inject=openat:signal=SIGSTOP:when=1 \\
                "$robots" \(arguments)
            """
        )
        try running.wait(for: "the file is opened") { try program.files.contains("table.csv.runs") }
        try FileManager.default.removeItem(atPath: program.path("table.csv.runs"))
        try running.wait(for: "16 runs are kept") {
            // It may not have stopped yet.
            Glibc.kill(running.process.processIdentifier, SIGCONT)
            return try kept().count >= 16
        }
        Glibc.kill(running.process.processIdentifier, SIGKILL)
        #expect(try running.endBySignal() == SIGKILL)
    }
}
