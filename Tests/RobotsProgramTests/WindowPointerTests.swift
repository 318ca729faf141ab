import Foundation
import Testing

/// The mouse in the window, and windows of other sizes, on a screen in memory.
@Suite(.serialized) struct WindowPointerTests {
    private static let overlay = PixelGrid.Shot(overlay: 12)

    @Test func clickAddsARobot() throws {
        let session = try WindowSession(
            ["--states", "states", "--messages", "messages"],
            scenario: WindowSession.resting,
            robots: 5
        )
        let step = try session.pause().step
        try session.point(156, 346, "click", "1")
        // It is seen at once, where the pointer is, also while nothing moves.
        let robots = WindowSession.resting(atStep: step)
        let first = PixelGrid.Robot(x: 140, y: 330, angle: 0)
        try session.wait(for: "a sixth robot") { $0.difference(from: robots + [first], in: Self.overlay) == nil }
        try session.wait(for: "robots 6")
        try session.press("Right")
        let picture = try session.wait(for: "step \(step + 1)")
        let moved = PixelGrid.Robot(x: 140, y: 325, angle: 0)
        #expect(picture.difference(from: robots + [moved], in: Self.overlay) == nil)
        // Beside the world there is no place for one; near its edge it is put inside.
        try session.point(600, 300, "click", "1")
        try session.point(256, 2, "click", "1")
        try session.wait(for: "robots 7")
        try session.press("Right")
        try session.wait(for: "step \(step + 2)")
        _ = try session.end()

        let states = try session.program.states("states")
        let joined = try #require(states.first { $0.ids.contains("R6") })
        #expect(joined.step == step + 1)
        #expect(joined.robots[5].x == 140 && joined.robots[5].y == 325)
        let last = try #require(states.last)
        #expect(last.ids == ["A", "B", "C", "D", "E", "R6", "R7"])
        #expect(last.robots[6].x == 240 && last.robots[6].y == 0)
        let messages = try session.program.lines("messages")
        #expect(messages.contains("Display send World: JOIN Robot (140.0, 330.0) 0.0 5.0"))
        #expect(messages.contains("World.in print: ADDING R6"))
    }

    @Test func dragSetsHeadingAndVelocity() throws {
        let session = try WindowSession(["--states", "states"], scenario: WindowSession.resting, robots: 5)
        let step = try session.pause().step
        // Right and down, a way of 16 units to the edge of the icon and 4 × 21 more.
        try session.point(100, 140, "mousedown", "1")
        try session.point(100 + 80, 140 + 60)
        let picture = try session.wait(for: "heading 127.0 velocity 21.0")
        #expect(picture[100 + 60, 140 + 45] == PixelGrid.Color(red: 180, green: 0, blue: 90))
        try session.act("mouseup", "1")
        let turned = PixelGrid.Robot(x: 84, y: 124, angle: 127)
        try session.wait(for: "a turned robot") {
            $0.difference(from: WindowSession.resting(atStep: step) + [turned], in: Self.overlay) == nil
        }
        try session.press("Right")
        try session.wait(for: "step \(step + 1)")
        _ = try session.end()
        let robot = try #require(try session.program.states("states").last?.robots.last)
        #expect(robot.angle == 127)
        #expect(abs(robot.x - (84 + 21 * sin(127 * Double.pi / 180))) < 1e-9)
        #expect(abs(robot.y - (124 - 21 * cos(127 * Double.pi / 180))) < 1e-9)
    }

    @Test func rightClickRemovesARobot() throws {
        let session = try WindowSession(
            ["--states", "states", "--messages", "messages"],
            scenario: WindowSession.resting,
            robots: 5
        )
        let step = try session.pause().step
        // No robot is here; here is C.
        try session.point(400, 100, "click", "3")
        try session.point(515, 508, "click", "3")
        var robots = WindowSession.resting(atStep: step)
        robots.remove(at: 2)
        try session.wait(for: "four robots") { $0.difference(from: robots, in: Self.overlay) == nil }
        try session.wait(for: "robots 4")
        // One that has only just been added goes as well.
        try session.point(150, 300, "click", "1")
        try session.wait(for: "robots 5")
        try session.act("click", "3")
        try session.wait(for: "robots 4")
        try session.press("Right", "Right")
        let picture = try session.wait(for: "step \(step + 2)")
        #expect(picture.difference(from: robots, in: Self.overlay) == nil)
        _ = try session.end()

        #expect(try session.program.states("states").last?.ids == ["A", "B", "D", "E"])
        let messages = try session.program.lines("messages")
        #expect(messages.contains { $0.hasSuffix("got LEAVE from C") })
        #expect(messages.contains { $0.hasSuffix("got LEAVE from R5") || $0.hasSuffix("got LEAVE from R6") })
    }

