import Foundation
import Testing

/// The charts over the picture, read by their pixels and letters.
@Suite(.serialized) struct ChartTests {
    private static let lines = [
        PixelGrid.Color(red: 40, green: 90, blue: 190), PixelGrid.Color(red: 200, green: 80, blue: 0),
    ]

    /// Where a chart draws in a window of the usual size, and between which numbers.
    private struct Plot {
        let index: Int
        let least: Double
        let greatest: Double

        func x(_ step: Double, of steps: Double) -> Int { 48 + Int(232 * step / steps) }
        func y(_ number: Double) -> Int {
            18 + 90 * index + Int((1 - (number - least) / (greatest - least)) * 59)
        }
    }

    /// Expects that the line passes through all the numbers, each of which is the mean of as many steps.
    private func expect(_ numbers: [Double?], of steps: Int, perPoint: Int = 1, in picture: PixelGrid, _ plot: Plot) {
        for (index, number) in numbers.enumerated() {
            guard let number else { continue }
            let width = min(perPoint, steps - index * perPoint)
            let x = plot.x(Double(index * perPoint) + Double(width) / 2, of: Double(steps))
            let y = plot.y(number)
            let isThere = (-1...1).contains { dx in
                (-1...1).contains { dy in picture[x + dx, y + dy] == Self.lines[plot.index] }
            }
            #expect(isThere, "\(number) is not at (\(x), \(y)), point \(index) of chart \(plot.index)")
        }
    }

