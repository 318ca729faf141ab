import Foundation
import RobotWorld
import Testing

/// What `--table` writes of an experiment.
@Suite struct ExperimentTableTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
        try program.write(RobotsProgram.scenario(5), to: "small.json")
    }

    /// The summary of a single run.
    private func single(_ scenario: String, steps: String) throws -> RobotsProgram.Summary {
        try program.write(scenario, to: "single.json")
        return try program.summary(["--headless", "--scenario", "single.json", "--steps", steps])
    }

    @Test func rowsAreThoseOfSingleRuns() throws {
        try program.experiment(
            """
            {"base": "small.json", "seeds": [5, 2], "steps": 60, "every": 25,
             "vary": {"robots.0.count": [3, 20], "world.width": {"from": 300, "to": 550, "step": 200}},
             "measure": ["collisions", "mean(distance)", "messages", "robots", "steps"]}
            """
        )
        #expect(
            try program.lines("table.csv")[0]
                == "run,robots_0_count,world_width,seed,step,ended,collisions,mean_distance,messages,robots,steps,digest"
        )
        var expected: [[String]] = []
        var run = 0
        for count in [3, 20] {
            for width in [300, 500] {
                for seed in [5, 2] as [UInt64] {
                    run += 1
                    for step in ["25", "50", "60"] {
                        let scenario = RobotsProgram.scenario(count, seed: seed, width: width)
                        let summary = try single(scenario, steps: step)
                        expected.append([
                            "\(run)", "\(count)", "\(width)", "\(seed)", step, "steps", "\(summary.collisions)",
                            "\(summary.messages)", "\(count)", step, summary.digest,
                        ])
                    }
                }
            }
        }
        let rows = try program.records("table.csv").dropFirst()
        #expect(rows.map { $0[..<7] + $0[8...] } == expected.map { $0[...] })
        let distances = rows.compactMap { Double($0[7]) }
        #expect(distances.count == rows.count && distances.allSatisfy { $0 > 0 && $0 <= 60 * 9 })
    }

    /// Means, and the rest, as they follow from where everyone was.
    @Test func aggregatesFollowFromTheStates() throws {
        try program.experiment(
            """
            {"base": "small.json", "steps": 40, "measure": ["mean(x)", "min(y)", "max(velocity)", "sum(distance)", "deviation(x)"]}
            """
        )
        try program.runWell(["--headless", "--scenario", "small.json", "--steps", "40", "--states", "states"])
        let states = try program.states("states")
        // From where they began: the first state is one of after the first step.
        let starts = Scenario.random(
            robots: 5,
            seed: 7,
            size: WorldSize(width: 300, height: 200),
            velocities: 2...9
        ).robots
        var places = starts.map { ($0.location.x, $0.location.y) }
        var distance = 0.0
        for state in states {
            for (index, robot) in state.robots.enumerated() {
                distance += hypot(robot.x - places[index].0, robot.y - places[index].1)
                places[index] = (robot.x, robot.y)
            }
        }
        let last = try #require(states.last).robots
        let mean = last.map(\.x).reduce(0, +) / 5
        let row = try #require(program.table("table.csv").first)
        func number(_ name: String) throws -> Double { try #require(Double(row[name] ?? "")) }
        #expect(try number("mean_x") == mean)
        #expect(try number("min_y") == last.map(\.y).min())
        #expect(try number("max_velocity") == starts.map(\.vector.velocity).max())
        #expect(try abs(number("sum_distance") - distance) < 1e-9)
        let squares = last.map { ($0.x - mean) * ($0.x - mean) }.reduce(0, +)
        #expect(try abs(number("deviation_x") - (squares / 5).squareRoot()) < 1e-9)
    }

    @Test func pandasReadsItAsItIs() throws {
        try program.experiment(
            """
            {"base": "small.json", "seeds": {"from": 18446744073709551614, "count": 2}, "steps": 30, "every": 10,
             "vary": {"robots.0.behaviour": ["bounce", "wander"], "robots.0.velocity": [[1, 5], [2, 2]]},
             "measure": ["collisions", "mean(distance)"]}
            """
        )
        let output = try program.python(
            """
            import json, pandas
            table = pandas.read_csv("table.csv")
            print(*table.columns)
            print(*table.dtypes)
            print(len(table), table.isna().sum().sum(), *table.robots_0_velocity.unique(), sep="|")
            print(*table[table.run == 3].seed.unique(), *table.seed.unique())
            print(*table.groupby("robots_0_behaviour").run.nunique())
            print((table.collisions >= 0).all(), table.mean_distance.between(0, 150).all())
            columns = json.load(open("table.csv-metadata.json"))["tableSchema"]["columns"]
            print([column["name"] for column in columns] == list(table.columns), [column["datatype"] for column in columns])
            print(json.load(open("table.csv-metadata.json"))["url"], columns[7])
            """
        )
        #expect(
            output == [
                "run robots_0_behaviour robots_0_velocity seed step ended collisions mean_distance digest",
                "int64 object object uint64 int64 object int64 float64 object",
                "24|0|[1, 5]|[2, 2]",
                "18446744073709551614 18446744073709551614 18446744073709551615",
                "4 4",
                "True True",
                "True ['integer', 'string', 'string', 'integer', 'integer', 'string', 'number', 'number', 'string']",
                "table.csv {'name': 'mean_distance', 'titles': 'mean_distance', 'datatype': 'number', "
                    + "'dc:description': 'mean over the robots: how far it has flown', 'schema:unitText': 'units'}",
            ]
        )
    }

    /// With several groups, each has a number of its own that the seed makes.
    @Test func seedsOfSeveralGroups() throws {
        func groups(_ seeds: [String]) -> String {
            let groups = seeds.map { "{\"count\": 4, \"velocity\": [3, 9]\($0)}" }
            let single = "{\"id\": \"A\", \"x\": 3, \"y\": 4, \"angle\": 30, \"velocity\": 2}"
            return "{\"robots\": [\(single), \(groups.joined(separator: ", "))]}"
        }
        // A group needs no seed then.
        try program.experiment("{\"base\": \(groups(["", ""])), \"seeds\": [9, 10], \"steps\": 20}")
        let rows = try program.table("table.csv")
        #expect(rows.map { $0["seed"] } == ["9", "10"])
        for (row, seed) in zip(rows, [9, 10] as [UInt64]) {
            var random = SplitMix64(seed: seed)
            let scenario = groups((0..<2).map { _ in ", \"seed\": \(random.next())" })
            #expect(try row["digest"] == single(scenario, steps: "20").digest)
        }
    }

    /// Without seeds and variations there is one run, as the scenario says.
    @Test func oneRun() throws {
        let result = try program.experiment("{\"base\": \"small.json\", \"steps\": 9}")
        let summary = try single(RobotsProgram.scenario(5), steps: "9")
        #expect(
            try program.text("table.csv") == """
                run,step,ended,robots,messages,collisions,digest
                1,9,steps,5,\(summary.messages),\(summary.collisions),\(summary.digest)

                """
        )
        #expect(result.output == "runs 1, finished before 0; ended by steps 1, until 0, limit 0, failed 0\n")
        #expect(
            try program.files == ["small.json", "single.json", "sweep.json", "table.csv", "table.csv-metadata.json"]
        )
    }

    /// Options take the place of what the file says, and of what the scenario says.
    @Test func stepsAndWallsOfTheOptions() throws {
        let arguments = ["--table", "table.csv", "--steps", "12", "--world", "90x80"]
        try program.experiment("{\"base\": \"small.json\", \"steps\": 9}", arguments)
        let row = try #require(program.table("table.csv").first)
        let summary = try program.summary([
            "--headless", "--scenario", "small.json", "--steps", "12", "--world", "90x80",
        ])
        #expect(row["step"] == "12" && row["digest"] == summary.digest)
    }

    /// More than there are processors by far, in the order of the list, whichever ends first.
    @Test func aThousandRuns() throws {
        try program.experiment(
            """
            {"base": "small.json", "vary": {"robots.0.count": [40, 1, 25, 2]}, "seeds": {"from": 0, "count": 250},
             "steps": 2, "measure": ["robots"]}
            """
        )
        let rows = try program.table("table.csv")
        #expect(rows.map { $0["run"] } == (1...1000).map { "\($0)" })
        #expect(rows.map { $0["seed"] } == (0..<1000).map { "\($0 % 250)" })
        #expect(rows.map { $0["robots"] } == ["40", "1", "25", "2"].flatMap { Array(repeating: $0, count: 250) })
    }

    /// Tenths are added up without going astray, and a range ends where its last step leads.
    @Test func rangesOfFractions() throws {
        let robot = "{\"id\": \"A\", \"x\": 30, \"y\": 40, \"angle\": 90, \"velocity\": 2}"
        try program.experiment(
            """
            {"base": {"robots": [\(robot)]}, "steps": 6,
             "vary": {"robots.0.velocity": {"from": -0.2, "to": 0.35, "step": 0.1}}, "measure": ["max(velocity)"]}
            """
        )
        let rows = try program.table("table.csv")
        #expect(rows.map { $0["robots_0_velocity"] } == ["-0.2", "-0.1", "0", "0.1", "0.2", "0.3"])
        #expect(rows.map { $0["max_velocity"] } == rows.map { $0["robots_0_velocity"] })
    }

    /// Without outputs there is a line for each run, as the list of scenarios has it.
    @Test func linesWithoutOutputs() throws {
        let text =
            "{\"base\": \"small.json\", \"vary\": {\"robots.0.count\": [30, 1]}, \"seeds\": [4, 3], \"steps\": 8}"
        let lines = try program.experiment(text, []).output.split(separator: "\n").map(String.init)
        let objects = try program.experiment(text, ["--summary-json"]).output.split(separator: "\n").map(String.init)
        try #require(lines.count == 4 && objects.count == 4)
        let runs = [(30, 4), (30, 3), (1, 4), (1, 3)] as [(Int, UInt64)]
        for (index, (count, seed)) in runs.enumerated() {
            let summary = try single(RobotsProgram.scenario(count, seed: seed), steps: "8")
            let name = "run \(index + 1): robots.0.count=\(count) seed \(seed)"
            let counts = "robots \(count), steps 8, messages \(summary.messages), collisions \(summary.collisions), "
            #expect(lines[index].hasPrefix("\(name): \(counts)"))
            #expect(lines[index].hasSuffix(", digest \(summary.digest)"))
            #expect(objects[index].hasPrefix("{\"scenario\": \"\(name)\", \"robots\": \(count), \"steps\": 8, "))
        }
        #expect(try program.files == ["small.json", "single.json", "sweep.json"])
    }

    /// The name of the table is an address in the description of its columns.
    @Test func aNameWithBlanks() throws {
        try program.experiment("{\"base\": \"small.json\", \"steps\": 2}", ["--table", "./my é%table.csv"])
        let metadata = try program.text("my é%table.csv-metadata.json")
        #expect(metadata.contains("\"url\": \"my%20%C3%A9%25table.csv\","))
    }

    /// The table goes where it is wanted, and what else is said goes elsewhere.
    @Test func tableOnStandardOutput() throws {
        let text = "{\"base\": \"small.json\", \"steps\": 9}"
        let result = try program.experiment(text, ["--table", "-", "--summary-json"])
        #expect(result.output.hasPrefix("run,step,ended,robots,messages,collisions,digest\n1,9,steps,5,"))
        #expect(result.output.split(separator: "\n").count == 2)
        #expect(
            result.errors == "{\"runs\": 1, \"resumed\": 0, \"steps\": 1, \"until\": 0, \"limit\": 0, \"failed\": 0}\n"
        )
        #expect(try program.files == ["small.json", "sweep.json"])
    }

    private static let ranges: [(from: String, to: String, step: String, values: [Double])] = [
        ("0", "1e-9", "1e-10", [0, 1e-10, 2e-10, 3e-10, 4e-10, 5e-10, 6e-10, 7e-10, 8e-10, 9e-10, 1e-9]),
        ("0", "1", "0.3333333333333333", [0, 0.3333333333333333, 0.6666666666666666, 1]),
        ("-0.3", "0.3", "0.1", [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]),
        ("1e6", "1000000.0000000003", "1e-10", [1e6, 1e6 + 1e-10, 1e6 + 2e-10, 1e6 + 3e-10]),
        ("1e300", "3e300", "1e300", [1e300, 2e300, 3e300]),
    ]

    /// Ranges are counted in their last digit, wherever it is, and in doubles when those have no room for it.
    @Test(arguments: ranges)
    func rangesOfAnyDecimals(from: String, to: String, step: String, values: [Double]) throws {
        try program.experiment(
            """
            {"base": {"robots": [{"id": "A", "x": 1, "y": 2, "angle": 3, "velocity": 4}]}, "steps": 1,
             "vary": {"robots.0.angle": {"from": \(from), "to": \(to), "step": \(step)}}}
            """
        )
        #expect(try program.table("table.csv").map { Double($0["robots_0_angle"] ?? "") } == values)
    }

    /// However a number is written, its cell is as the metadata say, and no digit is lost.
    @Test func numbersInOtherForms() throws {
        try program.experiment(
            """
            {"base": {"robots": [{"count": 1, "seed": 1}, {"id": "A", "x": 1, "y": 2, "angle": 3, "velocity": 4}]},
             "steps": 1, "vary": {"robots.0.count": [1.0, 2e0, 3], "robots.0.seed": [18446744073709551615, 1E1],
             "robots.1.velocity": [1.50, 2.0]}}
            """
        )
        let rows = try program.table("table.csv")
        #expect(Set(rows.map { $0["robots_0_count"] }) == ["1", "2", "3"])
        #expect(Set(rows.map { $0["robots_0_seed"] }) == ["18446744073709551615", "10"])
        #expect(Set(rows.map { $0["robots_1_velocity"] }) == ["1.5", "2"])
        let metadata = try program.text("table.csv-metadata.json")
        for (name, datatype) in [("0_count", "integer"), ("0_seed", "integer"), ("1_velocity", "number")] {
            let column = "\"name\": \"robots_\(name)\", \"titles\": \"robots_\(name)\""
            #expect(metadata.contains("\(column), \"datatype\": \"\(datatype)\""))
        }
    }

    /// A mark over a quote or a comma makes no other character of it for those who read the table.
    @Test func marksOverQuotes() throws {
        let names = ["a\"\u{301}b", "a,\u{301}b", "\"\u{20dd}"]
        let quoted = names.map { "\"" + $0.unicodeScalars.map { $0 == "\"" ? "\\\"" : "\($0)" }.joined() + "\"" }
        try program.experiment(
            """
            {"base": {"robots": [{"id": "A", "x": 1, "y": 2, "angle": 3, "velocity": 4}]}, "steps": 1,
             "vary": {"robots.0.id": [\(quoted.joined(separator: ", "))]}}
            """
        )
        let rows = try program.table("table.csv")
        #expect(
            rows.map { $0["robots_0_id"].map { Array($0.unicodeScalars) } } == names.map { Array($0.unicodeScalars) }
        )
    }
}
