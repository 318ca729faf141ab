import Foundation
import RobotWorld
import Testing

/// The program without a window: what it prints and what it writes.
@Suite struct HeadlessTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    /// The digest of the classic scenario after 1000 steps, from the original's run.
    static let classicDigest = "224d8df102fad2af"

    @Test func classicScenario() throws {
        let result = try program.runWell(["--headless", "--steps", "1000"])
        let lines = result.output.split(separator: "\n").map {
            $0.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(
            lines.map(\.[0]) == [
                "robots", "steps", "messages", "collisions", "seconds", "steps per second", "messages per second",
                "digest",
            ]
        )
        #expect(lines[0][1] == "12")
        #expect(lines[1][1] == "1000")
        #expect(lines[7][1] == Self.classicDigest)
        // Progress is for terminals.
        #expect(result.errors == "")
        #expect(try program.files.isEmpty)
    }

    @Test func summaryAsJSON() throws {
        let outcome = try Simulation(.classic).run { $0.number < 1000 ? .proceed : .stop }
        let summary = try program.summary(["--headless", "--steps", "1000"])
        #expect(summary.robots == 12)
        #expect(summary.steps == 1000)
        #expect(summary.messages == outcome.messages)
        #expect(summary.collisions == outcome.collisions)
        #expect(summary.digest == outcome.digest.description)
        #expect(summary.digest == Self.classicDigest)
        #expect(summary.seed == nil)
        #expect(summary.seconds > 0)
        #expect(abs(summary.stepsPerSecond * summary.seconds - 1000) < 10)
        #expect(abs(summary.messagesPerSecond * summary.seconds / Double(summary.messages) - 1) < 0.01)
    }

    /// Robots that all see each other make few steps a second, which are more than none.
    @Test func slowRunsHaveARateToo() throws {
        let arguments = [
            "--headless", "--robots", "6000", "--seed", "1", "--behaviour", "avoid", "--world", "1x1", "--steps", "2",
        ]
        let summary = try program.summary(arguments)
        let text = try program.runWell(arguments).output
        func number(_ name: String) throws -> Double {
            let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
            return try #require(Double(line?.split(separator: " ").last ?? ""))
        }
        for (rate, seconds) in [
            (summary.stepsPerSecond, summary.seconds), (try number("steps per second"), try number("seconds")),
        ] {
            #expect(abs(rate * seconds - 2) <= 0.1, "\(rate) steps a second in \(seconds) s")
        }
    }

    /// A golden file is a scenario; the files that the program writes have its lines.
    @Test(arguments: ["one", "seed"])
    func goldenFileAsScenario(name: String) throws {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../RobotWorldTests/Fixtures/\(name).json").path
        let golden = try String(contentsOfFile: fixture, encoding: .utf8).split(separator: "\n").map { line in
            line.trimmingCharacters(in: CharacterSet(charactersIn: " ,"))
        }
        let traceStart = try #require(golden.firstIndex(of: "\"trace\": [")) + 1
        let trace = golden[traceStart...].prefix { $0 != "]" }
        let steps = golden.filter { $0.hasPrefix("{\"step\"") }
        let traceSteps = trace.count { $0.contains("recv WORLD_STATE") }
        try #require(steps.count == 69 && traceSteps >= 13)

        try program.runWell([
            "--headless", "--steps", "1000", "--scenario", fixture, "--states", "states", "--messages", "messages",
            "--messages-steps", "\(traceSteps)",
        ])
        let states = try program.lines("states")
        #expect(states.count == 1000)
        for line in steps {
            let step = try #require(Int(line.dropFirst(9).prefix { $0.isNumber }))
            #expect(states[step - 1] == line)
        }
        #expect(try program.lines("messages").map { "\"\($0)\"" } == Array(trace))
        #expect(try program.files == ["states", "messages"])
    }

    @Test func everyThinsTheStates() throws {
        try program.runWell(["--headless", "--steps", "100", "--states", "all"])
        try program.runWell(["--headless", "--steps", "100", "--states", "some", "--every", "7"])
        let all = try program.lines("all")
        #expect(try program.lines("some") == stride(from: 7, through: 100, by: 7).map { all[$0 - 1] })
    }

    @Test func messagesOfSomeStepsAreTheBeginningOfAll() throws {
        try program.runWell(["--headless", "--steps", "30", "--messages", "all"])
        try program.runWell(["--headless", "--steps", "30", "--messages", "some", "--messages-steps", "10"])
        let (all, some) = (try program.lines("all"), try program.lines("some"))
        #expect(all.starts(with: some))
        #expect(some.count { $0.contains("recv WORLD_STATE") } == 10)
        #expect(all.count { $0.contains("recv WORLD_STATE") } == 30)
    }

    @Test func randomRobots() throws {
        let arguments = ["--headless", "--steps", "200", "--robots", "50"]
        let outcome = try Simulation(.random(robots: 50, seed: 3)).run { $0.number < 200 ? .proceed : .stop }
        let given = try program.summary(arguments + ["--seed", "3", "--states", "states"])
        #expect(try program.states("states").allSatisfy { $0.ids.count == 50 })
        #expect(given.robots == 50)
        #expect(given.seed == 3)
        #expect(given.digest == outcome.digest.description)

        let drawn = try program.summary(arguments)
        let seed = try #require(drawn.seed)
        #expect(try program.summary(arguments + ["--seed", "\(seed)"]).digest == drawn.digest)
        #expect(try program.summary(arguments + ["--seed", "\(seed &+ 1)"]).digest != drawn.digest)
        #expect(
            try program.runWell(arguments + ["--seed", "18446744073709551615"]).output.contains("18446744073709551615")
        )
    }

    /// In the original a robot at (-1, -1) had no place. Here it is one like any other, and the others fly as they did.
    @Test func goldenFileWithARobotThatHadNoPlace() throws {
        func object(_ data: Data) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
        let fixture = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../RobotWorldTests/Fixtures/outside.json")
        let golden = try #require(try object(Data(contentsOf: fixture))["steps"] as? [[String: Any]])
        try program.runWell(["--headless", "--steps", "1000", "--scenario", fixture.path, "--states", "states"])
        let states = try program.lines("states").map { try object(Data($0.utf8)) }
        try #require(states.count == 1000 && golden.count == 69)
        for expected in golden {
            let step = try #require(expected["step"] as? Int)
            var ids = try #require(states[step - 1]["ids"] as? [String])
            var places = try #require(states[step - 1]["state"] as? [NSArray])
            if let ghost = ids.firstIndex(of: "R3") {
                ids.remove(at: ghost)
                places.remove(at: ghost)
            } else {
                #expect(step < 4, "R3 has joined by step \(step)")
            }
            #expect(ids == expected["ids"] as? [String])
            #expect(places == expected["state"] as? [NSArray])
        }
    }

    @Test func orderDoesNotMatter() throws {
        try program.write(
            #"{"robots": [{"velocity": 7, "angle": 3e1, "y": 248.0, "x": 2.48E2, "id": "R1"}]}"#,
            to: "scenario.json"
        )
        #expect(
            try program.summary(["--headless", "--steps", "4", "--scenario", "scenario.json"]).digest
                == "c3b963699cbac246"
        )
    }

    @Test func namesAreWrittenAsJSON() throws {
        try program.write(
            #"{"robots": [{"id": "\"quoted\" \\ \u00e4\ud83e\udd16\/", "x": 1, "y": 2, "angle": 3, "velocity": 4}]}"#,
            to: "scenario.json"
        )
        try program.runWell(["--headless", "--steps", "2", "--scenario", "scenario.json", "--states", "states"])
        #expect(try program.lines("states")[1].contains(#""ids": ["\"quoted\" \\ ä🤖/"]"#))
    }

    @Test func filesAreReplacedAndLinksFollowed() throws {
        try program.write("old", to: "target")
        try FileManager.default.createSymbolicLink(atPath: program.path("link"), withDestinationPath: "target")
        try program.runWell(["--headless", "--steps", "3", "--states", "link", "--messages", "/dev/null"])
        #expect(try program.lines("target").count == 3)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: program.path("link")) == "target")
        #expect(try program.files == ["link", "target"])
        #expect(
            try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
                == .typeCharacterSpecial
        )
    }

    @Test func groupsBehavioursAndWalls() throws {
        try program.write(
            """
            {"world": {"width": 90, "height": 70}, "robots": [
                {"id": "first", "x": 1, "y": 2, "angle": 3, "velocity": 4},
                {"count": 50, "seed": 7, "velocity": [-3, 5], "behaviour": "bounce"},
                {"count": 10, "seed": 18446744073709551615}]}
            """,
            to: "scenario.json"
        )
        let size = WorldSize(width: 90, height: 70)
        var scenario = Scenario.random(
            robots: 50,
            seed: 7,
            size: size,
            velocities: -3...5,
            behaviour: BouncingRobot.self
        )
        let first = Scenario.Start(
            id: "first",
            location: Location(x: 1, y: 2),
            vector: Vector(angle: 3, velocity: 4)
        )
        scenario.robots.insert(first, at: 0)
        scenario.robots += Scenario.random(robots: 10, seed: .max, size: size).robots
        #expect(scenario.waitsForAll)
        // Robots of groups are named after their places.
        for index in 1..<61 { scenario.robots[index].id = "R\(index + 1)" }
        let outcome = try Simulation(scenario).run { $0.number < 100 ? .proceed : .stop }
        let arguments = ["--headless", "--scenario", "scenario.json", "--steps", "100"]
        let summary = try program.summary(arguments + ["--states", "states"])
        #expect(summary.robots == 61)
        #expect(summary.digest == outcome.digest.description)
        // With a group in the file, the world waits for all.
        #expect(try program.states("states").allSatisfy { $0.ids.count == 61 })
        let last = try #require(try program.lines("states").last)
        #expect(last.contains("\"ids\": [\"first\", \"R2\", ") && last.contains("\"R61\"]"))

        // The option moves the walls, before anybody is put between them.
        let wider = try program.summary(arguments + ["--world", "500x70"])
        #expect(wider.digest != summary.digest)
    }

    @Test func worldsOnTheCommandLine() throws {
        let scenario = Scenario(robots: Scenario.classic.robots, size: WorldSize(width: 800, height: 600))
        let outcome = try Simulation(scenario).run { $0.number < 300 ? .proceed : .stop }
        let summary = try program.summary(["--headless", "--steps", "300", "--world", "800x600"])
        #expect(summary.digest == outcome.digest.description)
        #expect(
            try program.summary(["--headless", "--steps", "1000", "--world", "496x496"]).digest == Self.classicDigest
        )
        for (name, behaviour) in Robot.behaviours {
            let size = WorldSize(width: 100, height: 1000)
            let scenario = Scenario.random(robots: 30, seed: 2, size: size, behaviour: behaviour)
            let outcome = try Simulation(scenario).run { $0.number < 50 ? .proceed : .stop }
            let summary = try program.summary([
                "--headless", "--steps", "50", "--robots", "30", "--seed", "2", "--world", "100x1000", "--behaviour",
                name,
            ])
            #expect(summary.digest == outcome.digest.description)
        }
    }

    @Test func statesOnStandardOutput() throws {
        let result = try program.runWell(["--headless", "--steps", "3", "--states", "/dev/stdout", "--summary-json"])
        #expect(result.output.split(separator: "\n").count == 3)
        // Whoever reads the states gets them alone.
        #expect(result.errors.hasPrefix("{\"robots\": 12, \"steps\": 3, "), "\(result.errors)")
    }

    /// What goes through a pipe is the snapshot and nothing else.
    @Test func aRunGoesOnBehindAPipe() throws {
        let result = try program.runScript(
            "\"$robots\" --headless --steps 30 --save - | \"$robots\" --headless --steps 20 --resume - --summary-json"
        )
        #expect(result.exitCode == 0, "\(result.errors)")
        let whole = try program.summary(["--headless", "--steps", "50"])
        #expect(result.output.contains("\"steps\": 50, ") && result.output.contains(whole.digest), "\(result.output)")
    }

    @Test func helpExplainsEveryOption() throws {
        let result = try program.runWell(["--help"])
        let options = result.output.components(separatedBy: "OPTIONS:")[1].components(separatedBy: "\n  -").dropFirst()
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        #expect(
            options.map { $0.prefix { $0 != " " } } == [
                "-headless", "-steps", "-threads", "-fps", "-scenario", "-robots", "-seed", "-behaviour", "-world",
                "-resume",
                "-save", "-save-every", "-replay", "-sweep", "-table", "-statistics", "-plot", "-states", "-every",
                "-messages", "-messages-steps", "-trails", "-timeline", "-record", "-screenshot", "-chart",
                "-summary-json", "-version", "h,",
            ]
        )
        // The last two are the parser's own.
        for option in options.dropLast(2) {
            #expect(option.contains("(default: "), "\(option)")
        }
        #expect(options.contains { $0.hasPrefix("-fps") && $0.hasSuffix("(default: 60)") })
    }

    /// The loader tells which functions are looked up at their first call.
    @Test func noCallToSDL() throws {
        func calls(_ program: RobotsProgram, _ arguments: [String]) throws -> Int {
            let result = try program.runWell(["--steps", "2"] + arguments)
            return result.errors.split(separator: "\n").count {
                $0.contains("/robots [0] to") && $0.contains("symbol `SDL_")
            }
        }
        let tracing = ["LD_DEBUG": "bindings"]
        #expect(try calls(RobotsProgram(environment: tracing), ["--headless"]) == 0)
        // With a window they are seen, so the absence above says something.
        #expect(try calls(RobotsProgram(environment: tracing.merging(["SDL_VIDEODRIVER": "dummy"]) { $1 }), []) > 5)
    }
}
