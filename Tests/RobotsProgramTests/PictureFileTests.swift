import Foundation
import RobotWorld
import Testing

/// The pictures and films of a whole run.
@Suite struct PictureFileTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    /// Where each robot was, without the times in which it stood still.
    private func places(_ states: String) throws -> [String: [[Double]]] {
        var places: [String: [[Double]]] = [:]
        for line in try program.lines(states) {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let ids = try #require(object["ids"] as? [String])
            let robots = try #require(object["state"] as? [[Any]])
            for (id, robot) in zip(ids, robots) {
                let place = [try #require(robot[1] as? Double), try #require(robot[2] as? Double)]
                if places[id]?.last != place { places[id, default: []].append(place) }
            }
        }
        return places
    }

    @Test func trailsAreThePaths() throws {
        try program.write(
            """
            {"world": {"width": 700, "height": 300}, "robots": [
                {"id": "<A & \\"B\\">", "x": 30, "y": 30, "angle": 100, "velocity": 6},
                {"count": 20, "seed": 9, "velocity": [1, 30], "behaviour": "wander"},
                {"id": "rests", "x": 5, "y": 5, "angle": 0, "velocity": 0, "behaviour": "bounce"},
                {"id": "far", "x": 1e300, "y": 5, "angle": 0, "velocity": 0},
                {"id": "flies", "x": 50, "y": 60, "angle": 70, "velocity": 9, "behaviour": "bounce"}]}
            """,
            to: "scenario.json"
        )
        try program.runWell([
            "--headless", "--scenario", "scenario.json", "--steps", "120", "--trails", "trails.svg", "--states",
            "states",
        ])
        let drawing = try TrailsReader(program.text("trails.svg"))
        var places = try places("states")
        let size = WorldSize(width: 700, height: 300)
        let group = Scenario.random(robots: 20, seed: 9, size: size, velocities: 1...30).robots
        for (index, start) in group.enumerated() {
            let place = [start.location.x, start.location.y]
            // Who is barred by a wall in the first step is still there.
            if places["R\(index + 2)"]?.first != place { places["R\(index + 2)"]?.insert(place, at: 0) }
        }
        places["<A & \"B\">"]?.insert([30, 30], at: 0)
        places["flies"]?.insert([50, 60], at: 0)
        #expect(drawing.trails.count == 24)
        #expect(drawing.trails.first?.name == "<A & \"B\">")
        #expect(drawing.viewBox.count == 4 && drawing.viewBox[2] > 700 && drawing.viewBox[3] > 300)
        for trail in drawing.trails where trail.name != "far" {
            let expected = try #require(places[trail.name])
            // Every corner is a place where the robot was, in that order, and the line passes by all others.
            var rest = expected[...]
            for point in trail.points {
                rest = rest.drop { !point.isNear($0[0], $0[1]) }.dropFirst()
            }
            #expect(rest.isEmpty, "\(trail.name)")
            #expect(expected.allSatisfy { trail.distance($0[0], $0[1]) < 0.0125 }, "\(trail.name)")
        }
        // Straight on, and off the walls.
        let bounces = drawing.trails.first { $0.name == "flies" }
        #expect((3...12).contains(bounces?.points.count ?? 0), "\(bounces?.points.count ?? 0)")
        #expect(drawing.trails[21].points.count == 1)
        #expect(drawing.trails[22].points.isEmpty)
        // A picture that others can draw too.
        _ = try PixelGrid.tool(["rsvg-convert", program.path("trails.svg"), "-o", program.path("trails.png")])
        #expect(try PixelGrid(file: program.path("trails.png")).width == 1020)
    }

    /// Also of those who join in a later step than the first.
    @Test func trailsBeginWhereTheRobotsBegin() throws {
        try program.runWell(["--headless", "--steps", "30", "--trails", "trails.svg"])
        let trails = try TrailsReader(program.text("trails.svg")).trails
        let starts = Scenario.classic.robots
        #expect(trails.map(\.name) == starts.map(\.id))
        for (trail, start) in zip(trails, starts) {
            #expect(try #require(trail.points.first).isNear(start.location.x, start.location.y), "\(trail.name)")
        }
        // In a resumed run, where they are then.
        try program.runWell(["--headless", "--steps", "40", "--states", "states", "--save", "saved"])
        try program.runWell(["--headless", "--steps", "5", "--resume", "saved", "--trails", "rest.svg"])
        let last = try #require(try program.states("states").last)
        for (trail, robot) in zip(try TrailsReader(program.text("rest.svg")).trails, last.robots) {
            #expect(try #require(trail.points.first).isNear(robot.x, robot.y), "\(trail.name)")
        }
    }

    /// What ffprobe says of a film.
    private func film(_ path: String) throws -> [String: String] {
        let output = try PixelGrid.tool([
            "ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
            "stream=codec_name,width,height,r_frame_rate,nb_read_frames", "-of", "default=noprint_wrappers=1",
            path,
        ])
        let pairs = String(decoding: output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: "=") }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
    }

    @Test(arguments: [
        ("film.mp4", ["--fps", "30"], "h264", "30/1", "660", "648"),
        ("film.gif", [], "gif", "50/1", "660", "648"),
        ("FILM.GIF", ["--fps", "20", "--world", "101x51"], "gif", "20/1", "264", "202"),
        ("wide.mp4", ["--world", "1000000x1"], "h264", "60/1", "1280", "64"),
    ])
    func filmsHaveAFrameForEachStep(
        name: String,
        arguments: [String],
        codec: String,
        rate: String,
        width: String,
        height: String
    ) throws {
        let summary = try program.summary(["--headless", "--steps", "25", "--record", name] + arguments)
        #expect(summary.steps == 25)
        #expect(
            try film(program.path(name)) == [
                "codec_name": codec, "width": width, "height": height, "r_frame_rate": rate, "nb_read_frames": "25",
            ]
        )
        #expect(try program.files == [name])
    }

    @Test func theLastFrameShowsTheLastState() throws {
        try program.write(
            """
            {"robots": [{"id": "A", "x": 20, "y": 30, "angle": 135, "velocity": 3},
                        {"id": "B", "x": 400, "y": 300, "angle": 300, "velocity": 4}]}
            """,
            to: "scenario.json"
        )
        try program.runWell([
            "--headless", "--scenario", "scenario.json", "--steps", "20", "--record", "film.gif", "--states", "states",
        ])
        _ = try PixelGrid.tool(["convert", program.path("film.gif[19]"), program.path("frame.png")])
        let picture = try PixelGrid(file: program.path("frame.png"))
        let places = try places("states")
        for id in ["A", "B"] {
            let place = try #require(places[id]?.last)
            #expect(picture[Int(place[0].rounded()) + 16, Int(place[1].rounded()) + 16] != .background, "\(id)")
        }
        #expect(picture[250, 500] == .background)
        let painted = (0..<picture.width * picture.height).count { index in
            let color = picture[index % picture.width, index / picture.width]
            return color != .background
        }
        #expect((800...2200).contains(painted), "\(painted) pixels of two robots")
    }

    @Test func aFilmThatCannotBeMade() throws {
        let program = try RobotsProgram(environment: ["PATH": "/nowhere"])
        let result = try program.run(["--headless", "--steps", "5", "--record", "film.mp4", "--states", "states"])
        #expect(result.exitCode == 69)
        #expect(
            result.errors.contains("--record") && result.errors.contains("ffmpeg") && result.errors.contains("install")
        )
        #expect(result.errors.count { $0 == "\n" } == 1)
        #expect(try program.files.isEmpty)
    }

    /// A stand-in for ffmpeg that gives up, as the real one does on a full disk.
    @Test(arguments: ["exit 3", "head -c 1000 >/dev/null; exit 3", "cat >/dev/null; exit 3"])
    func ffmpegGivesUp(script: String) throws {
        try self.program.write("#!/bin/sh\necho first >&2\necho no room >&2\n\(script)\n", to: "ffmpeg")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: self.program.path("ffmpeg"))
        let path = "\(self.program.folder.path):/usr/bin:/bin"
        let program = try RobotsProgram(environment: ["PATH": path])
        let result = try program.run(["--headless", "--steps", "50", "--record", "film.mp4", "--states", "states"])
        #expect(result.exitCode == 73)
        #expect(
            result.errors.hasPrefix("robots: film.mp4: cannot be recorded: ffmpeg says: no room"),
            "\(result.errors)"
        )
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        #expect(try program.files == ["states"])
    }

    /// Ctrl-C on a terminal reaches all programs in front of it; ffmpeg must finish the film all the same.
    @Test func controlCLeavesACompleteFilm() throws {
        let pipe = try program.makePipe("states")
        let running = try program.start(["--headless", "--record", "film.mp4", "--states", "states", "--summary-json"])
        let reader = try FileHandle(forReadingFrom: pipe)
        _ = try #require(try reader.read(upToCount: 10_000))
        running.process.interrupt()
        _ = try reader.readToEnd()
        let summary = try RobotsProgram.Summary(running.end())
        #expect(try film(program.path("film.mp4"))["nb_read_frames"] == "\(summary.steps)")
        #expect(try program.files == ["film.mp4", "states"])
    }

    @Test func aRestartBeginsTheFilmAnew() throws {
        let session = try WindowSession(["--record", "film.mp4"], scenario: WindowSession.resting, robots: 5)
        try session.wait(for: "step 40") { try session.step($0) ?? 0 > 40 }
        try session.press("r")
        try session.wait(for: "the first steps") { try session.step($0) ?? 40 < 40 }
        let summary = try session.end()
        #expect(try film(session.program.path("film.mp4"))["nb_read_frames"] == "\(summary.steps)")
        #expect(try session.program.files == ["scenario.json", "film.mp4"])
    }
}
