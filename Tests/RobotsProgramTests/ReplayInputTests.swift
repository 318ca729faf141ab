import Foundation
import Testing

/// What is wrong with a recorded run is said in one line that names the file, the line and the key.
@Suite(.serialized) struct ReplayInputTests {
    private static let line =
        "{\"step\": 1, \"ids\": [\"A\"], \"state\": [[\"Robot\", 1.0, 2.0, 90.0, 5.0]], \"fnv\": \"0\"}"

    private func program(_ screen: VirtualScreen? = nil) throws -> RobotsProgram {
        try RobotsProgram(environment: screen.map { ["DISPLAY": $0.name] } ?? ["SDL_VIDEODRIVER": "dummy"])
    }

    private static let wrongLines = [
        ("[]", "the file holds no object; give a line as --states writes it, {\"step\", \"ids\", \"state\"}"),
        (line.replacing("\"step\": 1, ", with: ""), "step: missing; give a whole number"),
        (line.replacing("1,", with: "-1,"), "step: -1 is not possible; give a whole number from 0 to \(Int.max)"),
        (line.replacing("\"ids\"", with: "\"idz\""), "idz: unknown key at line 3, column 13: did you mean \"ids\"?"),
        (line.replacing("[\"A\"]", with: "[]"), "state: 1 robots, and 0 ids; give as many of both"),
        (line.replacing("\"A\"", with: "7"), "ids[0]: 7 is not a string; give a robot's name"),
        (
            line.replacing("90.0, ", with: ""),
            "state[0]: an array is no robot; give arrays [kind, x, y, angle, velocity]"
        ),
        (
            line.replacing("90.0", with: "true"),
            "state[0]: true is not a finite number; give arrays [kind, x, y, angle, velocity]"
        ),
        (
            line.replacing("90.0", with: "1e999"),
            "state[0]: 1e999 is not a finite number; give arrays [kind, x, y, angle, velocity]"
        ),
        (
            line.replacing("90.0", with: "é9"),
            "state[0][3]: not JSON at line 3, column 57: found é9 where a value should be"
        ),
        (String(line.dropLast()), "not JSON at line 3, column 80: the text ends where ',' or '}' should be"),
    ]

    /// The lines before it are shown.
    @Test(arguments: wrongLines)
    func aWrongLine(text: String, complaint: String) throws {
        let program = try program()
        try program.write("\(Self.line)\n\n\(text)\n\(Self.line)\n", to: "run.jsonl")
        let result = try program.run(["--replay", "run.jsonl", "--fps", "1000"])
        #expect(result.exitCode == 65)
        #expect(result.errors == "robots: run.jsonl, line 3: \(complaint)\n")
        #expect(result.output == "")
    }

    /// What has been written until then is complete; of a run without a state nothing is left.
    @Test(arguments: [0, 3]) func picturesOfWhatIsBeforeAWrongLine(lines: Int) throws {
        let program = try program()
        try program.write(String(repeating: "\(Self.line)\n", count: lines) + "{}\n", to: "run.jsonl")
        let result = try program.run(
            ["--replay", "run.jsonl", "--fps", "1000", "--record", "film.gif", "--screenshot", "last.png"]
        )
        #expect(result.exitCode == 65)
        let complaint = "step: missing; give a whole number"
        #expect(result.errors == "robots: run.jsonl, line \(lines + 1): \(complaint)\n")
        #expect(try program.files == (lines == 0 ? ["run.jsonl"] : ["run.jsonl", "film.gif", "last.png"]))
        if lines == 0 { return }
        let frames = try PixelGrid.tool(["identify", "-format", "%n\n", program.path("film.gif")])
        #expect(String(decoding: frames, as: UTF8.self).hasPrefix("\(lines)\n"))
        let robot = PixelGrid.Robot(x: 1, y: 2, angle: 90)
        #expect(try PixelGrid(file: program.path("last.png")).difference(from: [robot]) == nil)
    }

    @Test(arguments: [
        ("", "it is empty"), ("\n\n\n", "it is empty"), ("{\"step\": 1", "its only line is no whole one"),
    ])
    func nothingToShow(text: String, reason: String) throws {
        let program = try program()
        try program.write(text, to: "run.jsonl")
        let result = try program.run(["--replay", "run.jsonl"])
        #expect(result.exitCode == 65)
        let remedy = "name a file that --states has written"
        #expect(result.errors == "robots: run.jsonl: no state of a run: \(reason); \(remedy)\n")
    }

    @Test func noFile() throws {
        let program = try program()
        let result = try program.run(["--replay", "run.jsonl"])
        #expect(result.exitCode == 66)
        let remedy = "name another one with --replay"
        #expect(result.errors == "robots: run.jsonl: cannot be read: No such file or directory; \(remedy)\n")
        #expect(try program.run(["--replay", "."]).exitCode == 66)
    }

    @Test func noDisplay() throws {
        let program = try RobotsProgram()
        try program.write("\(Self.line)\n", to: "run.jsonl")
        let result = try program.run(["--replay", "run.jsonl"])
        #expect(result.exitCode == 69)
        #expect(result.errors.hasPrefix("robots: there is no display"), "\(result.errors)")
        #expect(!result.errors.contains("--headless"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1)
    }

    @Test(arguments: [
        ["--steps", "3"], ["--scenario", "s"], ["--robots", "3"], ["--seed", "3"], ["--behaviour", "wander"],
        ["--resume", "s"], ["--save", "s"], ["--sweep", "s"], ["--states", "s"], ["--messages", "s"],
        ["--trails", "s"], ["--timeline", "s"], ["--summary-json"], ["--threads", "2"], ["--chart", "robots"],
    ])
    func optionsOfANewRun(option: [String]) throws {
        let program = try program()
        let result = try program.run(["--replay", "run.jsonl"] + option)
        #expect(result.exitCode == 64)
        let reason = "\(option[0]) is for a new run; give it or --replay"
        #expect(result.errors == "robots: \(reason); robots --help explains the options\n")
        #expect(try program.files == [])
    }

    @Test func noName() throws {
        let result = try program().run(["--replay", ""])
        #expect(result.exitCode == 64)
        #expect(result.errors.hasPrefix("robots: --replay: the name is empty; "), "\(result.errors)")
    }

    /// Its picture does not go where the run is.
    @Test func theFileIsNotWrittenOver() throws {
        let program = try program()
        try program.write("\(Self.line)\n", to: "run.png")
        let result = try program.run(["--replay", "run.png", "--screenshot", "./run.png"])
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("--screenshot: ./run.png is the --replay file already"), "\(result.errors)")
        #expect(try program.text("run.png") == "\(Self.line)\n")
    }
}
