import Foundation
import FoundationXML
import Testing

/// The pictures and films of a whole run.
@Suite struct PictureFileTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    /// What is in an SVG file, told by a parser that is not ours.
    private final class Drawing: NSObject, XMLParserDelegate {
        var titles: [String] = []
        var paths: [[(x: Double, y: Double)]] = []
        var viewBox: [Double] = []
        private var isInTitle = false

        init(contentsOf file: URL) throws {
            super.init()
            let parser = XMLParser(data: try Data(contentsOf: file))
            parser.delegate = self
            let isGood = parser.parse()
            try #require(isGood, "\(String(describing: parser.parserError))")
        }

        func parser(
            _ parser: XMLParser,
            didStartElement name: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            isInTitle = name == "title"
            if isInTitle { titles.append("") }
            if name == "svg" { viewBox = attributes["viewBox"]!.split(separator: " ").map { Double($0)! } }
            guard name == "path" else { return }
            let numbers = attributes["d"]!.split { "ML ".contains($0) }.map { Double($0)! }
            paths.append(stride(from: 0, to: numbers.count, by: 2).map { (numbers[$0], numbers[$0 + 1]) })
        }

        func parser(_ parser: XMLParser, didEndElement: String, namespaceURI: String?, qualifiedName: String?) {
            isInTitle = false
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if isInTitle { titles[titles.count - 1] += text }
        }
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
                {"id": "far", "x": 1e300, "y": 5, "angle": 0, "velocity": 0}]}
            """,
            to: "scenario.json"
        )
        try program.runWell([
            "--headless", "--scenario", "scenario.json", "--steps", "120", "--trails", "trails.svg", "--states",
            "states",
        ])
        let drawing = try Drawing(contentsOf: program.folder.appending(path: "trails.svg"))
        let places = try places("states")
        #expect(drawing.paths.count == 23)
        #expect(drawing.titles.count == 23)
        #expect(drawing.titles.first == "<A & \"B\">")
        #expect(drawing.viewBox.count == 4 && drawing.viewBox[2] > 700 && drawing.viewBox[3] > 300)
        for (title, path) in zip(drawing.titles, drawing.paths) where title != "far" {
            let expected = try #require(places[title])
            #expect(path.count == expected.count, "\(title)")
            for (point, place) in zip(path, expected) {
                #expect(abs(point.x - place[0]) < 0.006 && abs(point.y - place[1]) < 0.006, "\(title)")
            }
        }
        #expect(drawing.paths[21].count == 1)
        #expect(drawing.paths[22].isEmpty)
        // A picture that others can draw too.
        _ = try PixelGrid.tool(["rsvg-convert", program.path("trails.svg"), "-o", program.path("trails.png")])
        #expect(try PixelGrid(file: program.path("trails.png")).width == 1020)
    }

    /// What ffprobe says of a film.
    private func film(_ name: String) throws -> [String: String] {
        let output = try PixelGrid.tool([
            "ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
            "stream=codec_name,width,height,r_frame_rate,nb_read_frames", "-of", "default=noprint_wrappers=1",
            program.path(name),
        ])
        let pairs = String(decoding: output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: "=") }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
    }

    @Test(arguments: [
        ("film.mp4", ["--fps", "30"], "h264", "30/1", "660", "648"),
        ("film.gif", [], "gif", "50/1", "660", "648"),
        ("FILM.GIF", ["--fps", "20", "--world", "101x51"], "gif", "20/1", "264", "202"),
        ("wide.mp4", ["--world", "1000000x1"], "h264", "60/1", "1280", "2"),
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
            try film(name) == [
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
        #expect(result.errors == "robots: film.mp4: cannot be recorded: ffmpeg says: no room\n")
        #expect(try program.files.isEmpty)
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
        #expect(try film("film.mp4")["nb_read_frames"] == "\(summary.steps)")
        #expect(try program.files == ["film.mp4", "states"])
    }
}
