import Foundation
import Testing

/// The window before the first step.
@Suite(.serialized) struct WindowJoiningTests {
    let screen: VirtualScreen
    let program: RobotsProgram
    let running: RobotsProgram.Running
    let window: UInt32
    /// Robots join only as long as what they say is read.
    private let messages: FileHandle
    private let reader: OverlayReader

    init() throws {
        screen = try VirtualScreen()
        program = try RobotsProgram(environment: ["DISPLAY": screen.name])
        let pipe = try program.makePipe("messages")
        running = try program.start([
            "--robots", "30000", "--seed", "7", "--messages", "messages", "--messages-steps", "1", "--states", "states",
            "--save", "saved", "--screenshot", "picture.png", "--summary-json",
        ])
        messages = try FileHandle(forReadingFrom: pipe)
        window = try screen.window(titled: "Demo")
        reader = try OverlayReader()
        try screen.tool("xdotool", "windowfocus", "--sync", "\(window)")
        // So much that another thousand have joined.
        while try joined() == nil { _ = try #require(try messages.read(upToCount: 400_000)) }
    }

    private func fields() throws -> [String] {
        let picture = try screen.picture(of: window, width: 660, height: 648)
        return reader.fields(in: picture)
    }

    /// How many have joined, says the window.
    private func joined() throws -> Int? {
        try #/joining: ([0-9]+) of 30000/#.firstMatch(in: fields().first ?? "").flatMap { Int($0.output.1) }
    }

    /// Lets everybody join and waits for the end of the program.
    private func end() throws -> RobotsProgram.Result {
        _ = try messages.readToEnd()
        return try running.end()
    }

    private func expectNoStep(_ result: RobotsProgram.Result) throws {
        #expect(result.exitCode == 0)
        #expect(
            result.errors == """
                robots: --save: saved is not written: the run has ended before its first step
                robots: --screenshot: picture.png is not written: the run has ended before its first step

                """
        )
        #expect(try RobotsProgram.Summary(result).steps == 0)
        #expect(try program.text("states") == "")
        #expect(try program.files == ["messages", "states"])
    }

    @Test func itSaysHowManyHaveJoined() throws {
        let first = try #require(try joined())
        #expect(first > 0 && first.isMultiple(of: 1000))
        #expect(try fields().dropFirst() == ["seed 7", "Esc ends"])
        while try #require(try joined()) == first { _ = try #require(try messages.read(upToCount: 400_000)) }
        #expect(try #require(try joined()) > first)
    }

    @Test func escapeEndsIt() throws {
        try screen.tool("xdotool", "key", "Escape")
        try expectNoStep(end())
    }

    @Test func closingEndsIt() throws {
        try WindowManager(of: screen).close(window)
        try expectNoStep(end())
    }

    @Test func controlCEndsIt() throws {
        running.process.interrupt()
        try expectNoStep(end())
    }

    /// Nothing is paused, restarted, saved or added then.
    @Test func otherKeysAreIgnored() throws {
        try screen.tool("xdotool", "key", "space", "key", "r", "key", "s", "key", "h", "key", "t")
        try screen.tool("xdotool", "mousemove", "--window", "\(window)", "300", "300", "click", "1", "click", "3")
        // The rest is for the first step, and then the pipe has no writer that anybody waits for.
        let handle = messages
        Thread { _ = try? handle.readToEnd() }.start()
        var step = 0
        while step < 3 {
            let fields = try fields()
            try #require(running.process.isRunning)
            step = fields.first { $0.hasPrefix("step ") }.flatMap { Int($0.dropFirst(5)) } ?? 0
            if step > 0 { #expect(fields.contains("robots 30000") && fields.contains("H help"), "\(fields)") }
        }
        try screen.tool("xdotool", "key", "Escape")
        let result = try running.end()
        #expect(result.exitCode == 0 && result.errors == "")
        #expect(try RobotsProgram.Summary(result).steps >= 3)
        #expect(try program.files == ["messages", "states", "saved", "picture.png"])
    }
}
