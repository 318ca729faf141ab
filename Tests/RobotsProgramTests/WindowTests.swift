import Foundation
import Testing

/// The program with a real window, on a screen in memory.
@Suite(.serialized) struct WindowTests {
    let screen: VirtualScreen
    let program: RobotsProgram

    init() throws {
        screen = try VirtualScreen()
        program = try RobotsProgram(environment: ["DISPLAY": screen.name])
    }

    /// Robots that fly, never near each other, and one that begins outside and stays there.
    private static let flying = """
        {"robots": [
            {"id": "A", "x": 20, "y": 30, "angle": 135, "velocity": 3},
            {"id": "B", "x": 480, "y": 40, "angle": 225, "velocity": 2},
            {"id": "C", "x": 250, "y": 250, "angle": 0, "velocity": 4},
            {"id": "D", "x": 60, "y": 440, "angle": 80, "velocity": 5},
            {"id": "E", "x": 420, "y": 420, "angle": 300, "velocity": 1},
            {"id": "F", "x": 1e300, "y": -1e300, "angle": 0, "velocity": 1}]}
        """

    /// The robots in the last line of a states file.
    private func lastState() throws -> [PixelGrid.Robot] {
        let line = try #require(try program.lines("states").last)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        return try #require(object["state"] as? [[Any]]).compactMap { fields in
            guard let x = fields[1] as? Double, let y = fields[2] as? Double, let angle = fields[3] as? Double else {
                return nil
            }
            return PixelGrid.Robot(x: x, y: y, angle: angle)
        }
    }

    @Test(arguments: ["picture.png", "picture.bmp", "picture"])
    func screenshotShowsTheLastState(file: String) throws {
        try program.write(Self.flying, to: "scenario.json")
        let arguments = ["--scenario", "scenario.json", "--steps", "25"]
        let inWindow = try program.summary(arguments + ["--fps", "500", "--states", "states", "--screenshot", file])
        let robots = try lastState()
        try #require(robots.count == 6)
        let difference = try PixelGrid(file: program.path(file)).difference(from: robots.dropLast())
        #expect(difference == nil)
        #expect(try program.files == ["scenario.json", "states", file])

        let format = try PixelGrid.tool(["identify", "-format", "%m", program.path(file)])
        #expect(String(decoding: format, as: UTF8.self).hasPrefix(file.hasSuffix(".bmp") ? "BMP" : "PNG"))

        let withoutWindow = try program.summary(arguments + ["--headless"])
        #expect(inWindow.digest == withoutWindow.digest)
        #expect(inWindow.messages == withoutWindow.messages)
    }

    @Test func theCheckOfPicturesCanFail() throws {
        try program.write(Self.flying, to: "scenario.json")
        try program.runWell([
            "--scenario", "scenario.json", "--steps", "25", "--fps", "500", "--states", "states", "--screenshot",
            "picture.png",
        ])
        let picture = try PixelGrid(file: program.path("picture.png"))
        let robots = try Array(lastState().dropLast())
        for index in robots.indices {
            let right = robots[index]
            for wrong in [
                PixelGrid.Robot(x: right.x, y: right.y, angle: right.angle + 10),
                PixelGrid.Robot(x: right.x, y: right.y, angle: -right.angle),
                PixelGrid.Robot(x: right.x + 3, y: right.y, angle: right.angle),
                PixelGrid.Robot(x: right.x, y: right.y - 3, angle: right.angle),
            ] {
                var others = robots
                others[index] = wrong
                #expect(picture.difference(from: others) != nil)
            }
        }
        #expect(picture.difference(from: robots.dropLast()) != nil)
        #expect(picture.difference(from: robots + [PixelGrid.Robot(x: 560, y: 560, angle: 0)]) != nil)
    }

    @Test func theScreenShowsTheWorld() throws {
        try program.write(WindowSession.resting, to: "scenario.json")
        // Slow, so that all pictures are of the first steps: no robot has turned by more than a few degrees.
        let running = try program.start(["--scenario", "scenario.json", "--fps", "2"])
        let window = try screen.window(titled: "Demo")
        let geometry = try screen.geometry(of: window)
        #expect(geometry["WIDTH"] == "660")
        #expect(geometry["HEIGHT"] == "648")

        let robots = [
            PixelGrid.Robot(x: 0, y: 0, angle: 0), PixelGrid.Robot(x: 496, y: 0, angle: 90),
            PixelGrid.Robot(x: 496, y: 496, angle: 180), PixelGrid.Robot(x: 0, y: 496, angle: 270),
            PixelGrid.Robot(x: 248, y: 248, angle: 45),
        ]
        // The first steps show only those who have joined, so the picture becomes right after a while.
        var difference: String?
        for _ in 1...100 {
            difference = try screen.picture(of: window, width: 660, height: 648)
                .difference(from: robots, in: PixelGrid.Shot(overlay: 12))
            if difference == nil { break }
        }
        #expect(difference == nil)
        running.process.interrupt()
        #expect(try running.end().exitCode == 0)
    }

    @Test func closingTheWindowEndsTheProgram() throws {
        let running = try program.start(["--states", "states", "--screenshot", "last.png", "--summary-json"])
        try WindowManager(of: screen).close(screen.window(titled: "Demo"))
        let result = try running.end()
        #expect(result.exitCode == 0)
        #expect(result.errors == "")
        #expect(try program.lines("states").count == RobotsProgram.Summary(result).steps)
        #expect(try PixelGrid(file: program.path("last.png")).width == 660)
        #expect(try program.files == ["states", "last.png"])
    }

    @Test func interruptEndsTheProgram() throws {
        // A frame of a second: the end does not wait for the next one.
        let running = try program.start(["--fps", "1", "--steps", "1000", "--states", "states", "--summary-json"])
        _ = try screen.window(titled: "Demo")
        running.process.interrupt()
        let result = try running.end()
        #expect(result.exitCode == 0)
        #expect(result.errors == "")
        #expect(try program.lines("states").count == RobotsProgram.Summary(result).steps)
        #expect(try program.files == ["states"])
    }

    /// While a step is shown the world stands still, and nothing holds up the scheduler that the window sleeps in.
    @Test func theWindowIsATaskletThatSleeps() throws {
        let running = try program.start(["--fps", "1"])
        _ = try screen.window(titled: "Demo")
        try running.wait(for: "what the window does") {
            // At some moments it draws.
            kill(running.process.processIdentifier, SIGUSR1)
            usleep(20_000)
            let report = try running.errorsSoFar()
            return report.contains("tasklet 'window' (made at robots/RobotWindow+Loop.swift:")
                && report.contains(#/tasklet 'window' .* waits in sleep/#)
                && report.contains("tasklet 'main' waits in receive on channel 'wishes'")
                && report.contains("tasklet 'World.in'")
        }
        running.process.interrupt()
        #expect(try running.end().exitCode == 0)
    }

    @Test func stepsArePaced() throws {
        let summary = try program.summary(["--steps", "20", "--fps", "4"])
        #expect(summary.steps == 20)
        // The first step is shown at once.
        #expect(summary.seconds > 4.7)
        // Quicker without a pace, so the time above is not the drawing's.
        #expect(try program.summary(["--steps", "20", "--fps", "100000"]).seconds < summary.seconds)
    }

    @Test(arguments: [[], ["--threads", "3"]])
    func thousandStepsAreTheGoldenRun(threads: [String]) throws {
        let summary = try program.summary(["--steps", "1000", "--fps", "100000"] + threads)
        #expect(summary.digest == HeadlessTests.classicDigest)
    }

    @Test func theDummyDriverGivesTheSamePicture() throws {
        let arguments = ["--steps", "40", "--fps", "500", "--screenshot", "picture.png"]
        let dummy = try RobotsProgram(environment: ["SDL_VIDEODRIVER": "dummy"])
        try dummy.runWell(arguments)
        try program.runWell(arguments)
        #expect(try PixelGrid(file: dummy.path("picture.png")) == PixelGrid(file: program.path("picture.png")))
    }
}
