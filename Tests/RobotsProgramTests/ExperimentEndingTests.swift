import Foundation
import Testing

/// How the runs of an experiment end.
@Suite struct ExperimentEndingTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
        try program.write(RobotsProgram.scenario(5), to: "small.json")
    }

    /// The first step at which it is so, also when that is the last one.
    @Test(arguments: ["collisions > 4", "collisions>=5", "collisions != 0", "mean(distance) > 100"])
    func until(condition: String) throws {
        let text =
            "{\"base\": \"small.json\", \"steps\": 400, \"until\": \"\(condition)\", \"measure\": [\"collisions\", \"mean(distance)\"]"
        try program.experiment("\(text), \"every\": 1}")
        let rows = try program.table("table.csv")
        let isSo = try rows.map { row in
            let collisions = try #require(Int(row["collisions"] ?? ""))
            let distance = try #require(Double(row["mean_distance"] ?? ""))
            return switch condition {
            case "collisions != 0": collisions != 0
            case "mean(distance) > 100": distance > 100
            default: collisions > 4
            }
        }
        #expect(isSo.count > 1 && isSo.firstIndex(of: true) == isSo.count - 1)
        #expect(rows.map { $0["step"] } == (1...rows.count).map { "\($0)" })
        #expect(rows.allSatisfy { $0["ended"] == "until" })

        // It comes before the number of steps.
        try program.experiment("\(text)}", ["--table", "last.csv", "--steps", "\(rows.count)"])
        #expect(try program.table("last.csv").map { $0["ended"] } == ["until"])
        #expect(try program.table("last.csv").map { $0["digest"] } == [rows.last?["digest"]])
        try program.experiment("\(text)}", ["--table", "before.csv", "--steps", "\(rows.count - 1)"])
        #expect(try program.table("before.csv").map { $0["ended"] } == ["steps"])
    }

    /// What there is nothing to measure of is never so, and has an empty cell.
    @Test func untilWithoutRobots() throws {
        try program.experiment(
            """
            {"base": {"robots": []}, "steps": 4, "until": "mean(x) != 7", "measure": ["mean(x)", "sum(x)"]}
            """
        )
        let row = try #require(program.table("table.csv").first)
        #expect(row["ended"] == "steps" && row["mean_x"] == "" && row["sum_x"] == "0")
    }

    /// A run whose time is up is in the table as far as it has come.
    @Test func limit() throws {
        let text = "{\"base\": \"small.json\", \"steps\": 100000000, \"seeds\": [1, 2], \"limit\": 1e-9}"
        let result = try program.experiment(text)
        let rows = try program.records("table.csv").dropFirst()
        #expect(rows.map { $0[..<5] } == [["1", "1", "1", "limit", "5"], ["2", "2", "1", "limit", "5"]])
        #expect(result.output == "runs 2, finished before 0; ended by steps 0, until 0, limit 2, failed 0\n")
    }

    /// It may be up before the first step.
    @Test func limitWhileRobotsJoin() throws {
        try program.experiment("{\"base\": \(RobotsProgram.scenario(3000)), \"steps\": 9, \"limit\": 1e-9}")
        #expect(try program.lines("table.csv").last == "1,0,limit,,,,")
    }

    /// Values that make sense only one by one: the other runs are made, and kept.
    @Test func aRunThatFails() throws {
        let robot = "{\"id\": \"A\", \"x\": 30, \"y\": 40, \"angle\": 90, \"velocity\": 2}"
        let text = """
            {"base": {"robots": [\(robot), {"count": 1, "seed": 2}]}, "steps": 5, "measure": ["robots"],
             "vary": {"robots.1.count": [1, 2], "robots.0.id": ["A", "R3"]}}
            """
        try program.write(text, to: "sweep.json")
        func expectFailure(resumed: Int) throws {
            let result = try program.run(["--sweep", "sweep.json", "--table", "table.csv"])
            #expect(result.exitCode == 65)
            #expect(
                result.errors == """
                    robots: sweep.json: run 4: robots.1.count=2 robots.0.id=R3: sweep.json: vary: robots[1].id: "R3" is the id \
                    of robots[0] already; give another one
                    robots: sweep.json: 1 of 4 runs have failed; the others are kept in table.csv.runs, and the same command \
                    tries these again

                    """
            )
            #expect(
                result.output
                    == "runs 4, finished before \(resumed); ended by steps 3, until 0, limit 0, failed 1\n"
            )
            let rows = try program.records("table.csv").dropFirst()
            #expect(rows.map { $0[3] } == ["5", "5", "5", "0"])
            #expect(rows.map { $0[4] } == ["steps", "steps", "steps", "failed"])
            #expect(rows.map { $0[5] } == ["2", "2", "3", ""])
        }
        try expectFailure(resumed: 0)
        try expectFailure(resumed: 3)

        // Without outputs, too.
        let result = try program.run(["--sweep", "sweep.json"])
        #expect(result.exitCode == 65 && result.output.split(separator: "\n").count == 3)
        #expect(result.errors.hasSuffix("robots: sweep.json: 1 of 4 runs have failed\n"))
    }

    /// What ends all runs does not keep it secret that one has failed before.
    @Test func aRunThatFailsAndAnOutputThatFails() throws {
        let robot = "{\"id\": \"A\", \"x\": 30, \"y\": 40, \"angle\": 90, \"velocity\": 2}"
        let text = """
            {"base": {"robots": [\(robot), {"count": 1, "seed": 2}]}, "steps": 5,
             "vary": {"robots.1.count": [2, 1], "robots.0.id": ["R3", "A"]}}
            """
        try program.write(text, to: "sweep.json")
        let result = try program.runScript("exec \"$robots\" --sweep sweep.json > /dev/full")
        #expect(result.exitCode == 73)
        let lines = result.errors.split(separator: "\n")
        try #require(lines.count == 2, "\(result.errors)")
        #expect(lines[0].hasPrefix("robots: sweep.json: run 1: robots.1.count=2 robots.0.id=R3: "))
        #expect(lines[1].contains("No space left on device"))
    }
}
