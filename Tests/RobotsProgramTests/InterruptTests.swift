import Foundation
import Testing

/// The user ends a run that has no end of its own.
@Suite struct InterruptTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func headlessRunEndsCleanly(signal: Int32) throws {
        // A pipe for one of the files: what comes out of it shows that the run is under way.
        let pipe = try program.makePipe("states")
        let running = try program.start([
            "--headless", "--states", "states", "--messages", "messages", "--summary-json",
        ])
        let reader = try FileHandle(forReadingFrom: pipe)
        var states = try #require(try reader.read(upToCount: 100_000))
        #expect(try program.files.contains { $0.hasPrefix("messages.") && $0.hasSuffix(".partial") })

        kill(running.process.processIdentifier, signal)
        states += try reader.readToEnd() ?? Data()
        let result = try running.end()
        #expect(result.exitCode == 0)
        #expect(result.errors == "")

        let summary = try RobotsProgram.Summary(result)
        let lines = String(decoding: states, as: UTF8.self).split(separator: "\n")
        #expect(states.last == UInt8(ascii: "\n"))
        #expect(lines.count == summary.steps)
        #expect(try #require(lines.last).hasSuffix("\"fnv\": \"\(summary.digest)\"}"))
        #expect(try program.lines("messages").count { $0.contains("recv WORLD_STATE") } == summary.steps)
        #expect(try program.files == ["states", "messages"])
    }

    @Test func aReaderThatGoesAwayIsAnError() throws {
        let pipe = try program.makePipe("states")
        let running = try program.start(["--headless", "--states", "states", "--messages", "messages"])
        let reader = try FileHandle(forReadingFrom: pipe)
        _ = try reader.read(upToCount: 100)
        try reader.close()
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("states"))
        #expect(try program.files == ["states"])
    }

    @Test func progressOnATerminal() throws {
        // A new terminal: its two ends, the second one after it has been unlocked (TIOCSPTLCK, TIOCGPTN).
        let terminal = try #require(FileHandle(forUpdatingAtPath: "/dev/ptmx"))
        var (lock, number): (Int32, UInt32) = (0, 0)
        try #require(unsafe ioctl(terminal.fileDescriptor, 0x4004_5431, &lock) == 0)
        try #require(unsafe ioctl(terminal.fileDescriptor, 0x8004_5430, &number) == 0)
        let programsEnd = try #require(FileHandle(forUpdatingAtPath: "/dev/pts/\(number)"))
        let result = try program.run(
            ["--headless", "--steps", "300", "--robots", "1500", "--seed", "1", "--summary-json"],
            standardError: programsEnd
        )
        #expect(result.exitCode == 0)
        #expect(try RobotsProgram.Summary(result).steps == 300)
        let shown = String(decoding: terminal.availableData, as: UTF8.self)
        // Each line is drawn over the former one; in the end none is left.
        #expect(shown.hasPrefix("\r\u{1b}[Kstep 1 of 300, "))
        #expect(shown.contains(#/step \d+ of 300, [\d.]+ steps\/s, \d+ s left/#))
        #expect(shown.hasSuffix("\r\u{1b}[K"))
        #expect(!shown.contains("\n"))
    }
}
