import Foundation
import Testing

/// Readers of others take the picture of every run.
@Suite struct LongTrailsTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    @Test func manySteps() throws {
        let result = try program.runWell(["--headless", "--steps", "100000", "--trails", "trails.svg"])
        #expect(result.errors.hasPrefix("robots: trails.svg: ") && result.errors.contains("the paths are simplified"))
        #expect(result.errors.count { $0 == "\n" } == 1)
        _ = try PixelGrid.tool(["xmllint", "--noout", program.path("trails.svg")])
        // A small picture, which takes a fifth of the time: the file is read as a whole all the same.
        _ = try PixelGrid.tool([
            "rsvg-convert", "--width", "100", program.path("trails.svg"), "-o", program.path("trails.png"),
        ])
        #expect(try PixelGrid(file: program.path("trails.png")).width == 100)
        let drawing = try TrailsReader(program.text("trails.svg"))
        #expect(drawing.longest < 200_000)
        #expect(drawing.trails.count == 12)
        let points = drawing.trails.reduce(0) { $0 + $1.points.count }
        #expect((250_000...1_000_000).contains(points), "\(points)")

        // What the line says is true.
        let said = try #require(try #/distance of up to ([0-9.]+)/#.firstMatch(in: result.errors)?.1)
        let distance = try #require(Double(said))
        #expect(distance < 2, "\(distance)")
        try program.runWell(["--headless", "--steps", "3000", "--every", "100", "--states", "states"])
        for state in try program.states("states").suffix(20) {
            for (id, robot) in zip(state.ids, state.robots) {
                let trail = try #require(drawing.trails.first { $0.name == id })
                let beginning = TrailsReader.Trail(name: id, points: Array(trail.points.prefix(4000)))
                #expect(beginning.distance(robot.x, robot.y) < distance + 0.01, "\(id) in step \(state.step)")
            }
        }
    }

    /// Where even simplified paths have too many points, the newest parts are a picture still.
    @Test func tooManySteps() throws {
        let result = try program.runWell([
            "--headless", "--robots", "400", "--seed", "1", "--behaviour", "avoid", "--steps", "6000", "--trails",
            "trails.svg", "--states", "states", "--every", "6000",
        ])
        #expect(result.errors.contains(", and their oldest parts are left out\n"), "\(result.errors)")
        let said = try #require(try #/distance of up to ([0-9.]+)/#.firstMatch(in: result.errors)?.1)
        let distance = try #require(Double(said))
        #expect(distance < 496.0 / 100, "\(distance)")
        let drawing = try TrailsReader(program.text("trails.svg"))
        #expect(drawing.trails.count == 400)
        let points = drawing.trails.reduce(0) { $0 + $1.points.count }
        #expect((250_000...1_000_000).contains(points), "\(points)")
        let end = try #require(try program.states("states").last)
        for (id, robot) in zip(end.ids, end.robots) {
            let trail = try #require(drawing.trails.first { $0.name == id })
            let ending = TrailsReader.Trail(name: id, points: Array(trail.points.suffix(10)))
            #expect(ending.distance(robot.x, robot.y) < distance + 0.01, "\(id)")
        }
    }

    /// Robots that fly straight on need a point for each wall only.
    @Test func straightLinesAreShort() throws {
        try program.runWell([
            "--headless", "--robots", "20", "--seed", "4", "--behaviour", "bounce", "--steps", "20000", "--trails",
            "trails.svg",
        ])
        #expect(try Data(contentsOf: program.folder.appending(path: "trails.svg")).count < 400_000)
    }

    @Test func manyRobots() throws {
        let result = try program.runWell([
            "--headless", "--robots", "300001", "--seed", "1", "--steps", "1", "--trails", "trails.svg",
        ])
        #expect(result.errors.contains("have none, and share their colours"), "\(result.errors)")
        _ = try PixelGrid.tool(["xmllint", "--noout", program.path("trails.svg")])
        _ = try PixelGrid.tool(["rsvg-convert", program.path("trails.svg"), "-o", program.path("trails.png")])
        #expect(try PixelGrid(file: program.path("trails.png")).width == 1020)
    }

    /// As many as have names.
    @Test func aThirdOfAMillionElements() throws {
        let result = try program.runWell([
            "--headless", "--robots", "100000", "--seed", "1", "--steps", "1", "--trails", "trails.svg",
        ])
        #expect(result.errors == "")
        let drawing = try TrailsReader(program.text("trails.svg"))
        #expect(drawing.trails.count == 100_000)
        #expect(drawing.elements <= 3 * 100_000 + 4)
    }
}
