import Foundation
import Testing

/// The program in a window, and what a user does in front of it: look, type and click.
final class WindowSession {
    let screen: VirtualScreen
    let program: RobotsProgram
    let window: UInt32
    let running: RobotsProgram.Running
    private let reader: OverlayReader
    private var size = (width: 660, height: 648)

    /// Starts the program and waits until it shows some number of robots.
    convenience init(_ arguments: [String], scenario: String? = nil, robots: Int, screen: VirtualScreen? = nil) throws {
        let screen = try screen ?? VirtualScreen()
        let program = try RobotsProgram(environment: ["DISPLAY": screen.name])
        var arguments = arguments + ["--summary-json"]
        if let scenario {
            try program.write(scenario, to: "scenario.json")
            arguments += ["--scenario", "scenario.json"]
        }
        try self.init(program, arguments, robots: robots, screen: screen)
    }

    /// Replays a states file.
    convenience init(replaying states: String, _ arguments: [String] = [], robots: Int) throws {
        let screen = try VirtualScreen()
        let program = try RobotsProgram(environment: ["DISPLAY": screen.name])
        try program.write(states, to: "states.jsonl")
        try self.init(program, ["--replay", "states.jsonl"] + arguments, robots: robots, screen: screen)
    }

    private init(_ program: RobotsProgram, _ arguments: [String], robots: Int, screen: VirtualScreen) throws {
        self.screen = screen
        self.program = program
        running = try program.start(arguments)
        window = try screen.window(titled: "Demo")
        reader = try OverlayReader()
        try screen.tool("xdotool", "windowfocus", "--sync", "\(window)")
        try wait(for: "robots \(robots)")
    }

    /// Presses keys, by the names that X has for them.
    func press(_ keys: String...) throws {
        for key in keys { try screen.tool("xdotool", "key", key) }
    }

    /// Moves the pointer, and does something with it by the words of xdotool.
    func point(_ x: Int, _ y: Int, _ actions: String...) throws {
        try screen.tool(["xdotool", "mousemove", "--window", "\(window)", "\(x)", "\(y)"] + actions)
    }

    /// Does something with the pointer where it is.
    func act(_ actions: String...) throws {
        try screen.tool(["xdotool"] + actions)
    }

    func resize(width: Int, height: Int) throws {
        try screen.tool(
            "xdotool",
            "windowmove",
            "\(window)",
            "0",
            "0",
            "windowsize",
            "\(window)",
            "\(width)",
            "\(height)"
        )
        size = (width, height)
    }

    /// What the screen shows of the window.
    func picture() throws -> PixelGrid {
        let picture = try screen.picture(of: window, width: size.width, height: size.height)
        guard picture.bytes.count == size.width * size.height * 3 else { throw OtherSize() }
        return picture
    }

    /// The window does not have its new size yet.
    private struct OtherSize: Error {}

    /// The fields of the overlay.
    func fields(_ picture: PixelGrid? = nil) throws -> [String] {
        reader.fields(in: try picture ?? self.picture(), dot: max(1, min(size.width / 660, size.height / 648)))
    }

    /// The step that the overlay tells.
    func step(_ picture: PixelGrid? = nil) throws -> Int? {
        try fields(picture).first { $0.hasPrefix("step ") }.flatMap { Int($0.dropFirst(5)) }
    }

    func finds(_ text: String, in picture: PixelGrid) -> Bool { reader.finds(text, in: picture) }

    /// Waits until the window shows what it should, and gives that picture.
    @discardableResult
    func wait(
        for what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        until isThere: (PixelGrid) throws -> Bool
    ) throws -> PixelGrid {
        let deadline = ContinuousClock.now.advanced(by: patience)
        while ContinuousClock.now < deadline {
            let picture = try? picture()
            if let picture, try isThere(picture) { return picture }
            guard running.process.isRunning else { break }
        }
        let fields = try? fields()
        return try #require(
            nil,
            "never seen: \(what); the overlay says \(fields ?? [])",
            sourceLocation: sourceLocation
        )
    }

    /// Waits until the overlay has a field.
    @discardableResult
    func wait(for field: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> PixelGrid {
        try wait(for: field, sourceLocation: sourceLocation) { try fields($0).contains(field) }
    }

    /// Pauses, and gives the picture and its step.
    func pause() throws -> (picture: PixelGrid, step: Int) {
        try press("space")
        let picture = try wait(for: "paused")
        return (picture, try #require(try step(picture)))
    }

    /// Ends the program by a key; it must end well.
    func end() throws -> RobotsProgram.Summary {
        try RobotsProgram.Summary(endWell())
    }

    /// Ends a replay by a key; it must end well and say nothing.
    func endReplay() throws { #expect(try endWell().output == "") }

    private func endWell() throws -> RobotsProgram.Result {
        try press("Escape")
        let result = try running.end()
        try #require(result.exitCode == 0 && result.errors == "", "\(result.exitCode): \(result.errors)")
        return result
    }
}
