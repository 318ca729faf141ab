import Foundation
import Testing

/// What is wrong is said in one line, with the exit code that sysexits.h has for it, and nothing is left behind.
@Suite struct BadInputTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    private func expectRefusal(_ arguments: [String], exitCode: Int32, naming words: [String]) throws {
        let before = try program.files
        let result = try program.run(arguments)
        #expect(result.exitCode == exitCode, "\(arguments)")
        #expect(result.errors.hasPrefix("robots: ") && result.errors.hasSuffix("\n"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        for word in words {
            #expect(result.errors.contains(word), "\(word) is not named in: \(result.errors)")
        }
        #expect(result.output == "")
        #expect(try program.files == before)
    }

    @Test(arguments: [
        (["--steps", "0"], ["--steps", "0"]),
        (["--states", ""], ["--states", "the name is empty"]),
        (["--record", ""], ["--record", "the name is empty"]),
        (["--scenario", ""], ["--scenario", "the name is empty"]),
        (["--steps", "-5"], ["--steps", "-5"]),
        (["--steps", "many"], ["--steps", "many", "from 1 to 9223372036854775807"]),
        (["--steps", "1.5"], ["--steps", "1.5"]),
        (["--steps", "99999999999999999999"], ["--steps", "99999999999999999999"]),
        (["--steps"], ["--steps"]),
        (["--fps", "0"], ["--fps", "0", "from 1 to 1000000"]),
        (["--fps", "1000001"], ["--fps", "1000001", "from 1 to 1000000"]),
        (["--fps", "30"], ["--fps", "--headless", "--record", "leave it out"]),
        (["--sweep", "s", "--steps", "2", "--fps", "30"], ["--fps", "--sweep"]),
        (["--fps", "-60"], ["--fps", "-60"]),
        (["--robots", "0"], ["--robots", "0"]),
        (["--robots", "-1"], ["--robots", "-1"]),
        (["--robots", "1000001"], ["--robots", "1000001", "1000000"]),
        (["--robots", "2", "--seed", "-1"], ["--seed", "-1"]),
        (["--robots", "2", "--seed", "x"], ["--seed", "x", "from 0 to 18446744073709551615"]),
        (["--robots", "99999999999999999999"], ["--robots", "99999999999999999999", "from 1 to 1000000"]),
        (["--seed", "1"], ["--seed", "--robots"]),
        (["--robots", "2", "--scenario", "s"], ["--robots", "--scenario"]),
        (["--states", "s", "--every", "0"], ["--every", "0"]),
        (["--every", "2"], ["--every", "--states"]),
        (["--messages", "m", "--messages-steps", "0"], ["--messages-steps", "0"]),
        (["--messages-steps", "2"], ["--messages-steps", "--messages"]),
        (["--states", "same", "--messages", "same"], ["--states", "--messages", "same"]),
        (["--states", "same", "--messages", "./same"], ["--messages", "./same", "--states"]),
        (["--scenario", "s", "--states", "s"], ["--states", "s", "--scenario"]),
        (["--resume", "s", "--timeline", "././s"], ["--timeline", "././s", "--resume"]),
        (["--screenshot", "picture.png"], ["--screenshot", "--headless"]),
        (["--world", "12"], ["--world", "12", "800x600"]),
        (["--world", "0x5"], ["--world", "0x5"]),
        (["--world", "-1x5"], ["--world", "-1x5"]),
        (["--world", "5x-5"], ["--world", "5x-5"]),
        (["--world", "5x5x5"], ["--world", "5x5x5"]),
        (["--world", "1000001x5"], ["--world", "1000001x5"]),
        (["--world", "5.5x5"], ["--world", "5.5x5"]),
        (["--robots", "2", "--behaviour", "fly"], ["--behaviour", "fly", "wander"]),
        (["--behaviour", "wander"], ["--behaviour", "--robots"]),
        (["--save-every", "5"], ["--save-every", "--save"]),
        (["--save", "s", "--save-every", "0"], ["--save-every", "0"]),
        (["--resume", "s", "--robots", "3"], ["--robots", "resumed"]),
        (["--resume", "s", "--scenario", "t"], ["--scenario", "resumed"]),
        (["--resume", "s", "--world", "5x5"], ["--world", "resumed"]),
        (["--record", "film.avi"], ["--record", "film.avi", ".mp4", ".gif"]),
        (["--record", "film"], ["--record: film "]),
        (["--record", "gif"], ["--record: gif "]),
        (["--record", "film.mp4.part"], ["--record: film.mp4.part "]),
        (["--save", "same", "--trails", "same"], ["--save", "--trails", "same"]),
        (["--table", "t"], ["--table", "--sweep"]),
        (["--replay", "s"], ["--headless", "leave one of them out"]),
        (["--sweep", "s", "--steps", "2", "--save", "t"], ["--save", "--sweep"]),
        (["--trails", "-x.svg"], ["--trails", "give --trails=-x.svg"]),
        (["--states"], ["Missing value for '--states <file>'; robots --help"]),
        (["--states", "--steps", "3"], ["Missing value for '--states <file>'; robots --help"]),
        (["--steps", "3", "--steps", "4"], ["--steps is given twice"]),
        (["--states=s", "--states", "t"], ["--states is given twice"]),
        (["--headless"], ["--headless is given twice"]),
        (["--record", "no/folder"], ["--record: no/folder ends neither in .mp4"]),
        (["--speed", "9"], ["--speed"]),
        (["surplus"], ["surplus"]),
    ])
    func wrongOptions(arguments: [String], words: [String]) throws {
        try expectRefusal(["--headless"] + arguments, exitCode: 64, naming: words)
    }

    @Test(arguments: [
        ("", ["not JSON", "line 1"]),
        ("robots", ["not JSON", "line 1", "robots"]),
        ("{\"robots\": [\n  }", ["robots[0]", "line 2, column 3", "}"]),
        ("{\"robots\": []} {", ["not JSON", "column 16"]),
        ("{\"robots\": [1,]}", ["robots[1]"]),
        ("[]", ["object"]),
        ("{}", ["robots", "missing"]),
        ("{\"robots\": {}}", ["robots", "an object", "array"]),
        ("{\"robots\": [7]}", ["robots[0]", "7"]),
        (robot("\"id\": 7"), ["robots[0].id", "7", "string"]),
        (robot("\"id\": \"\""), ["robots[0].id", "\"\""]),
        (robot("\"id\": \"two\\nlines\""), ["robots[0].id", "two\\nlines"]),
        (robot("\"x\": \"12\""), ["robots[0].x", "\"12\"", "number"]),
        (robot("\"y\": null"), ["robots[0].y", "null", "number"]),
        (robot("\"angle\": true"), ["robots[0].angle", "true", "number"]),
        (robot("\"velocity\": [1]"), ["robots[0].velocity", "an array", "number"]),
        (robot("\"velocity\": 1e999"), ["robots[0].velocity", "1e999", "finite"]),
        (robot("\"velocity\": -1e999"), ["robots[0].velocity", "-1e999", "finite"]),
        (robot("\"x\": NaN"), ["robots[0].x", "NaN"]),
        (robot("\"x\": Infinity"), ["robots[0].x", "Infinity"]),
        (robot("\"x\": -Infinity"), ["robots[0].x", "Infinity"]),
        (robot("\"x\": 01"), ["robots[0].x", "begins with 0"]),
        (robot("\"x\": 1."), ["robots[0].x"]),
        (robot("\"x\": 1.\n5"), ["robots[0].x", "found \\n where a digit"]),
        ("{\"robots\": [{\"id\": \"A\", \"x\": 1, \"y\": 2, \"angle\": 3}]}", ["robots[0].velocity", "missing"]),
        ("{\"robots\": [{\"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4}]}", ["robots[0].id", "missing"]),
        ("{\"robots\": [{\"id\": \"A\\ud83d\"}]}", ["robots[0].id", "surrogate"]),
        ("{\"robots\": [], \"world\": 5}", ["world", "5", "width"]),
        ("{\"robots\": [], \"world\": {\"width\": 5}}", ["world.height", "missing"]),
        ("{\"robots\": [], \"world\": {\"width\": 0, \"height\": 5}}", ["world.width", "0"]),
        ("{\"robots\": [], \"world\": {\"width\": 5, \"height\": 5.5}}", ["world.height", "5.5", "whole"]),
        (robot("\"id\": \"A\", \"behaviour\": \"fly\""), ["robots[0].behaviour", "\"fly\"", "wander"]),
        (robot("\"id\": \"A\", \"behaviour\": 7"), ["robots[0].behaviour", "7", "string"]),
        (group("\"count\": 0"), ["robots[0].count", "0"]),
        (group("\"count\": 1000001"), ["robots[0].count", "1000001"]),
        (group("\"count\": \"3\""), ["robots[0].count", "\"3\""]),
        (group("\"seed\": -1"), ["robots[0].seed", "-1"]),
        (group("\"seed\": 18446744073709551616"), ["robots[0].seed", "18446744073709551616"]),
        (group("\"velocity\": [5, 1]"), ["robots[0].velocity", "[5, 1]"]),
        (group("\"velocity\": [1]"), ["robots[0].velocity", "[1]"]),
        (group("\"velocity\": [1, 2.5]"), ["robots[0].velocity", "2.5"]),
        (group("\"velocity\": 5"), ["robots[0].velocity", "5", "array"]),
        ("{\"robots\": [{\"count\": 3}]}", ["robots[0].seed", "missing"]),
        (
            "{\"robots\": [{\"count\": 600000, \"seed\": 1}, {\"count\": 600000, \"seed\": 1}]}",
            ["robots[1].count", "600000", "1200000"]
        ),
        (
            "{\"robots\": [{\"id\": \"R2\", \"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4}, {\"count\": 1, \"seed\": 1}]}",
            ["robots[1].id", "\"R2\"", "robots[0]"]
        ),
        (String(repeating: "[", count: 1_000_000), ["nesting"]),
        ("\u{feff}{\"robots\": []}", ["line 1, column 1", "byte order mark"]),
    ])
    func badScenario(text: String, words: [String]) throws {
        try program.write(text, to: "scenario.json")
        try expectRefusal(
            ["--headless", "--steps", "5", "--states", "states", "--scenario", "scenario.json"],
            exitCode: 65,
            naming: ["scenario.json"] + words
        )
    }

    /// A scenario of one robot in which one value is replaced.
    private static func robot(_ replacement: String) -> String {
        let key = replacement.prefix { $0 != ":" }
        let members = ["\"id\": \"A\"", "\"x\": 1", "\"y\": 2", "\"angle\": 3", "\"velocity\": 4"]
        return "{\"robots\": [{\(members.map { $0.hasPrefix(key) ? replacement : $0 }.joined(separator: ", "))}]}"
    }

    /// A scenario of one group in which one value is replaced.
    private static func group(_ replacement: String) -> String {
        let key = replacement.prefix { $0 != ":" }
        let members = ["\"count\": 3", "\"seed\": 1", "\"velocity\": [1, 2]"]
        return "{\"robots\": [{\(members.map { $0.hasPrefix(key) ? replacement : $0 }.joined(separator: ", "))}]}"
    }

    @Test(arguments: ["{\"robots\": []}", "", "\u{7f}ELF", "{\"kind\": \"robots\"}\n"])
    func foreignSnapshot(text: String) throws {
        try program.write(text, to: "foreign")
        try expectRefusal(
            ["--headless", "--steps", "5", "--states", "states", "--resume", "foreign"],
            exitCode: 65,
            naming: ["foreign: kind", "no snapshot", "--save"]
        )
    }

    @Test func aSnapshotOfAnotherVersion() throws {
        try program.write("{\"kind\": \"robots snapshot 2\", \"step\": 5}\n", to: "saved")
        try expectRefusal(
            ["--headless", "--steps", "5", "--resume", "saved"],
            exitCode: 65,
            naming: ["saved: kind: another version of this program has saved the snapshot"]
        )
    }

    @Test func duplicateIds() throws {
        let robot = "\"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4"
        try program.write(
            "{\"robots\": [{\"id\": \"A\", \(robot)}, {\"id\": \"B\", \(robot)}, {\"id\": \"A\", \(robot)}]}",
            to: "scenario.json"
        )
        try expectRefusal(
            ["--headless", "--scenario", "scenario.json"],
            exitCode: 65,
            naming: ["scenario.json", "robots[2].id", "\"A\"", "robots[0]"]
        )
    }

    @Test func scenarioThatIsNotText() throws {
        try Data([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x30, 0x7d]).write(
            to: program.folder.appending(path: "scenario.json")
        )
        try expectRefusal(
            ["--headless", "--scenario", "scenario.json"],
            exitCode: 65,
            naming: ["scenario.json", "UTF-8"]
        )
    }

    @Test(arguments: ["--scenario", "--resume", "--sweep"])
    func inputThatDoesNotExist(option: String) throws {
        try expectRefusal(
            ["--headless", "--steps", "5", option, "nowhere"],
            exitCode: 66,
            naming: ["nowhere", "No such file", option]
        )
    }

    @Test(arguments: [("nowhere.json", "No such file"), (".", "Is a directory")])
    func scenarioThatCannotBeRead(path: String, reason: String) throws {
        try expectRefusal(["--headless", "--scenario", path], exitCode: 66, naming: [path, reason, "--scenario"])
    }

    @Test(arguments: ["--states", "--messages", "--save", "--trails"], ["no/such/folder/file", "."])
    func outputThatCannotBeWritten(option: String, path: String) throws {
        try expectRefusal(
            ["--headless", "--steps", "5", option, path],
            exitCode: 73,
            naming: ["\(path): cannot be written"]
        )
    }

    @Test func screenshotThatCannotBeWritten() throws {
        let program = try RobotsProgram(environment: ["SDL_VIDEODRIVER": "dummy"])
        let result = try program.run(["--steps", "2", "--screenshot", "no/such/folder/picture.png"])
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("no/such/folder/picture.png"))
        #expect(try program.files.isEmpty)
    }

    @Test(arguments: [[:], ["DISPLAY": ":12345"], ["DISPLAY": "nonsense"], ["SDL_VIDEODRIVER": "nonsense"]])
    func noDisplay(environment: [String: String]) throws {
        let program = try RobotsProgram(environment: environment)
        let result = try program.run(["--steps", "5", "--states", "states"])
        #expect(result.exitCode == 69)
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        #expect(result.errors.contains("no display") && result.errors.contains("--headless"), "\(result.errors)")
        #expect(result.output == "")
        #expect(try program.files.isEmpty)
    }
}
