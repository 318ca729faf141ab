import Foundation
import Testing

/// What `--statistics` writes of an experiment.
@Suite struct ExperimentStatisticsTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
        try program.write(RobotsProgram.scenario(5), to: "small.json")
    }

    /// Quantiles of Student's t distribution at 0.975 by the degrees of freedom, from an integral of its density.
    private static let quantiles = [
        1: 12.706204736174714, 2: 4.302652729749463, 3: 3.1824463052837095, 4: 2.7764451051977934,
        5: 2.5705818356363115, 6: 2.446911851144969, 7: 2.364624251592782, 9: 2.262157162798203, 10: 2.228138851986271,
        29: 2.045229642132704, 30: 2.042272456301238, 99: 1.9842169515864168, 120: 1.9799304050824384,
    ]

    /// Against Python's own statistics.
    @Test(arguments: Self.quantiles.keys.sorted())
    func intervals(degrees: Int) throws {
        let text = """
            {"base": "small.json", "vary": {"robots.0.count": [3, 8]}, "seeds": {"from": 1, "count": \(degrees + 1)},
             "steps": 9, "every": 4, "measure": ["collisions", "mean(x)", "deviation(distance)"]}
            """
        try program.experiment(text, ["--table", "table.csv", "--statistics", "statistics.csv"])
        let output = try program.python(
            """
            import csv, math, statistics
            quantile = \(Self.quantiles[degrees]!)
            table = list(csv.DictReader(open("table.csv")))
            rows = list(csv.DictReader(open("statistics.csv")))
            print(*rows[0])
            keys = [(c, s, m) for c in ["3", "8"] for s in ["4", "8", "9"] for m in ["collisions", "mean_x", "deviation_distance"]]
            print([(row["robots_0_count"], row["step"], row["measure"]) for row in rows] == keys)
            def near(one, other): return math.isclose(float(one), other, rel_tol=1e-11, abs_tol=1e-11)
            count = 0
            for row, (c, s, m) in zip(rows, keys):
                values = [float(r[m]) for r in table if r["robots_0_count"] == c and r["step"] == s]
                mean, deviation = statistics.mean(values), statistics.stdev(values)
                reach = quantile * deviation / math.sqrt(len(values))
                assert int(row["n"]) == len(values) == \(degrees + 1)
                assert near(row["mean"], mean) and near(row["deviation"], deviation), (row, mean, deviation)
                assert near(row["lower"], mean - reach) and near(row["upper"], mean + reach), (row, mean, reach)
                count += deviation > 0
            print(count > 9)
            """
        )
        #expect(output == ["robots_0_count step measure n mean deviation lower upper", "True", "True"])
    }

    @Test func pandasComesToTheSame() throws {
        let text = """
            {"base": "small.json", "seeds": {"from": 1, "count": 7}, "steps": 30, "every": 10,
             "vary": {"robots.0.behaviour": ["bounce", "wander"], "world.width": [300, 200]},
             "measure": ["collisions", "mean(distance)"]}
            """
        try program.experiment(text, ["--table", "table.csv", "--statistics", "statistics.csv"])
        let output = try program.python(
            """
            import pandas
            table, statistics = pandas.read_csv("table.csv"), pandas.read_csv("statistics.csv")
            keys = ["robots_0_behaviour", "world_width", "step"]
            long = table.melt(id_vars=keys, value_vars=["collisions", "mean_distance"], var_name="measure")
            expected = long.groupby(keys + ["measure"]).value.agg(["count", "mean", "std"])
            found = statistics.set_index(keys + ["measure"]).sort_index()
            print(*statistics.dtypes)
            print((found.n == expected["count"]).all(), len(found), len(expected))
            print((found["mean"] - expected["mean"]).abs().max() < 1e-9, (found.deviation - expected["std"]).abs().max() < 1e-9)
            """
        )
        #expect(
            output == ["object int64 int64 object int64 float64 float64 float64 float64", "True 24 24", "True True"]
        )
    }

    /// A single run says nothing of how far others would be away.
    @Test func oneSeed() throws {
        let text = "{\"base\": \"small.json\", \"steps\": 7, \"measure\": [\"robots\", \"mean(x)\"]}"
        try program.experiment(text, ["--statistics", "statistics.csv", "--table", "table.csv"])
        let mean = try #require(try program.table("table.csv").first?["mean_x"])
        #expect(
            try program.text("statistics.csv") == """
                step,measure,n,mean,deviation,lower,upper
                7,robots,1,5,,,
                7,mean_x,1,\(mean),,,

                """
        )
    }

    /// Runs that end at different steps are compared at their ends; with `every`, at each step those that have it.
    @Test func runsOfDifferentLengths() throws {
        let text = """
            {"base": "small.json", "seeds": {"from": 1, "count": 6}, "steps": 90, "until": "collisions > 3",
             "measure": ["steps", "collisions"]
            """
        try program.experiment(text + "}", ["--statistics", "statistics.csv", "--table", "table.csv"])
        let lasts = try program.table("table.csv").compactMap { Int($0["step"] ?? "") }
        try #require(lasts.count == 6 && Set(lasts).count > 1)
        let rows = Array(try program.records("statistics.csv").dropFirst())
        #expect(rows.map { $0[..<3] } == [["", "steps", "6"], ["", "collisions", "6"]])
        #expect(abs((Double(rows[0][3]) ?? .nan) - Double(lasts.reduce(0, +)) / 6) < 1e-9)

        try program.experiment(text + ", \"every\": 5}", ["--statistics", "statistics.csv", "--table", "table.csv"])
        let steps = try program.table("table.csv").compactMap { Int($0["step"] ?? "") }
        let counts = Dictionary(grouping: steps) { $0 }.mapValues(\.count)
        let found = try program.table("statistics.csv").filter { $0["measure"] == "steps" }
        #expect(found.map { $0["step"] } == counts.keys.sorted().map { "\($0)" })
        #expect(found.map { $0["n"] } == counts.keys.sorted().map { "\(counts[$0]!)" })
    }

    /// Nothing is said of what was not measured.
    @Test func nothingMeasured() throws {
        let text = "{\"base\": {\"robots\": []}, \"steps\": 7, \"measure\": [\"mean(x)\"]}"
        try program.experiment(text, ["--statistics", "statistics.csv", "--plot", "plot.svg"])
        #expect(try program.lines("statistics.csv")[1] == "7,mean_x,0,,,,")
        #expect(try program.text("plot.svg").contains(">nothing was measured</text>"))
    }
}
