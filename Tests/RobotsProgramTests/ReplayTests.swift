import Foundation
import RobotWorld
import Testing

/// A recorded run in the window, on a screen in memory.
@Suite(.serialized) struct ReplayTests {
    /// The overlay and the bar above it.
    private static let shot = PixelGrid.Shot(overlay: 24)
    private static let ink = PixelGrid.Color(red: 40, green: 40, blue: 40)

    /// Robot A flies to the right, five units a step, B stays where it is and turns; every `stride`-th step is recorded.
    private static func line(_ index: Int, stride: Int = 1) -> String {
        let robots = robots(at: index)
        let places = robots.map { "[\"Robot\", \($0.x), \($0.y), \($0.angle), 5.0]" }.joined(separator: ", ")
        return "{\"step\": \((index + 1) * stride), \"ids\": [\"A\", \"B\"], \"state\": [\(places)], \"fnv\": \"0\"}\n"
    }

    private static func lines(_ count: Int, stride: Int = 1) -> String {
        (0..<count).map { line($0, stride: stride) }.joined()
    }

    private static func robots(at index: Int) -> [PixelGrid.Robot] {
        [
            PixelGrid.Robot(x: Double(5 * index), y: 100, angle: 90),
            PixelGrid.Robot(x: 250, y: 400, angle: Double(index) / 2),
        ]
    }

    /// Where a click on the bar leads to a state.
    private static func x(of index: Int, of count: Int) -> Int {
        6 + Int((648 * Double(index) / Double(count - 1)).rounded())
    }

    @discardableResult
    private func expect(_ session: WindowSession, at index: Int, of count: Int, stride: Int = 1) throws -> PixelGrid {
        let picture = try session.wait(for: "\(index + 1) of \(count)")
        #expect(try session.step(picture) == (index + 1) * stride)
        #expect(picture.difference(from: Self.robots(at: index), in: Self.shot) == nil)
        return picture
    }

    /// What was a run in the window before is seen again.
    @Test func everyStateIsSeenAgain() throws {
        let recorder = try RobotsProgram()
        try recorder.write(WindowSession.resting, to: "scenario.json")
        try recorder.runWell(["--headless", "--scenario", "scenario.json", "--steps", "50", "--states", "states"])
        let session = try WindowSession(replaying: try recorder.text("states"), robots: 5)
        let last = try session.wait(for: "the end")
        #expect(try session.fields(last).starts(with: ["step 50", "robots 5", "50 of 50"]))
        #expect(try session.fields(last).contains("paused"))
        for step in (20..<50).reversed() {
            try session.press("Left")
            let picture = try session.wait(for: "step \(step)")
            #expect(picture.difference(from: WindowSession.resting(atStep: step), in: Self.shot) == nil)
        }
        try session.endReplay()
        #expect(try session.program.files == ["states.jsonl"])
    }

