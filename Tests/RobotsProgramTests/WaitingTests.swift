import Foundation
import Testing

/// The user ends a program that waits for something outside.
@Suite struct WaitingTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aPipeWithoutAReader(signal: Int32) throws {
        _ = try program.makePipe("pipe")
        let running = try program.start(["--headless", "--steps", "3", "--messages", "messages", "--states", "pipe"])
        try running.state.waitUntilStuck()
        kill(running.process.processIdentifier, signal)
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.hasPrefix("robots: pipe: cannot be written: the run was to end"), "\(result.errors)")
        #expect(try program.files == ["pipe"])
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], ["pipe", "/dev/fd/3", "-"])
    func aPipeThatIsNotEmptied(signal: Int32, output: String) throws {
        let running = try program.startScript(
            """
            mkfifo pipe; exec 3<>pipe
            exec "$robots" --headless --messages messages --states \(output) \(output == "-" ? ">pipe" : "")
            """
        )
        try running.state.waitUntilStuck()
        kill(running.process.processIdentifier, signal)
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("robots: \(output): cannot be written: the run was to end"), "\(result.errors)")
        #expect(try program.files == ["pipe", "messages"])
    }

    @Test func aSummaryThatIsNotRead() throws {
        let running = try program.startScript(
            """
            mkfifo pipe; exec 3<>pipe; head -c 65536 /dev/zero >pipe
            exec "$robots" --headless --steps 3 --states states >pipe
            """
        )
        try running.wait(for: "the states") { try program.files.contains("states") }
        running.process.interrupt()
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("the summary cannot be written to standard output"), "\(result.errors)")
        // The run itself has ended well.
        #expect(try program.states("states").count == 3)
    }

    /// A stopped ffmpeg takes no frames.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aStoppedFfmpeg(signal: Int32) throws {
        let running = try program.start(["--headless", "--states", "states", "--record", "film.mp4"])
        let encoder = try running.encoder()
        kill(encoder, SIGSTOP)
        try running.state.waitUntilStuck()
        kill(running.process.processIdentifier, signal)
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("film.mp4: cannot be recorded"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        #expect(ProcessState(number: encoder).hasEnded)
        #expect(try program.files == ["states"])
    }

    @Test func anFfmpegThatIsStoppedAtTheEnd() throws {
        let program = try programWithEncoder("cat >/dev/null; kill -STOP $$")
        let running = try program.start(["--headless", "--steps", "20", "--states", "states", "--record", "film.mp4"])
        try running.state.waitUntilStuck()
        running.process.interrupt()
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.contains("film.mp4: cannot be recorded"), "\(result.errors)")
        #expect(try program.files == ["states"])
    }

    /// The program, with a script in place of ffmpeg.
    private func programWithEncoder(_ script: String) throws -> RobotsProgram {
        try program.write("#!/bin/sh\n\(script)\n", to: "ffmpeg")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path("ffmpeg"))
        return try RobotsProgram(environment: ["PATH": "\(program.folder.path):/usr/bin:/bin"])
    }

    /// A second ctrl-C waits for nothing.
    @Test(arguments: [(SIGINT, SIGINT), (SIGTERM, SIGTERM), (SIGHUP, SIGINT), (SIGINT, SIGTERM)])
    func aSecondSignal(first: Int32, second: Int32) throws {
        // It never ends, and is not stopped either: after one signal the program would wait for it as long as it takes.
        let program = try programWithEncoder("cat >/dev/null; read -r word <pipe")
        _ = try program.makePipe("pipe")
        let running = try program.start([
            "--headless", "--steps", "20", "--messages", "messages", "--record", "film.mp4",
        ])
        let encoder = try running.encoder()
        try running.state.waitUntilStuck()
        kill(running.process.processIdentifier, first)
        try running.state.waitUntilTaken(first)
        // Signals within a quarter of a second are one wish, and the program may see the first one late.
        try running.wait(for: "the end") {
            usleep(300_000)
            if running.process.isRunning { kill(running.process.processIdentifier, second) }
            return false
        }
        let result = try running.end()
        #expect(result.exitCode == 128 + second)
        #expect(
            result.errors == "robots: ended at once by a second signal; what was not complete is not written\n",
            "\(result.errors)"
        )
        try ProcessState(number: encoder).waitUntilEnded()
        #expect(try program.files == ["pipe"])
    }

    @Test func escapeInAWindowThatWaits() throws {
        let screen = try VirtualScreen()
        let program = try RobotsProgram(environment: ["DISPLAY": screen.name])
        let running = try program.startScript(
            """
            mkfifo pipe; exec 3<>pipe
            exec "$robots" --robots 300 --seed 1 --states pipe --messages messages
            """
        )
        let window = try screen.window(titled: "Demo")
        try screen.tool("xdotool", "windowfocus", "--sync", "\(window)")
        // Until the pipe takes nothing more.
        let pipe = unsafe open(program.path("pipe"), O_RDWR | O_NONBLOCK)
        defer { close(pipe) }
        try running.wait(for: "a full pipe") {
            var end = pollfd(fd: pipe, events: Int16(POLLOUT), revents: 0)
            return unsafe poll(&end, 1, 0) == 0
        }
        try running.wait(for: "the end") {
            _ = try? screen.tool("xdotool", "key", "--window", "\(window)", "Escape")
            usleep(100_000)
            return false
        }
        let result = try running.end()
        #expect(result.exitCode == 73)
        #expect(result.errors.hasPrefix("robots: pipe: cannot be written: the run was to end"), "\(result.errors)")
        #expect(try program.files == ["pipe", "messages"])
    }

    /// A reader that is only slow gets everything.
    @Test func aSlowReader() throws {
        let running = try program.startScript(
            """
            mkfifo pipe
            (exec 4<pipe; while dd bs=100000 count=1 iflag=fullblock status=none <&4 >chunk && test -s chunk; do
                cat chunk; sleep 0.2; done >read) &
            "$robots" --headless --messages messages --states pipe --summary-json & echo $! >number; wait $!
            code=$?; wait; rm chunk number; exit $code
            """
        )
        try running.wait(for: "what is read") { try program.files.contains("read") && !program.text("read").isEmpty }
        let number = try #require(pid_t(try program.text("number").trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(number, SIGINT)
        let result = try running.end()
        #expect(result.exitCode == 0 && result.errors == "")
        let summary = try RobotsProgram.Summary(result)
        let states = try program.lines("read")
        #expect(states.count == summary.steps)
        #expect(states.last?.hasSuffix("\"fnv\": \"\(summary.digest)\"}") == true)
    }
}
