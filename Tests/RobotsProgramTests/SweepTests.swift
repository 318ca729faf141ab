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

    @Test func anEmptyListIsDone() throws {
        try program.write("{\"scenarios\": []}", to: "sweep.json")
        #expect(try program.runWell(["--sweep", "sweep.json", "--steps", "5"]).output == "")
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

    @Test func controlCEndsIt() throws {
        let long = group(50, "bounce")
        try program.write(
            "{\"scenarios\": [\(Array(repeating: long, count: 40).joined(separator: ", "))]}",
            to: "sweep.json"
        )
        // The first scenario is short of nothing but time: the sweep would take hours.
        let running = try program.start(["--sweep", "sweep.json", "--steps", "100000000", "--summary-json"])
        // It listens as soon as all files have been read; before that ctrl-C would end it as any program.
        while try !String(contentsOfFile: "/proc/\(running.process.processIdentifier)/status", encoding: .utf8)
            .contains(#/SigCgt:\s+[0-9a-f]*[2367abef]\n/#)
        {}
        running.process.interrupt()
        let result = try running.end()
        #expect(result.exitCode == 0)
        #expect(result.errors == "")
        for line in result.output.split(separator: "\n") {
            #expect(line.hasPrefix("{\"scenario\": \"scenarios[") && line.hasSuffix("}"))
        }
    }
}