    @Test func wheelZoomsAndDraggingPans() throws {
        let session = try WindowSession([], scenario: WindowSession.resting, robots: 5)
        let (first, step) = try session.pause()
        let robot = [WindowSession.resting(atStep: step)[4]]
        // Seven notches: nearly five times as large, and what is below the pointer stays there.
        let scale: Double = pow(1.25, 7)
        try session.point(264, 264, "click", "--repeat", "7", "4")
        var shot = PixelGrid.Shot(scale: scale, left: 264 * (1 - scale), top: 264 * (1 - scale), overlay: 12)
        try session.wait(for: "one large robot") { $0.difference(from: robot, in: shot) == nil }

        try session.act("mousedown", "2")
        try session.point(264 + 70, 264 - 40, "mouseup", "2")
        shot.left += 70
        shot.top -= 40
        try session.wait(for: "the robot moved") { $0.difference(from: robot, in: shot) == nil }

        try session.act("keydown", "shift", "mousedown", "1")
        try session.point(264 + 20, 264 + 30, "mouseup", "1")
        try session.act("keyup", "shift")
        shot.left -= 50
        shot.top += 70
        try session.wait(for: "the robot moved again") { $0.difference(from: robot, in: shot) == nil }

        // Back to the whole world, and not beyond.
        try session.act("click", "--repeat", "9", "5")
        try session.wait(for: "the first picture") { $0.places(differingFrom: first, rows: 636).isEmpty }
        #expect(try session.fields().contains("robots 5"))
        _ = try session.end()
    }

    @Test func largeWorlds() throws {
        let robots = [(0.0, 0.0, 0.0), (3000, 0, 90), (3000, 3000, 180), (0, 3000, 270), (1500, 1500, 45)]
        let members = robots.enumerated().map { number, robot in
            #"{"id": "A\#(number)", "x": \#(robot.0), "y": \#(robot.1), "angle": \#(robot.2), "velocity": 0}"#
        }
        let scenario = #"{"world": {"width": 3000, "height": 3000}, "robots": [\#(members.joined(separator: ", "))]}"#
        let session = try WindowSession([], scenario: scenario, robots: 5)
        let (picture, step) = try session.pause()

        // All of it is seen, and nothing else.
        let whole = 648.0 / 3152
        let left = (660 - 3164 * whole) / 2
        let middles = robots.map { (x: ($0.0 + 16) * whole + left, y: ($0.1 + 16) * whole) }
        let seenPixels = (0..<636 * 660).map { [$0 % 660, $0 / 660] }.filter { picture[$0[0], $0[1]] != .background }
        #expect(
            seenPixels.allSatisfy { pixel in
                middles.contains { hypot(Double(pixel[0]) - $0.x, Double(pixel[1]) - $0.y) < 6 }
            }
        )
        for middle in middles {
            #expect(picture[Int(middle.x), Int(middle.y)] != .background)
        }

        // Zoomed at the robot in the middle, then moved as far as it goes: there is the one in the corner.
        let point = (x: middles[4].x.rounded(), y: middles[4].y.rounded())
        try session.point(Int(point.x), Int(point.y), "click", "--repeat", "8", "4")
        let scale: Double = whole * pow(1.25, 8)
        func robot(_ index: Int) -> PixelGrid.Robot {
            let (x, y, angle) = robots[index]
            return PixelGrid.Robot(x: x, y: y, angle: angle + Double(step - 2) / 2)
        }
        let seen = ((point.x - left) / whole, point.y / whole)
        var shot = PixelGrid.Shot(
            scale: scale,
            left: point.x - seen.0 * scale,
            top: point.y - seen.1 * scale,
            overlay: 12
        )
        try session.wait(for: "the robot in the middle") { $0.difference(from: [robot(4)], in: shot) == nil }
        for _ in 1...5 {
            try session.point(50, 50, "mousedown", "2")
            try session.point(600, 600, "mouseup", "2")
        }
        (shot.left, shot.top) = (0, 0)
        try session.wait(for: "the robot in the corner") { $0.difference(from: [robot(0)], in: shot) == nil }

        // A robot that is added here has its place here.
        try session.point(400, 300, "click", "1")
        let added = PixelGrid.Robot(x: 400 / scale - 16, y: 300 / scale - 16, angle: 0)
        try session.wait(for: "another robot") { $0.difference(from: [robot(0), added], in: shot) == nil }
        _ = try session.end()
    }

    @Test func otherSizesKeepTheShapeOfTheWorld() throws {
        let screen = try VirtualScreen(width: 1400, height: 1300)
        let session = try WindowSession([], scenario: WindowSession.resting, robots: 5, screen: screen)
        let step = try session.pause().step
        let robots = WindowSession.resting(atStep: step)
        for (width, height, scale) in [(1320, 648, 1.0), (1320, 1296, 2), (594, 900, 0.9), (1400, 1300, 1300 / 648)] {
            try session.resize(width: width, height: height)
            let shot = PixelGrid.Shot(
                width: width,
                height: height,
                scale: scale,
                left: (Double(width) - 660 * scale) / 2,
                top: (Double(height) - 648 * scale) / 2,
                overlay: scale >= 2 ? 24 : 12
            )
            let picture = try session.wait(for: "\(width) × \(height)") { $0.difference(from: robots, in: shot) == nil }
            // Letters are made of whole pixels: twice as large where there is room for that.
            #expect(try session.fields(picture).contains("robots 5"))
        }
        _ = try session.end()
    }
}

extension PixelGrid {
    /// Where this picture differs from another one of the same size, in the rows above one.
    func places(differingFrom other: PixelGrid, rows: Int) -> [[Int]] {
        guard width == other.width, height == other.height else { return [[width, height]] }
        return (0..<rows * width).compactMap { pixel in
            let (x, y) = (pixel % width, pixel / width)
            return self[x, y] == other[x, y] ? nil : [x, y]
        }
    }

    /// Where a colour is.
    func places(of color: Color) -> [[Int]] {
        (0..<height * width).compactMap { self[$0 % width, $0 / width] == color ? [$0 % width, $0 / width] : nil }
    }
}
