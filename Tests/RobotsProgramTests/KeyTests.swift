import Foundation
import RobotWorld
import Testing

/// What stands in an input file is read or refused: a key that is misspelt, or there twice, is no other run in silence.
@Suite struct KeyTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    private func expectRefusal(_ arguments: [String], _ message: String) throws {
        let before = try program.files
        let result = try program.run(["--headless", "--steps", "3", "--states", "states"] + arguments)
        // It ends the line: nothing follows.
        #expect(result.exitCode == 65 && result.errors == "robots: \(message)\n", "\(result.errors)")
        #expect(try program.files == before)
    }

    /// Files, each with the key, its line and column, and what the message says of it.
    private static let unknownKeys = [
        ("{\"World\": {}, \"robots\": []}", "World", 1, 2, "did you mean \"world\"?"),
        ("{\"robots\": [],\n  \"scale\": 2}", "scale", 2, 3, "known here are \"world\", \"robots\""),
        (
            "{\"robots\": [], \"world\": {\"width\": 5, \"heigth\": 5}}", "world.heigth", 1, 38,
            "did you mean \"height\"?"
        ),
        (
            "{\"robots\": [{\"id\": \"A\", \"x\": 1, \"y\": 2, \"angle\": 3, \"velocty\": 4}]}", "robots[0].velocty", 1,
            53,
            "did you mean \"velocity\"?"
        ),
        (
            "{\"robots\": [{\"id\": \"é\", \"behavior\": 1, \"y\": 2}]}", "robots[0].behavior", 1, 25,
            "did you mean \"behaviour\"?"
        ),
        ("{\"robots\": [{\"cuont\": 3, \"seed\": 1}]}", "robots[0].cuont", 1, 14, "did you mean \"count\"?"),
        (
            "{\"robots\": [{\"count\": 3, \"seed\": 1, \"x\": 5}]}", "robots[0].x", 1, 37,
            "known here are \"count\", \"seed\", \"velocity\", \"behaviour\""
        ),
        (
            "{\"robots\": [{\"count\": 3, \"seed\": 1, \"speed\": 5}]}", "robots[0].speed", 1, 37,
            "did you mean \"seed\"?"
        ),
        // A key is shown on a terminal.
        ("{\"robots\": [], \"a\\n\\u009b\": 1}", "a\\n\\u{009B}", 1, 16, "known here are \"world\", \"robots\""),
    ]

    @Test(arguments: unknownKeys)
    func unknownKeyOfAScenario(text: String, key: String, line: Int, column: Int, remedy: String) throws {
        try program.write(text, to: "file.json")
        try expectRefusal(
            ["--scenario", "file.json"],
            "file.json: \(key): unknown key at line \(line), column \(column): \(remedy)"
        )
    }

    /// A scenario in a sweep file, or a file that is named there.
    @Test(arguments: unknownKeys)
    func unknownKeyInASweep(text: String, key: String, line: Int, column: Int, remedy: String) throws {
        try program.write("{\"scenarios\": [\n\(text)]}", to: "sweep.json")
        let sweep = ["--sweep", "sweep.json"]
        let place = "line \(line + 1), column \(column)"
        for arguments in [sweep, sweep + ["--world", "5x5"]] {
            let result = try program.run(["--headless", "--steps", "3"] + arguments)
            let message = "robots: sweep.json: scenarios[0].\(key): unknown key at \(place): \(remedy)\n"
            #expect(result.exitCode == 65 && result.errors == message && result.output == "", "\(result.errors)")
        }
        try program.write("{\"scenarios\": [\"file.json\"]}", to: "sweep.json")
        try program.write(text, to: "file.json")
        let result = try program.run(["--steps", "3"] + sweep)
        #expect(result.exitCode == 65 && result.errors.hasPrefix("robots: file.json: \(key): unknown key at line"))
    }

    @Test func unknownKeyOfASweep() throws {
        try program.write("{\"scenario\": []}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json", "--steps", "3"])
        let message = "sweep.json: scenario: unknown key at line 1, column 2: did you mean \"scenarios\"?"
        #expect(result.exitCode == 65 && result.errors == "robots: \(message)\n")
    }

    /// The files of the original world's recorded runs have more than a scenario needs.
    @Test(arguments: ["one", "seed", "outside"])
    func recordedRunsAreRead(name: String) throws {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../RobotWorldTests/Fixtures"
        )
        let file = fixtures.appending(path: "\(name).json").path
        let summary = try program.summary(["--headless", "--steps", "5", "--scenario", file])
        #expect(summary.steps == 5)
    }

    @Test(arguments: [
        ("{\"robots\": [],\n \"robots\": []}", "robots: duplicate key at line 2, column 2", "line 1, column 2"),
        (
            "{\"robots\": [{\"id\": \"é\", \"x\": 1, \"y\": 2, \"x\": 50}]}",
            "robots[0].x: duplicate key at line 1, column 41", "line 1, column 25"
        ),
        // Written in two ways.
        (
            "{\"robots\": [{\"\\u0069d\": \"A\", \"id\": \"B\"}]}",
            "robots[0].id: duplicate key at line 1, column 30", "line 1, column 14"
        ),
        // Also where it would not be read.
        (
            "{\"about\": {\"k\": 1, \"k\": 1}, \"robots\": []}", "about.k: duplicate key at line 1, column 20",
            "line 1, column 12"
        ),
    ])
    func duplicateKey(text: String, message: String, first: String) throws {
        try program.write(text, to: "file.json")
        try expectRefusal(
            ["--scenario", "file.json"],
            "file.json: \(message): the same key is at \(first); leave one of them out"
        )
    }

    /// As an editor counts, whatever takes several bytes, or several code points, before the place.
    @Test(arguments: [("{\"é\" ?", 6), ("{\"日本\" ?", 7), ("{\"e\u{301}🧑‍🚀\" ?", 7), ("{\n\t\"ü\" ?", 6)])
    func columnsAreCharacters(text: String, column: Int) throws {
        try program.write(text, to: "file.json")
        let line = text.contains("\n") ? 2 : 1
        try expectRefusal(
            ["--scenario", "file.json"],
            "file.json: not JSON at line \(line), column \(column): found ? where ':' should be"
        )
    }

    // MARK: - Names

    /// What would break a line of the messages file, or move a terminal's cursor, is no part of a name.
    @Test(arguments: [
        0x00, 0x01, 0x0a, 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x2028, 0x2029, 0x061c, 0x200e, 0x202a, 0x202e, 0x2066,
        0x2069,
    ])
    func controlsInANameAreRefused(value: UInt32) throws {
        let digits = String(value, radix: 16)
        let escape = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        let scalar = try #require(Unicode.Scalar(value))
        let shown = value == 0x0a ? "\\n" : escape
        // Both as it is and escaped; JSON has no place for some as they are.
        for written in value < 0x20 ? [escape] : [escape, String(scalar)] {
            let robot = "{\"id\": \"a\(written)b\", \"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4}"
            let reason = "robots[0].id: \"a\(shown)b\" is no name; give a string that can be seen and has no line "
            try program.write("{\"robots\": [\(robot)]}", to: "file.json")
            try expectRefusal(["--scenario", "file.json"], "file.json: \(reason)breaks or controls")
        }
    }

    /// Nor is what cannot be seen at all, or has no place in XML.
    @Test(arguments: [
        "", " ", "\\u200b", "\\u00a0\\u2060 ", "\\u00ad", "a\\ufffe", "\\uffff", "b\\ud83f\\udffe", "\\ufdd0",
    ])
    func namesThatCannotBeSeen(name: String) throws {
        try program.write(
            "{\"robots\": [{\"id\": \"\(name)\", \"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4}]}",
            to: "file.json"
        )
        let result = try program.run(["--headless", "--steps", "3", "--scenario", "file.json", "--trails", "t.svg"])
        #expect(result.exitCode == 65 && result.errors.contains(" is no name; give a string that can be seen"))
    }

    @Test func otherNamesAreWhatTheyAre() throws {
        let names = ["a\u{200b}", "é", "🧑‍🚀", "日本", "a b", "-1", "<&>", "a\u{a0}", "עברית"]
        let robots = names.map { "{\"id\": \"\($0)\", \"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4}" }
        try program.write("{\"robots\": [\(robots.joined(separator: ", "))]}", to: "file.json")
        let files = ["--states", "states", "--messages", "messages", "--save", "saved", "--trails", "trails.svg"]
        try program.runWell(["--headless", "--steps", "9", "--scenario", "file.json"] + files)
        #expect(try program.states("states").last?.ids == names)
        // Every line of the messages is one for a reader that knows all line breaks of Unicode.
        let lines = try program.text("messages").split(whereSeparator: \.isNewline)
        #expect(try lines.count == program.lines("messages").count)
        try program.runWell(["--headless", "--steps", "9", "--resume", "saved"])
    }

    // MARK: - Snapshots

    /// Writes a snapshot of robots that have all joined, or not yet, with a change and the right checksum.
    private func writeSnapshot(steps: Int, changing text: String, to other: String) throws {
        try program.runWell(["--headless", "--steps", "\(steps)", "--save", "saved"])
        let whole = try program.text("saved")
        #expect(whole.contains(text))
        var lines = whole.replacing(text, with: other, maxReplacements: 1).split(separator: "\n").dropLast()
            .map { "\($0)\n" }.joined()
        var hash = Digest()
        for byte in lines.utf8 { hash.add(byte) }
        lines += "{\"fnv\": \"\(hash)\"}\n"
        try program.write(lines, to: "saved")
    }

    @Test(arguments: [2, 20])
    func keysOfASnapshot(steps: Int) throws {
        for (text, other, message) in [
            ("\"robots\": 12", "\"robotos\": 12", "robotos: unknown key at line 1, column "),
            ("\"step\": \(steps)", "\"step\": \(steps), \"step\": 1", "step: duplicate key at line 1, column "),
            (", \"height\"", ", \"hight\"", "world.hight: unknown key at line 1, column "),
            ("\"velocity\"", "\"speed\"", "robots[0].speed: unknown key at line 2, column "),
            ("\"id\": \"R2\"", "\"id\": \"R2\", \"id\": \"R2\"", "id: duplicate key at line 3, column "),
            ("\"id\": \"R2\"", "\"id\": \"R\\u009b\"", "robots[1].id: \"R\\u009b\" is no name"),
        ] {
            try writeSnapshot(steps: steps, changing: text, to: other)
            let result = try program.run(["--headless", "--steps", "3", "--resume", "saved"])
            #expect(result.exitCode == 65 && result.errors.hasPrefix("robots: saved: \(message)"), "\(result.errors)")
        }
    }
}
