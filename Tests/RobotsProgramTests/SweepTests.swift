import Foundation
import Testing

/// Many scenarios in one go.
@Suite struct SweepTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    private func group(_ count: Int, _ behaviour: String) -> String {
        "{\"robots\": [{\"count\": \(count), \"seed\": 3, \"behaviour\": \"\(behaviour)\", \"velocity\": [2, 9]}]}"
    }

    /// A list of very unequal scenarios, so that they end in another order than they begin.
    private func writeScenarios() throws -> [String] {
        try FileManager.default.createDirectory(atPath: program.path("folder"), withIntermediateDirectories: false)
        let scenarios = [
            group(400, "avoid"), group(1, "bounce"), group(90, "wander"), group(2, "classic"), group(150, "avoid"),
            group(3, "bounce"),
        ]
        for (index, scenario) in scenarios.enumerated() {
            try program.write(scenario, to: "folder/\(index).json")
        }
        let entries = ["\"0.json\"", scenarios[1], "\"2.json\"", "\"3.json\"", scenarios[4], scenarios[5]]
        try program.write("{\"scenarios\": [\(entries.joined(separator: ", "))]}", to: "folder/sweep.json")
        return ["0.json", "scenarios[1]", "2.json", "3.json", "scenarios[4]", "scenarios[5]"]
    }

    @Test(arguments: [[], ["--world", "250x700"]])
    func linesAreThoseOfSingleRuns(world: [String]) throws {
        let names = try writeScenarios()
        let arguments = ["--steps", "60"] + world
        let lines = try program.runWell(["--sweep", "folder/sweep.json"] + arguments).output.split(separator: "\n")
        let objects = try program.runWell(["--sweep", "folder/sweep.json", "--summary-json"] + arguments).output
            .split(separator: "\n")
        try #require(lines.count == names.count && objects.count == names.count)
        for (index, name) in names.enumerated() {
            let single = try program.runWell(
                ["--headless", "--scenario", "folder/\(index).json", "--summary-json"] + arguments
            )
            let summary = try RobotsProgram.Summary(single)
            #expect(
                lines[index].hasPrefix("\(name): robots \(summary.robots), steps 60, messages \(summary.messages), ")
            )
            #expect(lines[index].hasSuffix(", digest \(summary.digest)"))
            #expect(objects[index].hasPrefix("{\"scenario\": \"\(name)\", \"robots\": \(summary.robots), "))
            #expect(objects[index].hasSuffix("\"digest\": \"\(summary.digest)\"}"))
            let fields = try JSONSerialization.jsonObject(with: Data(objects[index].utf8)) as? [String: Any]
            #expect(fields?["collisions"] as? Int == summary.collisions)
        }
    }

    @Test func anEmptyListIsRefused() throws {
        try program.write("{\"scenarios\": []}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json", "--steps", "5"])
        #expect(result.exitCode == 65 && result.output == "")
        #expect(
            result.errors
                == "robots: sweep.json: scenarios: the list is empty; give names of scenario files, and scenarios\n"
        )
    }

    @Test func aListHasNoSteps() throws {
        try program.write("{\"scenarios\": [{\"robots\": []}]}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json"])
        let message = "--sweep says nothing without --steps; give both; robots --help explains the options"
        #expect(result.exitCode == 64 && result.output == "" && result.errors == "robots: \(message)\n")
    }

    /// All is read before the first run.
    @Test func oneBadScenarioStopsAll() throws {
        _ = try writeScenarios()
        for (entry, exitCode, words) in [
            (
                "\n\"nowhere.json\"", 66,
                ["folder/nowhere.json", "No such file", "line 2 of folder/sweep.json", "scenarios[1]"]
            ),
            ("\"two\\nlines\"", 66, ["folder/two\\nlines", "No such file", "line 1 of folder/sweep.json"]),
            ("{\"robots\": [{\"count\": 0, \"seed\": 1}]}", 65, ["sweep.json", "scenarios[1].robots[0].count", "0"]),
            ("17", 65, ["sweep.json", "scenarios[1]", "17"]), ("{}", 65, ["scenarios[1].robots", "missing"]),
        ] as [(String, Int32, [String])] {
            try program.write("{\"scenarios\": [\"3.json\", \(entry)]}", to: "folder/sweep.json")
            let result = try program.run(["--sweep", "folder/sweep.json", "--steps", "5"])
            #expect(result.exitCode == exitCode)
            #expect(result.output == "")
            #expect(
                !result.errors.contains("--scenario") && result.errors.count { $0 == "\n" } == 1,
                "\(result.errors)"
            )
            for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
        }
    }

    @Test func anAccentAfterASlash() throws {
        let folder = program.folder.appending(path: "folder")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        try program.write("{\"robots\": []}", to: "folder/one.json")
        try program.write("{\"scenarios\": [\"one.json\"]}", to: "list")
        let result = try program.runScript(
            "mv list $'folder/\\xcc\\x81list' && \"$robots\" --sweep $'folder/\\xcc\\x81list' --steps 1"
        )
        #expect(result.exitCode == 0 && result.output.hasPrefix("one.json: "), "\(result.errors)")
    }

    @Test func aZeroEndsNoName() throws {
        try program.write("{\"robots\": []}", to: "one.json")
        try program.write("{\"scenarios\": [\"one.json\\u0000.old\"]}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json", "--steps", "1"])
        #expect(result.exitCode == 66 && result.output == "")
        #expect(result.errors.hasPrefix("robots: one.json\\0.old: cannot be read: No such file"), "\(result.errors)")
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalEndsIt(signal: Int32) throws {
        let (long, short) = (group(50, "bounce"), group(1, "bounce"))
        try program.write(long, to: "long.json")
        let scenarios = ["\"long.json\"", short, short] + Array(repeating: long, count: 37)
        try program.write("{\"scenarios\": [\(scenarios.joined(separator: ", "))]}", to: "sweep.json")
        // The sweep would take hours.
        let running = try program.start(["--sweep", "sweep.json", "--steps", "20000000", "--summary-json"])
        // It listens as soon as all files have been read; before that ctrl-C would end it as any program.
        try running.state.waitUntilListening()
        kill(running.process.processIdentifier, signal)
        let result = try running.end()
        #expect(result.exitCode == 128 + signal)
        // No line looks like that of a complete run.
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("robots: sweep.json: the sweep was ended: 0 of 40 runs are complete; "))
        #expect(result.errors.hasSuffix(" to scenarios[39]\n") && result.errors.count { $0 == "\n" } == 1)
        // Which ones had begun by then is up to the processors.
        let first = try #require(try #/not begun: scenarios\[(\d+)\]/#.firstMatch(in: result.errors)?.1)
        for index in 0..<(Int(first) ?? 0) { #expect(result.errors.contains("scenarios[\(index)]")) }
        if first != "0" { #expect(result.errors.contains("not finished: scenarios[0] (long.json)")) }
    }

    @Test func completeRunsOfAnEndedSweepArePrinted() throws {
        let scenarios = [group(1, "bounce")] + Array(repeating: group(3000, "avoid"), count: 9)
        try program.write("{\"scenarios\": [\(scenarios.joined(separator: ", "))]}", to: "sweep.json")
        let running = try program.start(["--sweep", "sweep.json", "--steps", "5000", "--summary-json"])
        try running.wait(for: "the first line") { try !running.outputSoFar().isEmpty }
        running.process.interrupt()
        let result = try running.end()
        #expect(result.exitCode == 130)
        #expect(result.output.hasPrefix("{\"scenario\": \"scenarios[0]\", \"robots\": 1, \"steps\": 5000, "))
        #expect(result.output.count { $0 == "\n" } == 1)
        #expect(result.errors.contains("the sweep was ended: 1 of 10 runs are complete; not finished: scenarios[1]"))
    }
}
