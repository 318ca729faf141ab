import Foundation
import RobotWorld
import Testing

/// Every key of the window, on a screen in memory.
@Suite(.serialized) struct WindowKeyTests {
    private static let arrow = PixelGrid.Color(red: 180, green: 0, blue: 90)
    private static let flash = PixelGrid.Color(red: 255, green: 90, blue: 0)

    @Test func spacePausesAndTheArrowStepsOnce() throws {
        let session = try WindowSession(["--states", "states"], scenario: WindowSession.resting, robots: 5)
        var (picture, step) = try session.pause()
        for _ in 1...3 {
            try session.press("Right")
            step += 1
            picture = try session.wait(for: "step \(step)")
            #expect(try session.fields(picture).contains("paused"))
        }
        #expect(
            picture.difference(from: WindowSession.resting(atStep: step), in: PixelGrid.Shot(overlay: 12)) == nil
        )
        // Every press counts, also when the window has not looked at the former one yet, and however slow the steps are.
        try session.press("minus", "minus", "minus")
        try session.screen.tool(["xdotool", "key", "--delay", "8"] + Array(repeating: "Right", count: 25))
        step += 25
        try session.wait(for: "step \(step)")
        try session.press("plus", "plus", "plus")
        try session.press("space")
        try session.wait(for: "going on") { try session.step($0) ?? 0 > step + 20 && session.fields($0).contains("1x") }
        // The arrow pauses by itself.
        try session.press("Right")
        picture = try session.wait(for: "paused")
        let seen = try #require(try session.step(picture))
        let last = try session.end().steps
        // The picture may have been taken before the arrow's own step.
        #expect(last == seen || last == seen + 1)
        #expect(try session.program.states("states").map(\.step) == Array(1...last))
    }

    @Test func plusAndMinusChangeTheSpeed() throws {
        // A step a second: what happens within seconds below would take a quarter of an hour.
        let session = try WindowSession(["--fps", "1"], scenario: WindowSession.resting, robots: 5)
        for speed in ["0.5x", "0.2x", "0.1x"] {
            try session.press("minus")
            try session.wait(for: speed)
        }
        // There is nothing below: one step up is the one above it.
        try session.press("minus", "plus")
        try session.wait(for: "0.2x")
        for speed in ["0.5x", "1x", "2x", "5x", "10x", "20x", "50x", "100x", "full speed"] {
            try session.press("plus")
            try session.wait(for: speed)
        }
        try session.wait(for: "step 1000") { try session.step($0) ?? 0 > 1000 }
        try session.press("plus", "minus")
        try session.wait(for: "100x")
        #expect(try session.end().steps > 1000)
    }

    /// Where pictures are more frequent than steps.
    @Test func slowRobotsGlideFromStateToState() throws {
        let scenario =
            #"{"robots": [{"id": "A", "x": 100, "y": 200, "angle": 90, "velocity": 150, "behaviour": "bounce"}]}"#
        let session = try WindowSession(["--fps", "2", "--states", "states"], scenario: scenario, robots: 1)
        var middles: [Double] = []
        try session.wait(for: "forty pictures") { picture in
            let painted = (0..<660).filter { picture[$0, 216] != .background }
            middles.append(Double(painted.reduce(0, +)) / Double(painted.count))
            return middles.count == 40
        }
        // Paused, it is where the state has it.
        let (picture, step) = try session.pause()
        _ = try session.end()
        let states = try session.program.states("states").map { $0.robots.first }
        let last = try #require(states[step - 1])
        #expect(picture.difference(from: [last], in: PixelGrid.Shot(overlay: 12)) == nil)

        // The icon's pixels are a little behind its middle. It turns round at the walls, and is never beyond.
        let places = Set(states.compactMap { $0?.x.rounded() })
        #expect(places == [100, 250, 400])
        #expect(middles.allSatisfy { (112...420).contains($0) }, "\(middles)")
        let between = middles.filter { middle in places.allSatisfy { abs($0 + 16 - middle) > 10 } }
        #expect(between.count >= 6, "\(middles)")
    }

    @Test func trailsShowWhereRobotsHaveBeen() throws {
        let scenario = #"{"robots": [{"id": "A", "x": 20, "y": 200, "angle": 60, "velocity": 4}]}"#
        let session = try WindowSession(["--states", "states"], scenario: scenario, robots: 1)
        try session.press("space", "t")
        let start = try #require(try session.step(session.wait(for: "paused")))
        for step in start + 1...start + 40 {
            try session.press("Right")
            if step.isMultiple(of: 20) { try session.wait(for: "step \(step)") }
        }
        let with = try session.wait(for: "step \(start + 40)")
        try session.press("t")
        let without = try session.wait(for: "no trails") { !$0.places(differingFrom: with, rows: 636).isEmpty }
        let trail = Set(with.places(differingFrom: without, rows: 636))
        _ = try session.end()

        let places = try session.program.states("states").compactMap(\.robots.first)
        let robot = try #require(places.last)
        // Older than 32 steps it has faded away, and near its end the robot is above it.
        for (age, place) in places.reversed().enumerated() {
            let middle = (x: Int(place.x + 16), y: Int(place.y + 16))
            let isSeen = (-1...1).contains { y in (-1...1).contains { trail.contains([middle.x + $0, middle.y + y]) } }
            if age > 33 {
                #expect(!isSeen, "\(place) of \(age) steps ago")
            } else if age < 32, hypot(place.x - robot.x, place.y - robot.y) > 20 {
                #expect(isSeen, "\(place) of \(age) steps ago")
            }
        }
        // And nothing else is.
        for pixel in trail {
            #expect(places.contains { hypot($0.x + 16 - Double(pixel[0]), $0.y + 16 - Double(pixel[1])) < 4 })
        }
    }

    /// They are kept on a canvas, which fits one view alone.
    @Test func trailsFollowTheView() throws {
        let scenario = #"{"robots": [{"id": "A", "x": 20, "y": 200, "angle": 60, "velocity": 4}]}"#
        let session = try WindowSession(["--states", "states"], scenario: scenario, robots: 1)
        try session.press("space", "t")
        let start = try #require(try session.step(session.wait(for: "paused")))
        for _ in 1...30 { try session.press("Right") }
        let whole = try session.wait(for: "step \(start + 30)")
        try session.point(0, 0, "click", "4")
        let zoomed = try session.wait(for: "a larger robot") { !$0.places(differingFrom: whole, rows: 636).isEmpty }
        try session.act("click", "5")
        // Drawn all at once, they are what they were when drawn step by step.
        try session.wait(for: "the former picture") { $0.places(differingFrom: whole, rows: 636).isEmpty }
        _ = try session.end()

        let places = try session.program.states("states").compactMap(\.robots.first)
        for (picture, scale) in [(whole, 1.0), (zoomed, 1.25)] {
            for place in places[(start + 2)..<(start + 20)] {
                let (x, y) = (Int((place.x + 16) * scale), Int((place.y + 16) * scale))
                let around = (-1...1).flatMap { y in (-1...1).map { (x: $0, y: y) } }
                #expect(around.contains { picture[x + $0.x, y + $0.y] != .background }, "\(place) at \(scale)")
            }
        }
    }

    @Test func arrowsPointWhereRobotsAreHeading() throws {
        let scenario = """
            {"robots": [{"id": "A", "x": 50, "y": 100, "angle": 90, "velocity": 10},
                {"id": "B", "x": 300, "y": 400, "angle": 0, "velocity": -20}]}
            """
        let session = try WindowSession(["--states", "states", "--fps", "20"], scenario: scenario, robots: 2)
        let without = try session.pause().picture
        try session.press("v")
        let with = try session.wait(for: "arrows") { $0 != without }
        let arrows = with.places(differingFrom: without, rows: 636)
        #expect(arrows.allSatisfy { with[$0[0], $0[1]] == Self.arrow })
        try session.press("v")
        try session.wait(for: "no arrows") { $0.places(differingFrom: without, rows: 636).isEmpty }
        _ = try session.end()

        let robots = try #require(try session.program.states("states").last).robots
        // From the edge of the icon four steps ahead; negative velocities fly backwards.
        for (robot, length) in zip(robots, [40.0, -80.0]) {
            let (x, y) = (sin(robot.angle * .pi / 180), -cos(robot.angle * .pi / 180))
            let far = length + (length < 0 ? -16 : 16)
            let tip = (x: robot.x + 16 + x * far, y: robot.y + 16 + y * far)
            #expect(arrows.contains { hypot(Double($0[0]) - tip.x, Double($0[1]) - tip.y) < 2 }, "\(robot)")
        }
    }

    @Test func flashesShowCollisions() throws {
        // It cannot move: every step leads through the upper wall until it has turned far enough.
        let scenario = #"{"robots": [{"id": "A", "x": 240, "y": 240, "angle": 0, "velocity": 400}]}"#
        let session = try WindowSession([], scenario: scenario, robots: 1)
        #expect(try session.picture().places(of: Self.flash).isEmpty)
        try session.press("c")
        let picture = try session.wait(for: "a flash") { !$0.places(of: Self.flash).isEmpty }
        for place in picture.places(of: Self.flash) {
            let distance = hypot(Double(place[0]) - 256, Double(place[1]) - 256)
            #expect(distance > 17 && distance < 31)
        }
        _ = try session.end()
    }

    @Test func restartBeginsAnew() throws {
        let session = try WindowSession(
            ["--states", "states", "--messages", "messages"],
            scenario: WindowSession.resting,
            robots: 5
        )
        try session.press("space")
        try session.wait(for: "paused")
        try session.point(150, 300, "click", "1")
        try session.wait(for: "robots 6")
        try session.press("space", "plus", "plus")
        try session.wait(for: "step 200") { try session.step($0) ?? 0 > 200 }
        try session.press("minus", "minus", "r")
        try session.wait(for: "the first steps") { try session.step($0) ?? 200 < 200 }
        try session.wait(for: "robots 5")
        let summary = try session.end()

        // The files and the summary tell of the new run alone, and that one is as if no key had been pressed.
        let states = try session.program.states("states")
        #expect(states.map(\.step) == Array(1...summary.steps))
        #expect(states.allSatisfy { !$0.ids.contains("R6") })
        #expect(try session.program.lines("messages").count { $0.contains("recv WORLD_STATE") } == summary.steps)
        let headless = try session.program.summary(
            ["--headless", "--scenario", "scenario.json", "--steps", "\(summary.steps)"]
        )
        #expect(summary.digest == headless.digest)
        #expect(summary.messages == headless.messages)
    }

    /// A world that waits for all waits again.
    @Test func aRandomWorldBeginsAnewToo() throws {
        let world = ["--robots", "40", "--seed", "11"]
        let session = try WindowSession(world + ["--states", "states", "--save", "saved"], robots: 40)
        try session.wait(for: "step 60") { try session.step($0) ?? 0 > 60 }
        try session.press("r")
        try session.wait(for: "the first steps") { try session.step($0) ?? 60 < 60 }
        let summary = try session.end()
        #expect(try session.program.states("states").allSatisfy { $0.ids.count == 40 })
        func digest(_ arguments: [String]) throws -> String {
            try session.program.summary(["--headless", "--steps"] + arguments).digest
        }
        #expect(try digest(["\(summary.steps)"] + world) == summary.digest)
        #expect(try digest(["100", "--resume", "saved"]) == digest(["\(summary.steps + 100)"] + world))
    }

    @Test func savedPictureIsWhatIsSeen() throws {
        let session = try WindowSession([], scenario: WindowSession.resting, robots: 5)
        try session.press("space", "v")
        try session.wait(for: "paused")
        // Twice the same: nothing changes any more.
        var seen = try session.picture()
        try session.wait(for: "a still picture") { picture in
            defer { seen = picture }
            return picture == seen
        }
        try session.press("s")
        let after = try session.wait(for: "saved robots-1.png")
        let saved = try PixelGrid(file: session.program.path("robots-1.png"))
        #expect(saved.places(differingFrom: after, rows: 636).isEmpty)
        #expect(try session.fields(saved).starts(with: session.fields(after).prefix(2)))
        try session.press("s")
        try session.wait(for: "saved robots-2.png")
        try FileManager.default.createSymbolicLink(
            atPath: session.program.path("robots-3.png"),
            withDestinationPath: "nowhere"
        )
        try session.press("s")
        try session.wait(for: "saved robots-4.png")
        let names = (1...4).map { "robots-\($0).png" }
        #expect(try session.program.files == Set(["scenario.json"] + names))

        // Where nothing can be written it is said, and the world goes on.
        try FileManager.default.removeItem(at: session.program.folder)
        try session.press("s")
        let remedy = "name a file in a folder that exists"
        let complaint = "robots-1.png: cannot be written: No such file or directory; \(remedy)"
        try session.wait(for: "a complaint") { session.finds(complaint, in: $0) }
        try session.press("Right")
        try session.wait(for: "no complaint") { !session.finds("robots-1.png", in: $0) }
        _ = try session.end()
    }

    @Test func helpListsTheKeys() throws {
        let session = try WindowSession([], scenario: WindowSession.resting, robots: 5)
        let words = ["Space", "Right", "Click", "Drag", "Wheel", "Esc", "trails", "velocity arrows", "full screen"]
        #expect(!session.finds("Space", in: try session.pause().picture))
        try session.press("h")
        let picture = try session.wait(for: "help") { session.finds("Space", in: $0) }
        for word in words { #expect(session.finds(word, in: picture), "\(word)") }
        try session.press("h")
        try session.wait(for: "no help") { !session.finds("Space", in: $0) }
        _ = try session.end()
    }

    @Test func fullScreen() throws {
        let session = try WindowSession([], scenario: WindowSession.resting, robots: 5)
        let manager = try WindowManager(of: session.screen)
        try manager.listen()
        let before = try session.pause()
        try session.press("f")
        #expect(try manager.nextFullScreenRequest(of: session.window))
        try session.resize(width: 800, height: 700)
        let scale = 700.0 / 648
        let shot = PixelGrid.Shot(width: 800, height: 700, scale: scale, left: (800 - 660 * scale) / 2, overlay: 12)
        let robots = WindowSession.resting(atStep: before.step)
        try session.wait(for: "a larger world") { $0.difference(from: robots, in: shot) == nil }
        try session.press("f")
        #expect(try !manager.nextFullScreenRequest(of: session.window))
        try session.resize(width: 660, height: 648)
        try session.wait(for: "the former picture") {
            $0.places(differingFrom: before.picture, rows: 636).isEmpty
        }
        _ = try session.end()
    }

    /// They belong to the desktop or to the habits of other programs.
    @Test(arguments: ["ctrl", "alt", "super"])
    func keysWithOthers(modifier: String) throws {
        let session = try WindowSession([], scenario: WindowSession.resting, robots: 5)
        let before = try session.pause()
        for key in ["s", "f", "t", "v", "c", "h", "r", "space", "Right", "plus"] {
            try session.press("\(modifier)+\(key)")
        }
        // The next one that means something: all before it have been taken.
        try session.press("Right")
        let after = try session.wait(for: "step \(before.step + 1)")
        #expect(try session.fields(after).contains("paused"))
        #expect(!session.finds("Space", in: after))
        #expect(try session.program.files == ["scenario.json"])
        _ = try session.end()
    }

    /// Looking is no interference: the run is the same as without a window.
    @Test func lookingChangesNothing() throws {
        let session = try WindowSession(["--robots", "40", "--seed", "11"], robots: 40)
        let fields = try session.wait(for: "a count of messages") { try !session.fields($0).contains("0 messages/s") }
        #expect(try session.fields(fields).contains("seed 11"))
        #expect(
            try session.fields(fields).contains { $0.hasSuffix(" messages/s") && Int($0.prefix { $0 != " " })! > 1000 }
        )
        #expect(
            try session.fields(fields).contains {
                $0.hasPrefix("frame ") && $0.hasSuffix(" ms") && $0 != "frame 0.0 ms"
            }
        )
        try session.press("t", "v", "c", "h", "plus", "space", "Right", "Right", "space", "minus")
        try session.point(300, 300, "click", "4", "click", "4", "mousedown", "2")
        try session.point(350, 280, "mouseup", "2", "click", "5")
        try session.press("s")
        try session.wait(for: "saved robots-1.png")
        try session.resize(width: 500, height: 600)
        try session.wait(for: "step 300") { try session.step($0) ?? 0 > 300 }
        let summary = try session.end()
        let headless = try session.program.summary(
            ["--headless", "--robots", "40", "--seed", "11", "--steps", "\(summary.steps)"]
        )
        #expect(summary.digest == headless.digest)
        #expect(summary.messages == headless.messages)
        #expect(summary.collisions == headless.collisions)
    }
}