    /// Keys and clicks, against a plain model of what they do.
    @Test func keysAndTheBarLeadToEveryState() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let count = 80
        let session = try WindowSession(replaying: Self.lines(count, stride: 7), ["--fps", "1"], robots: 2)
        try session.press("space")
        try session.wait(for: "paused")
        try session.point(Self.x(of: 40, of: count), 630, "click", "1")
        try expect(session, at: 40, of: count, stride: 7)
        var index = 40
        var log: [String] = []
        for _ in 1...40 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                log.append("Right")
                try session.press("Right")
                index = min(index + 1, count - 1)
            case 1:
                log.append("Left")
                try session.press("Left")
                index = max(index - 1, 0)
            case 2:
                index = [0, count - 1, Int.random(in: 0..<count, using: &random)].randomElement(using: &random)!
                log.append("click on \(index)")
                try session.point(Self.x(of: index, of: count), Int.random(in: 625...635, using: &random), "click", "1")
            default:
                let places = (1...3).map { _ in Int.random(in: 0..<count, using: &random) }
                log.append("drag to \(places)")
                try session.point(Self.x(of: places[0], of: count), 630, "mousedown", "1")
                // It may leave the bar upwards, and the window has no place for it further down.
                try session.point(Self.x(of: places[1], of: count), 300)
                try session.point(Self.x(of: places[2], of: count), 600)
                try session.act("mouseup", "1")
                index = places[2]
            }
            try expect(session, at: index, of: count, stride: 7)
        }
        try session.press("r")
        try expect(session, at: 0, of: count, stride: 7)
        #expect(try session.fields().contains("paused"), "seed \(seed): \(log)")
        try session.endReplay()
    }

    /// Every press counts, also when the window has not looked at the former one yet.
    @Test func manyPressesAndAHeldKey() throws {
        let session = try WindowSession(replaying: Self.lines(90), ["--fps", "1"], robots: 2)
        try session.press("space", "minus", "minus")
        try session.point(6, 630, "click", "1")
        try session.wait(for: "1 of 90")
        try session.screen.tool(["xdotool", "key", "--delay", "8"] + Array(repeating: "Right", count: 30))
        try expect(session, at: 30, of: 90)
        try session.screen.tool(["xdotool", "key", "--delay", "8"] + Array(repeating: "Left", count: 12))
        try expect(session, at: 18, of: 90)
        // The server repeats it.
        try session.act("keydown", "Right")
        try session.wait(for: "the end") { try session.fields($0).contains("90 of 90") }
        try session.act("keyup", "Right", "keydown", "Left")
        try session.wait(for: "the beginning") { try session.fields($0).contains("1 of 90") }
        try session.act("keyup", "Left")
        try session.endReplay()
    }

    @Test func theBarShowsThePosition() throws {
        let session = try WindowSession(replaying: Self.lines(60), ["--fps", "1"], robots: 2)
        try session.press("space")
        for index in [0, 15, 59, 44] {
            try session.point(Self.x(of: index, of: 60), 630, "click", "1")
            let picture = try expect(session, at: index, of: 60)
            let knob = (0..<660).filter { picture[$0, 628 - 2] == Self.ink }
            #expect(knob.first == Self.x(of: index, of: 60) - 2 && knob.count == 4, "\(index): \(knob)")
            let seen = (0..<660).filter { picture[$0, 630] == Self.ink }
            #expect(seen.count >= Self.x(of: index, of: 60) - 6)
            #expect(picture[653, 630] == (index == 59 ? Self.ink : PixelGrid.Color(red: 150, green: 150, blue: 150)))
        }
        try session.endReplay()
    }

    /// In another window the bar is elsewhere.
    @Test func theBarFollowsTheWindow() throws {
        let session = try WindowSession(replaying: Self.lines(11), ["--fps", "1"], robots: 2)
        try session.press("space")
        try session.resize(width: 412, height: 500)
        try session.wait(for: "another size") { try $0.width == 412 && session.fields($0).contains("paused") }
        for index in [10, 0, 5] {
            try session.point(6 + index * 40, 500 - 18, "click", "1")
            try session.wait(for: "\(index + 1) of 11")
        }
        try session.endReplay()
    }

    /// Nothing can be added to what has been; a drag moves the view.
    @Test func clicksChangeNothing() throws {
        let session = try WindowSession(replaying: Self.lines(30), ["--fps", "1"], robots: 2)
        try session.press("space")
        try session.point(6, 630, "click", "1")
        try expect(session, at: 0, of: 30)
        try session.point(400, 300, "click", "1")
        try session.point(16, 116, "click", "3")
        try session.press("Right")
        let picture = try expect(session, at: 1, of: 30)
        #expect(try session.fields(picture).contains("robots 2"))
        try session.point(300, 300, "click", "4", "click", "4")
        let zoomed = try session.wait(for: "a larger world") { !$0.places(differingFrom: picture, rows: 620).isEmpty }
        try session.act("mousedown", "1")
        try session.point(250, 260, "mouseup", "1")
        try session.wait(for: "another part") { !$0.places(differingFrom: zoomed, rows: 620).isEmpty }
        try session.endReplay()
    }

    /// A jump is no way that a robot has flown.
    @Test func trailsShowTheWayThatWasReplayed() throws {
        let session = try WindowSession(replaying: Self.lines(60), ["--fps", "1"], robots: 2)
        try session.press("space", "t")
        try session.point(6, 630, "click", "1")
        try expect(session, at: 0, of: 60)
        for _ in 1...20 { try session.press("Right") }
        let with = try session.wait(for: "21 of 60")
        for index in 4...14 { #expect(with[5 * index + 16, 116] != .background, "\(index)") }
        try session.point(Self.x(of: 40, of: 60), 630, "click", "1")
        try expect(session, at: 40, of: 60)
        try session.press("Left")
        try expect(session, at: 39, of: 60)
        try session.endReplay()
    }

    @Test func speedsAndHelp() throws {
        let session = try WindowSession(replaying: Self.lines(3000), ["--fps", "1", "--world", "16000x496"], robots: 2)
        for speed in ["2x", "5x", "10x", "20x", "50x", "100x"] {
            try session.press("plus")
            try session.wait(for: speed)
        }
        try session.wait(for: "step 200") { try session.step($0) ?? 0 > 200 }
        try session.press("plus")
        try session.wait(for: "the end")
        #expect(try session.step() == 3000)
        try session.press("h")
        let picture = try session.wait(for: "help") { session.finds("Space", in: $0) }
        for word in ["Right, Left", "one step or one back", "from the beginning", "click or drag: to another step"] {
            #expect(session.finds(word, in: picture), "\(word)")
        }
        #expect(!session.finds("add a robot", in: picture))
        try session.endReplay()
    }

    /// Space at the end looks whether there is more by now.
    @Test func aFileThatGrows() throws {
        let half = String(Self.line(10).dropLast(40))
        let session = try WindowSession(replaying: Self.lines(10) + half, robots: 2)
        try session.wait(for: "the end: the last line is no whole one")
        try expect(session, at: 9, of: 10)
        let file = try FileHandle(forWritingTo: session.program.folder.appending(path: "states.jsonl"))
        try file.seekToEnd()
        try file.write(contentsOf: Data((Self.line(10).suffix(40) + Self.line(11)).utf8))
        try session.press("space")
        try session.wait(for: "the end")
        try expect(session, at: 11, of: 12)
        // One step, on a line without its newline: it is whole.
        try file.write(contentsOf: Data(Self.line(12).dropLast().utf8))
        try session.press("Right")
        try expect(session, at: 12, of: 13)
        try file.write(contentsOf: Data(("\n\n" + Self.line(13)).utf8))
        try session.press("Right")
        try expect(session, at: 13, of: 14)
        try session.endReplay()
    }

    @Test func robotsOutsideAreTold() throws {
        let line = Self.line(0).replacingOccurrences(of: "250.0", with: "700.0")
        // So many that a slow machine does not come to the end.
        let lines = String(repeating: line, count: 600)
        let session = try WindowSession(replaying: lines, ["--fps", "1"], robots: 2)
        try session.wait(for: "1 robot is outside: give --world")
        try session.endReplay()
        let larger = try WindowSession(replaying: lines, ["--fps", "1", "--world", "800x800"], robots: 2)
        try larger.press("space")
        #expect(try larger.fields(larger.wait(for: "paused")).last == "H help")
        try larger.endReplay()
    }

    @Test func aPipeAndItsPictures() throws {
        let screen = try VirtualScreen()
        let program = try RobotsProgram(environment: ["DISPLAY": screen.name])
        try program.write(Self.lines(25), to: "states")
        let running = try program.startScript(
            "cat states | \"$robots\" --replay - --fps 200 --record film.mp4 --screenshot last.png"
        )
        let window = try screen.window(titled: "Demo")
        let reader = try OverlayReader()
        try running.wait(for: "the end") {
            let picture = try? screen.picture(of: window, width: 660, height: 648)
            return picture.map { reader.fields(in: $0).contains("the end") } ?? false
        }
        try screen.tool("xdotool", "windowfocus", "--sync", "\(window)", "key", "Escape")
        let result = try running.end()
        #expect((result.exitCode, result.output, result.errors) == (0, "", ""))
        #expect(try program.files == ["states", "film.mp4", "last.png"])
        let last = try PixelGrid(file: program.path("last.png"))
        #expect(last.difference(from: Self.robots(at: 24)) == nil)
        let frames = try PixelGrid.tool([
            "ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
            program.path("film.mp4"),
        ])
        #expect(String(decoding: frames, as: UTF8.self) == "25\n")
    }

    @Test func theDisplayGoes() throws {
        let session = try WindowSession(replaying: Self.lines(30), ["--screenshot", "last.png"], robots: 2)
        session.screen.end(by: SIGKILL)
        let result = try session.running.end()
        #expect(result.exitCode == 69)
        #expect(result.errors.hasPrefix("robots: the display has gone: "), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        #expect(try PixelGrid(file: session.program.path("last.png")).width == 660)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalEndsIt(signal: Int32) throws {
        let session = try WindowSession(replaying: Self.lines(30), robots: 2)
        kill(session.running.process.processIdentifier, signal)
        let result = try session.running.end()
        #expect((result.exitCode, result.output, result.errors) == (0, "", ""))
    }
}
