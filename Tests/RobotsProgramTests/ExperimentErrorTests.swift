import Foundation
import Testing

/// What an experiment says that makes no sense: one line that names file, key and value, and says what to do.
@Suite struct ExperimentErrorTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
        try program.write(RobotsProgram.scenario(5), to: "small.json")
        try program.write(
            "{\"robots\": [{\"id\": \"A\", \"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4}]}",
            to: "one.json"
        )
    }

    private static let usual = "\"base\": \"small.json\", \"steps\": 5"

    private static let mistakes: [(text: String, message: String)] = [
        // The base scenario.
        ("\"vary\": {}, \"steps\": 5", "base: missing; give the name of a scenario file, or a scenario"),
        ("\"base\": 7, \"steps\": 5", "base: 7 is no scenario; give the name of a scenario file, or a scenario"),
        ("\"base\": {}, \"steps\": 5", "base: robots: missing; give an array of robots"),
        (
            "\"base\": {\"robots\": [{\"count\": 0, \"seed\": 1}]}, \"steps\": 5",
            "base: robots[0].count: 0 is not possible; give a whole number from 1 to 1000000"
        ),
        ("\"base\": \"small.json\"", "steps: missing; give the number of steps of a run, or --steps"),
        ("\"base\": \"small.json\", \"step\": 5", "step: unknown key at line 1, column 24: did you mean \"steps\"?"),
        (
            "\"base\": \"small.json\", \"steps\": 0",
            "steps: 0 is not possible; give a whole number from 1 to 9223372036854775807"
        ),
        // What is varied.
        (
            "\(usual), \"vary\": 7",
            "vary: 7 is no object; give an object of paths, such as {\"robots.0.count\": [100, 200]}"
        ),
        (
            "\(usual), \"vary\": {\"robots.0.count\": 5}",
            "vary.robots.0.count: 5 is no list; give a list of values, or {\"from\": …, \"to\": …, \"step\": …}"
        ),
        (
            "\(usual), \"vary\": {\"robots.0.count\": []}",
            "vary.robots.0.count: the list is empty; give a list of values, or {\"from\": …, \"to\": …, \"step\": …}"
        ),
        (
            "\(usual), \"vary\": {\"robots.0.cout\": [1]}",
            "vary.robots.0.cout: there is no such place in the base scenario: robots.0 has no \"cout\"; did you mean \"count\"?"
        ),
        (
            "\(usual), \"vary\": {\"robots.00.count\": [1]}",
            "vary.robots.00.count: there is no such place in the base scenario: robots has 1 elements, and none is \"00\"; "
                + "give a number from 0 to 0"
        ),
        (
            "\(usual), \"vary\": {\"robots.0.count\": [7, 8], \"robots.0\": [{\"count\": 3, \"seed\": 1}]}",
            "vary.robots.0: it is varied by \"robots.0.count\" too; leave one of them out"
        ),
        (
            "\(usual), \"vary\": {\"robots\": [[]], \"robots.0\": [{\"count\": 3, \"seed\": 1}]}",
            "vary.robots.0: it is varied by \"robots\" too; leave one of them out"
        ),
        (
            "\(usual), \"vary\": {\"robots.1.count\": [1]}",
            "vary.robots.1.count: there is no such place in the base scenario: robots has 1 elements, and none is \"1\"; "
                + "give a number from 0 to 0"
        ),
        (
            "\(usual), \"vary\": {\"robots.all\": [1]}",
            "vary.robots.all: there is no such place in the base scenario: robots has 1 elements, and none is \"all\"; "
                + "give a number from 0 to 0"
        ),
        (
            "\(usual), \"vary\": {\"walls\": [1]}",
            "vary.walls: there is no such place in the base scenario: it has no \"walls\"; give one of its keys, \"world\", "
                + "\"robots\""
        ),
        (
            "\(usual), \"vary\": {\"world.width.left\": [1]}",
            "vary.world.width.left: there is no such place in the base scenario: world.width is 300, in which there is no "
                + "\"left\"; end the path there"
        ),
        (
            "\(usual), \"vary\": {\"\": [1]}",
            "vary.: there is no such place in the base scenario: it has no \"\"; give one of its keys, \"world\", \"robots\""
        ),
        (
            "\(usual), \"vary\": {\"robots.0.count\": [1, 2, 1]}",
            "vary.robots.0.count: 1 is there twice; leave one of them out"
        ),
        (
            "\(usual), \"vary\": {\"robots.0.count\": [1, 2, 1.0]}",
            "vary.robots.0.count: 1 is there twice; leave one of them out"
        ),
        (
            "\(usual), \"vary\": {\"world\": [{\"width\": 30, \"height\": 9}, {\"height\": 9.0, \"width\": 3e1}]}",
            "vary.world: {\"height\": 9, \"width\": 30} is there twice; leave one of them out"
        ),
        (
            "\(usual), \"vary\": {\"robots.0.count\": [1, 0]}",
            "vary: robots[0].count: 0 is not possible; give a whole number from 1 to 1000000"
        ),
        (
            "\(usual), \"vary\": {\"robots.0.behaviour\": [\"bounce\", \"fly\"]}",
            "vary: robots[0].behaviour: \"fly\" is no behaviour; give classic, bounce, wander or avoid"
        ),
        (
            "\(usual), \"vary\": {\"world\": [{\"width\": 5, \"hight\": 4}]}",
            "vary: world.hight: unknown key at line 1, column 68: did you mean \"height\"?"
        ),
        (
            "\(usual), \"vary\": {\"world.width\": {\"from\": 1, \"to\": 3}}",
            "vary.world.width.step: missing; give a number"
        ),
        (
            "\(usual), \"vary\": {\"world.width\": {\"from\": 1, \"to\": 3, \"by\": 1}}",
            "vary.world.width.by: unknown key at line 1, column 81: known here are \"from\", \"to\", \"step\""
        ),
        (
            "\(usual), \"vary\": {\"world.width\": {\"from\": 1, \"to\": 3, \"step\": 0}}",
            "vary.world.width.step: 0 leads nowhere; give a number greater than 0"
        ),
        (
            "\(usual), \"vary\": {\"world.width\": {\"from\": 1, \"to\": 3, \"step\": -1}}",
            "vary.world.width.step: -1 leads nowhere; give a number greater than 0"
        ),
        (
            "\(usual), \"vary\": {\"world.width\": {\"from\": 3.5, \"to\": 3, \"step\": 1}}",
            "vary.world.width.from: 3.5 is greater than to, 3; give the lesser one first"
        ),
        (
            "\(usual), \"vary\": {\"world.width\": {\"from\": 1, \"to\": 3, \"step\": 1e-7}}",
            "vary.world.width.step: 1e-07 makes more than 1000000 values; give a greater one"
        ),
        (
            "\(usual), \"vary\": {\"world.width\": {\"from\": 1, \"to\": 2, \"step\": 0.5}}",
            "vary: world.width: 1.5 is not possible; give a whole number from 1 to 1000000"
        ),
        // Seeds.
        ("\(usual), \"seeds\": 5", "seeds: 5 is no list; give a list of whole numbers, or {\"from\": …, \"count\": …}"),
        (
            "\(usual), \"seeds\": []",
            "seeds: the list is empty; give a list of whole numbers, or {\"from\": …, \"count\": …}"
        ),
        (
            "\(usual), \"seeds\": [1, -2]",
            "seeds[1]: -2 is not possible; give a whole number from 0 to 18446744073709551615"
        ),
        ("\(usual), \"seeds\": [1, 5, 1]", "seeds[2]: 1 is there twice; leave one of them out"),
        (
            "\(usual), \"seeds\": {\"from\": 1, \"count\": 0}",
            "seeds.count: 0 is not possible; give a whole number from 1 to 1000000"
        ),
        (
            "\(usual), \"seeds\": {\"from\": 1, \"to\": 3}",
            "seeds.to: unknown key at line 1, column 57: known here are \"from\", \"count\""
        ),
        (
            "\(usual), \"seeds\": {\"from\": 18446744073709551615, \"count\": 2}",
            "seeds.from: 18446744073709551615 leaves no room for 2 seeds; give a smaller one"
        ),
        (
            "\(usual), \"seeds\": [1], \"vary\": {\"robots.0.seed\": [1, 2]}",
            "seeds: \"seeds\" gives every group a seed, and vary has \"robots.0.seed\" too; leave one of them out"
        ),
        (
            "\"base\": \"one.json\", \"steps\": 5, \"seeds\": [1]",
            "seeds: the scenario has no group of random robots that they could change; give a group with \"count\", or leave "
                + "\"seeds\" out"
        ),
        (
            "\(usual), \"seeds\": {\"from\": 1, \"count\": 1000000}, \"vary\": {\"robots.0.count\": [1, 2]}",
            "vary: 2 × 1000000 runs are more than 1000000; give fewer values or seeds"
        ),
        // Measures.
        (
            "\(usual), \"measure\": \"robots\"",
            "measure: \"robots\" is not an array; give an array of names of measures, such as \"collisions\" and \"mean(distance)\""
        ),
        (
            "\(usual), \"measure\": []",
            "measure: the list is empty; give names of measures, such as \"collisions\" and \"mean(distance)\""
        ),
        ("\(usual), \"measure\": [3]", "measure[0]: 3 is not a string; give the name of a measure"),
        (
            "\(usual), \"measure\": [\"robots\", \"robots\"]",
            "measure[1]: \"robots\" is there twice; leave one of them out"
        ),
        (
            "\(usual), \"measure\": [\"colisions\"]",
            "measure[0]: \"colisions\" is no measure; did you mean \"collisions\"?"
        ),
        (
            "\(usual), \"measure\": [\"temperature\"]",
            "measure[0]: \"temperature\" is no measure; give one of steps, robots, messages, collisions, or mean(x) and the "
                + "like of collisions, distance, x, y, velocity"
        ),
        (
            "\(usual), \"measure\": [\"mean(distanc)\"]",
            "measure[0]: \"distanc\" is no measure of robots; did you mean \"distance\"?"
        ),
        (
            "\(usual), \"measure\": [\"mean(q)\"]",
            "measure[0]: \"q\" is no measure of robots; give one of collisions, distance, x, y, velocity"
        ),
        (
            "\(usual), \"measure\": [\"distance\"]",
            "measure[0]: each robot has \"distance\" of its own; give one of mean(distance), min(distance), max(distance), "
                + "sum(distance), deviation(distance)"
        ),
        (
            "\(usual), \"measure\": [\"mean(messages)\"]",
            "measure[0]: \"messages\" is of the whole world; give it without mean()"
        ),
        ("\(usual), \"measure\": [\"men(x)\"]", "measure[0]: \"men\" makes no number of many; did you mean \"mean\"?"),
        (
            "\(usual), \"measure\": [\"median(x)\"]",
            "measure[0]: \"median\" makes no number of many; did you mean \"mean\"?"
        ),
        (
            "\(usual), \"measure\": [\"mean(x\"]",
            "measure[0]: \"mean(x\" is no measure; give a name such as collisions, or one such as mean(distance)"
        ),
        (
            "\(usual), \"plot\": \"messages\", \"measure\": [\"robots\"]",
            "plot: \"messages\" is not in \"measure\"; give one of robots"
        ),
        // The end of a run.
        (
            "\(usual), \"until\": \"collisions\"",
            "until: \"collisions\" compares nothing; give a measure, one of < <= > >= == !=, and a number, such as "
                + "\"collisions > 1000\""
        ),
        (
            "\(usual), \"until\": \"collisions = 5\"",
            "until: \"collisions = 5\" compares nothing; give a measure, one of < <= > >= == !=, and a number, such as "
                + "\"collisions > 1000\""
        ),
        (
            "\(usual), \"until\": \"collisions > many\"",
            "until: \"many\" is not a number; give one after >, such as \"collisions > 1000\""
        ),
        (
            "\(usual), \"until\": \"collisions > inf\"",
            "until: \"inf\" is not a number; give one after >, such as \"collisions > 1000\""
        ),
        ("\(usual), \"until\": \"colisions > 5\"", "until: \"colisions\" is no measure; did you mean \"collisions\"?"),
        ("\(usual), \"until\": 5", "until: 5 is not a string; give a string"),
        (
            "\(usual), \"every\": 0",
            "every: 0 is not possible; give a whole number from 1 to 9223372036854775807"
        ),
        ("\(usual), \"limit\": 0", "limit: 0 is no time for a run; give a number of seconds greater than 0"),
        ("\(usual), \"limit\": \"1 h\"", "limit: \"1 h\" is not a number; give a number"),
    ]

    @Test(arguments: mistakes)
    func mistake(text: String, message: String) throws {
        try program.write("{\(text)}", to: "sweep.json")
        for arguments in [[], ["--table", "table.csv", "--statistics", "s.csv", "--plot", "p.svg"]] {
            let result = try program.run(["--sweep", "sweep.json"] + arguments)
            #expect(result.exitCode == 65 && result.output == "")
            #expect(result.errors == "robots: sweep.json: \(message)\n")
        }
        #expect(try program.files == ["small.json", "one.json", "sweep.json"])
    }

    /// What is wrong in the file of the base scenario is said of that file.
    @Test func baseFile() throws {
        try program.write("{\"base\": \"folder/b.json\", \"steps\": 5}", to: "sweep.json")
        var result = try program.run(["--sweep", "sweep.json"])
        #expect(result.exitCode == 66)
        #expect(result.errors.hasPrefix("robots: folder/b.json: cannot be read: No such file"), "\(result.errors)")
        #expect(result.errors.hasSuffix("; name another one in line 1 of sweep.json, base\n"))
        try FileManager.default.createDirectory(atPath: program.path("folder"), withIntermediateDirectories: false)
        try program.write("{\"robots\": [{\"count\": 1}]}", to: "folder/b.json")
        result = try program.run(["--sweep", "sweep.json"])
        #expect(result.exitCode == 65)
        #expect(result.errors.hasPrefix("robots: folder/b.json: robots[0].seed: missing"), "\(result.errors)")
        // Beside the sweep file.
        try program.write("{\"base\": \"b.json\", \"seeds\": [3], \"steps\": 5}", to: "folder/sweep.json")
        #expect(
            try program.runWell(["--sweep", "folder/sweep.json"]).output.hasPrefix("run 1: seed 3: robots 1, steps 5, ")
        )
    }

    @Test func wallsThatAreVaried() throws {
        try program.write("{\(Self.usual), \"vary\": {\"world.width\": [20, 30]}}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json", "--world", "50x50"])
        let message = "vary.world.width: --world moves the walls of all runs; leave one of the two out"
        #expect(result.exitCode == 65 && result.errors == "robots: sweep.json: \(message)\n")
    }

    @Test(arguments: [["--steps", "5"], ["--table", "out"], []])
    func neitherAListNorAnExperiment(options: [String]) throws {
        try program.write("{}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json"] + options)
        #expect(result.exitCode == 65)
        #expect(result.errors.hasPrefix("robots: sweep.json: scenarios: "), "\(result.errors)")
    }

    /// A list of scenarios has no table.
    @Test(arguments: ["--table", "--statistics", "--plot"])
    func listOfScenarios(option: String) throws {
        try program.write("{\"scenarios\": [\"one.json\"]}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json", "--steps", "5", option, "out"])
        #expect(result.exitCode == 64)
        let reason = "sweep.json is no experiment, of which it could be written"
        let remedy = "give a sweep with \"base\", or leave it out; robots --help explains the options"
        #expect(result.errors == "robots: \(option): \(reason); \(remedy)\n")
    }

    @Test(arguments: [
        ["--table", "t"], ["--sweep", "sweep.json", "--table", "t", "--statistics", "t"],
        ["--sweep", "sweep.json", "--plot", "sweep.json"], ["--sweep", "sweep.json", "--table", ""],
        ["--sweep", "sweep.json", "--table", "t", "--plot", "t.runs"],
        ["--sweep", "sweep.json", "--table", "t", "--plot", "t-metadata.json"],
        ["--sweep", "sweep.json", "--table", "small.json"], ["--sweep", "sweep.json", "--plot", "./small.json"],
    ])
    func options(arguments: [String]) throws {
        try program.write("{\(Self.usual)}", to: "sweep.json")
        let result = try program.run(arguments)
        #expect(result.exitCode == 64 && result.output == "")
        #expect(result.errors.count { $0 == "\n" } == 1 && result.errors.contains("--"), "\(result.errors)")
        #expect(try program.files == ["small.json", "one.json", "sweep.json"])
    }

    /// A limit that no clock can count is none.
    @Test(arguments: ["1e9", "1e21", "1e300"])
    func largeLimits(limit: String) throws {
        try program.write("{\(Self.usual), \"limit\": \(limit)}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json", "--table", "t"])
        #expect(result.exitCode == 0 && result.errors == "", "\(result.errors)")
    }

    @Test(arguments: ["--table", "--statistics", "--plot"])
    func outputsThatCannotBeWritten(option: String) throws {
        try program.write("{\(Self.usual)}", to: "sweep.json")
        let result = try program.run(["--sweep", "sweep.json", option, "no/folder/file"])
        #expect(result.exitCode == 73)
        #expect(result.errors.hasPrefix("robots: no/folder/file: cannot be written: "), "\(result.errors)")
    }
}