    /// A robot on its way to the right, and back from the wall, and its x in the charts.
    @Test(arguments: [90, 400]) func linesAreWhatTheStatesSay(step: Int) throws {
        let scenario = """
            {"robots": [{"id": "A", "x": 400, "y": 300, "angle": 90, "velocity": 2, "behaviour": "bounce"},
                {"id": "B", "x": 100, "y": 400, "angle": 90, "velocity": 1, "behaviour": "bounce"}]}
            """
        let session = try WindowSession(
            ["--states", "states", "--fps", "200", "--chart", "mean(x),max(x) per step"],
            scenario: scenario,
            robots: 2
        )
        try session.wait(for: "step \(step)") { try session.step($0) ?? 0 >= step }
        try session.press("space")
        let last = try #require(try session.step(session.wait(for: "paused")))
        let picture = try session.picture()
        for word in ["mean(x)", "max(x) per step", "\(last)"] { #expect(session.finds(word, in: picture), "\(word)") }
        _ = try session.end()

        let states = try session.program.states("states").prefix(last)
        // The first steps show no robot, or one.
        let means = states.map { state -> Double? in
            state.robots.isEmpty ? nil : state.robots.reduce(0) { $0 + $1.x } / Double(state.robots.count)
        }
        let greatest = states.map { state in state.robots.map(\.x).max() }
        let changes =
            [nil]
            + zip(greatest.dropFirst(), greatest).map { later, former -> Double? in
                former.flatMap { former in later.map { $0 - former } }
            }
        func scale(_ numbers: [Double?]) throws -> (Double, Double) {
            let numbers = numbers.compactMap(\.self)
            return (try #require(numbers.min()), try #require(numbers.max()))
        }
        let (least, most) = try scale(means)
        // The turn at the wall, where the robot stands still for a step, is between steps of two and of minus two.
        #expect(try scale(changes).0 == -2 || last < 100)
        let below = least < most / 2 ? 0 : least
        let unit = Self.roundUp((most - below) / 10)
        expect(
            means,
            of: last,
            in: picture,
            Plot(index: 0, least: (below / unit).rounded(.down) * unit, greatest: (most / unit).rounded(.up) * unit)
        )
        let (slowest, fastest) = try scale(changes)
        let floor = slowest > 0 && slowest < fastest / 2 ? 0 : slowest
        let part = Self.roundUp((fastest - floor) / 10)
        expect(
            changes,
            of: last,
            in: picture,
            Plot(index: 1, least: (floor / part).rounded(.down) * part, greatest: (fastest / part).rounded(.up) * part)
        )
    }

    /// 1, 2 or 5 and zeros, at least this.
    private static func roundUp(_ number: Double) -> Double {
        var unit = 1e-9
        while true {
            for factor in [1.0, 2, 5] where factor * unit >= number * (1 - 1e-12) { return factor * unit }
            unit *= 10
        }
    }

    /// 512 points are all that is kept; then two become one, again and again.
    @Test func aLongRunKeepsItsShape() throws {
        let scenario =
            #"{"robots": [{"id": "A", "x": 20, "y": 300, "angle": 90, "velocity": 0.25, "behaviour": "bounce"}]}"#
        let session = try WindowSession(
            ["--fps", "100000", "--chart", "mean(x)", "--states", "states"],
            scenario: scenario,
            robots: 1
        )
        try session.wait(for: "step 5000") { try session.step($0) ?? 0 >= 5000 }
        try session.press("space")
        let last = try #require(try session.step(session.wait(for: "paused")))
        let picture = try session.picture()
        _ = try session.end()
        let places = try session.program.states("states").prefix(last).map { $0.robots.first?.x }
        var perPoint = 1
        while perPoint * 512 < last { perPoint *= 2 }
        let means: [Double?] = stride(from: 0, to: last, by: perPoint).map { start in
            let some = places[start..<min(start + perPoint, last)].compactMap(\.self)
            return some.reduce(0, +) / Double(some.count)
        }
        let farthest = try #require(places.compactMap(\.self).max())
        #expect(farthest > 450 && farthest <= 496)
        expect(means, of: last, perPoint: perPoint, in: picture, Plot(index: 0, least: 0, greatest: 500))
        #expect(session.finds("500", in: picture))
    }

    /// One collision and two messages a step; nothing is observed before the key is pressed, and nothing is lost while the
    /// charts are hidden.
    @Test func keyGShowsTheUsualOnes() throws {
        let session = try WindowSession(["--fps", "50"], scenario: WindowSession.resting, robots: 5)
        let (without, first) = try session.pause()
        #expect(!session.finds("collisions per step", in: without))
        try session.press("g")
        let begun = try session.wait(for: "charts") { session.finds("messages per step", in: $0) }
        #expect(session.finds("collisions per step", in: begun) && session.finds("none", in: begun))
        for _ in 1...8 { try session.press("Right") }
        let seen = try session.wait(for: "step \(first + 8)")
        // Five robots tell their heading and get a state, and so does the display.
        let plot = Plot(index: 1, least: 0, greatest: 25)
        expect([nil] + Array(repeating: 11, count: 8), of: 9, in: seen, plot)
        expect([nil] + Array(repeating: 0, count: 8), of: 9, in: seen, Plot(index: 0, least: 0, greatest: 1))
        try session.press("g")
        try session.wait(for: "no charts") { !session.finds("collisions per step", in: $0) }
        for _ in 1...4 { try session.press("Right") }
        try session.wait(for: "step \(first + 12)")
        try session.press("g")
        let later = try session.wait(for: "charts again") { session.finds("collisions per step", in: $0) }
        #expect(session.finds("\(first + 12)", in: later))
        expect([nil] + Array(repeating: 11, count: 12), of: 13, in: later, plot)
        try session.press("h")
        try session.wait(for: "help") { session.finds("G              charts", in: $0) }
        _ = try session.end()
    }

    @Test func restartBeginsThemAnew() throws {
        let session = try WindowSession(
            ["--fps", "500", "--chart", "steps"],
            scenario: WindowSession.resting,
            robots: 5
        )
        try session.wait(for: "step 300") { try session.step($0) ?? 0 > 300 }
        try session.press("minus", "minus", "minus", "r")
        try session.wait(for: "the first steps") { try session.step($0) ?? 300 < 300 }
        try session.press("space")
        let last = try #require(try session.step(session.wait(for: "paused")))
        let picture = try session.picture()
        #expect(session.finds("steps", in: picture))
        let unit = Self.roundUp(Double(last) / 10)
        let plot = Plot(index: 0, least: 0, greatest: (Double(last) / unit).rounded(.up) * unit)
        expect((1...last).map(Double.init), of: last, in: picture, plot)
        _ = try session.end()
    }

    /// It is smaller in a small window, and not there where there is no room for it.
    @Test func windowsOfOtherSizes() throws {
        let session = try WindowSession(["--chart", "collisions"], scenario: WindowSession.resting, robots: 5)
        try session.press("space")
        for (width, height, isThere) in [(400, 300, true), (200, 160, true), (140, 60, false)] {
            try session.resize(width: width, height: height)
            try session.wait(for: "\(width) × \(height)") { picture in
                try session.fields(picture).first?.hasPrefix("step") ?? false
                    && session.finds("collisions", in: picture) == isThere
            }
        }
        _ = try session.end()
    }

    /// The charts are no part of the last frame.
    @Test func theScreenshotHasNone() throws {
        let program = try RobotsProgram(environment: ["SDL_VIDEODRIVER": "dummy"])
        let arguments = ["--steps", "40", "--fps", "500", "--screenshot"]
        try program.runWell(arguments + ["with.png", "--chart", "robots,mean(velocity)"])
        try program.runWell(arguments + ["without.png"])
        #expect(try PixelGrid(file: program.path("with.png")) == PixelGrid(file: program.path("without.png")))
    }

    @Test(arguments: [
        (["--chart", "colisions"], "--chart: \"colisions\" is no measure; did you mean \"collisions\"?"),
        (["--chart", ""], "--chart: a name is empty; give one or two, such as collisions,messages"),
        (["--chart", "robots,"], "--chart: a name is empty; give one or two, such as collisions,messages"),
        (["--chart", "a,b,c"], "--chart: a,b,c are 3 names; give one or two"),
        (["--chart", "x"], "--chart: each robot has \"x\" of its own; give one of mean(x), min(x), max(x)"),
        (["--chart", "collisions", "--headless"], "--chart: there is no window with --headless; give one of them"),
        (
            ["--chart", "collisions", "--sweep", "s", "--steps", "3"],
            "--chart is for a single run; give it or --sweep"
        ),
    ])
    func wrongNames(arguments: [String], complaint: String) throws {
        let program = try RobotsProgram(environment: ["SDL_VIDEODRIVER": "dummy"])
        let result = try program.run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.errors.hasPrefix("robots: \(complaint)"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1)
    }
}
