import Foundation
import Testing

/// What `--plot` draws of an experiment.
@Suite struct ExperimentPlotTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
        try program.write(RobotsProgram.scenario(5), to: "small.json")
    }

    private typealias Point = (x: Double, y: Double)

    /// Runs an experiment, and gives its picture, which readers of XML and SVG take.
    private func picture(_ text: String) throws -> String {
        let outputs = ["--plot", "plot.svg", "--table", "table.csv", "--statistics", "statistics.csv"]
        try program.experiment(text, outputs)
        let script = "xmllint --noout plot.svg && rsvg-convert plot.svg -o plot.png"
        let result = try program.runScript(script)
        try #require(result.exitCode == 0, "\(result.errors)")
        return try program.text("plot.svg")
    }

    /// The lines of a picture, by their titles.
    private func lines(_ picture: String) -> [(title: String, points: [Point])] {
        picture.matches(of: #/<path d="M([^"]*)" fill="none" [^>]*><title>(.*)</title></path>/#).map { match in
            let points = match.1.split(separator: "L").map { text in
                let numbers = text.split(separator: " ").compactMap { Double($0) }
                return (x: numbers[0], y: numbers[1])
            }
            return (String(match.2), points)
        }
    }

    /// Texts of the picture.
    private func texts(_ picture: String) -> [String] {
        picture.matches(of: #/<text [^>]*>(.*)</text>/#).map { String($0.1) }
    }

    /// Whether places in the picture are numbers times a scale, and the scale is the same for all, up to a tenth of a pixel.
    private func areInProportion(_ places: [Double], _ numbers: [Double]) throws -> Bool {
        let (first, last) = (
            numbers.indices.min { numbers[$0] < numbers[$1] }!, numbers.indices.max { numbers[$0] < numbers[$1] }!
        )
        let scale = (places[last] - places[first]) / (numbers[last] - numbers[first])
        return zip(places, numbers).allSatisfy { abs(places[first] + ($1 - numbers[first]) * scale - $0) < 0.21 }
    }

    /// Each line goes through the means, and the bands are where the intervals are.
    @Test func linesOverTime() throws {
        let picture = try picture(
            """
            {"base": "small.json", "seeds": {"from": 1, "count": 5}, "steps": 80, "every": 10, "plot": "mean(distance)",
             "vary": {"robots.0.behaviour": ["bounce", "wander"], "robots.0.count": [3, 9]},
             "measure": ["collisions", "mean(distance)"]}
            """
        )
        let lines = lines(picture)
        #expect(lines.map(\.title) == ["bounce, 3", "bounce, 9", "wander, 3", "wander, 9"])
        let rows = try program.table("statistics.csv").filter { $0["measure"] == "mean_distance" }
        func numbers(_ name: String) throws -> [Double] { try rows.map { try #require(Double($0[name] ?? "")) } }
        let points = lines.flatMap(\.points)
        try #require(points.count == rows.count && rows.count == 32)
        #expect(try areInProportion(points.map(\.x), numbers("step")))
        #expect(try areInProportion(points.map(\.y), numbers("mean")))
        // Upwards is upwards.
        #expect(lines.allSatisfy { $0.points[0].y > $0.points[7].y })

        let bands = picture.matches(of: #/<path d="M([^"]*)Z" fill="#[0-9a-f]*" fill-opacity/#).map { match in
            match.1.split(separator: "L").map { Double($0.split(separator: " ")[1]) ?? .nan }
        }
        try #require(bands.count == 4 && bands.allSatisfy { $0.count == 16 })
        let upper = bands.flatMap { $0[..<8] }
        let lower = bands.flatMap { $0[8...].reversed() }
        #expect(
            try areInProportion(points.map(\.y) + upper + lower, numbers("mean") + numbers("upper") + numbers("lower"))
        )
        let texts = texts(picture)
        #expect(texts.first == "mean(distance) in sweep.json" && texts[1] == "mean of 5 seeds, and its 95 % interval")
        #expect(texts.contains("step") && texts.contains("mean(distance), units"))
        #expect(
            texts.suffix(5) == [
                "robots.0.behaviour, robots.0.count", "bounce, 3", "bounce, 9", "wander, 3", "wander, 9",
            ]
        )
        // Round numbers along the axes.
        for tick in ["0", "10", "20", "80", "100", "200"] { #expect(texts.contains(tick)) }
    }

    /// With one step for each run: a point for each combination, over the numbers that are varied.
    @Test func pointsOverNumbers() throws {
        let picture = try picture(
            """
            {"base": "small.json", "seeds": [1, 2, 3], "steps": 30, "measure": ["collisions"],
             "vary": {"robots.0.count": [2, 10, 30], "world.width": [200, 300]}}
            """
        )
        #expect(picture.matches(of: #/<circle /#).count == 6)
        #expect(lines(picture).map(\.title) == ["200", "300"])
        let rows = try program.table("statistics.csv")
        for (line, width) in zip(lines(picture), ["200", "300"]) {
            let ofLine = rows.filter { $0["world_width"] == width }
            #expect(
                try areInProportion(line.points.map(\.x), ofLine.map { try #require(Double($0["robots_0_count"]!)) })
            )
            #expect(try areInProportion(line.points.map(\.y), ofLine.map { try #require(Double($0["mean"]!)) }))
        }
        let texts = texts(picture)
        #expect(texts.contains("robots.0.count") && texts.suffix(3) == ["world.width", "200", "300"])
    }

    /// Words are no numbers: the combinations stand beside each other.
    @Test func pointsOfWords() throws {
        let picture = try picture(
            """
            {"base": {"robots": [{"count": 3, "seed": 1, "behaviour": "wander"}, {"id": "<&\\">", "x": 1, "y": 2, "angle": 3, "velocity": 4}]},
             "vary": {"robots.1.id": ["<&\\">", "B"], "robots.0.behaviour": ["avoid", "bounce"]},
             "steps": 30, "measure": ["messages"]}
            """
        )
        // Points, and as many in the legend.
        #expect(picture.matches(of: #/<circle /#).count == 8)
        let texts = texts(picture)
        #expect(texts.contains("combination") && !texts.contains { $0.contains("seeds") })
        for tick in ["1", "2", "3", "4"] { #expect(texts.contains(tick)) }
        #expect(texts.suffix(4) == ["&lt;&amp;\"&gt;, avoid", "&lt;&amp;\"&gt;, bounce", "B, avoid", "B, bounce"])
    }

    /// Thirty combinations are told apart by colour and dashes, and all of them are in the legend.
    @Test func thirtyCombinations() throws {
        let picture = try picture(
            """
            {"base": "small.json", "steps": 20, "every": 5, "measure": ["collisions"],
             "vary": {"robots.0.count": {"from": 1, "to": 30, "step": 1}}}
            """
        )
        #expect(lines(picture).map(\.title) == (1...30).map { "\($0)" })
        #expect(texts(picture).suffix(31) == ["robots.0.count"] + (1...30).map { "\($0)" })
        let strokes = picture.matches(of: #/fill="none" (stroke="[^>]*)><title>/#).map { $0.1 }
        #expect(Set(strokes).count == 30)
        let height = try #require(picture.firstMatch(of: #/height="([0-9.]*)" viewBox/#).flatMap { Double($0.1) })
        let lowest = picture.matches(of: #/<text x="[0-9.]*" y="([0-9.]*)"/#).compactMap { Double($0.1) }.max()
        #expect(try #require(lowest) < height)
    }

    /// A line of more points than there are pixels is drawn with fewer.
    @Test func manySteps() throws {
        let picture = try picture(
            """
            {"base": "small.json", "steps": 4501, "every": 2, "measure": ["mean(x)"], "vary": {"robots.0.count": [1]}}
            """
        )
        let points = try #require(lines(picture).first).points
        #expect(points.count <= 1002 && points.count > 500)
        #expect(try program.lines("statistics.csv").count == 2252)
    }

    /// A quantity that never changes has an axis all the same.
    @Test(arguments: ["[\"robots\"]", "[\"min(collisions)\"]", "[\"sum(velocity)\"]"])
    func constant(measure: String) throws {
        let robot = "{\"id\": \"A\", \"x\": 30, \"y\": 40, \"angle\": 90, \"velocity\": -1e-30}"
        let picture = try picture(
            "{\"base\": {\"robots\": [\(robot)]}, \"steps\": 9, \"every\": 1, \"measure\": \(measure)}"
        )
        #expect(!picture.contains("nan") && !picture.contains("inf"))
    }

    /// The runs are made then, and the other files are as good as ever.
    @Test func infiniteMeans() throws {
        let robot = "{\"id\": \"A\", \"x\": 1, \"y\": 2, \"angle\": 3, \"velocity\": 4}"
        let text = """
            {"base": {"robots": [\(robot), {"count": 1, "seed": 1}]}, "seeds": [1, 2], "steps": 3,
             "measure": ["max(velocity)"], "vary": {"robots.0.velocity": [100, 1.5e308, 300]}}
            """
        try program.write(text, to: "sweep.json")
        let result = try program.runWell(["--sweep", "sweep.json", "--plot", "plot.svg", "--table", "table.csv"])
        #expect(
            result.errors
                == "robots: plot.svg: 1 of 3 points is left out: the numbers are too large to be drawn\n"
        )
        #expect(try program.text("plot.svg").matches(of: #/<circle [^>]*r="4"/#).count == 2)
        #expect(try program.table("table.csv").count == 6)
    }
}
