import Foundation
import Testing

/// Each output with each ending: it is complete, or there is no file of it, and nothing else is left.
@Suite struct EndingTests {
    let program: RobotsProgram
    /// Bytes after which every output is under way.
    private static let underWay = 3_000_000

    init() throws {
        program = try RobotsProgram()
    }

    private var outputs: WholeOutputs { WholeOutputs(program: program) }

    @Test(arguments: ["film.mp4", "film.gif"])
    func theLastStep(film: String) throws {
        let result = try program.run(["--headless", "--steps", "60", "--record", film] + WholeOutputs.arguments)
        #expect(result.exitCode == 0 && result.errors == "")
        #expect(try program.files == WholeOutputs.names.union([film]))
        try outputs.expectWhole(result, film: film)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], ["film.mp4", "film.gif"])
    func aSignal(signal: Int32, film: String) throws {
        let running = try program.start(["--headless", "--record", film] + WholeOutputs.arguments)
        try running.state.waitUntilWritten(bytes: Self.underWay)
        #expect(try program.files.isEmpty)
        kill(running.process.processIdentifier, signal)
        let result = try running.end()
        #expect(result.exitCode == 0 && result.errors == "")
        #expect(try program.files == WholeOutputs.names.union([film]))
        try outputs.expectWhole(result, film: film)
    }

    /// `timeout` and others send it twice, which is not a second wish.
    @Test func theSameSignalTwiceAtOnce() throws {
        let running = try program.startScript(
            """
            exec timeout 3600 bash -c \
                'echo $$ >number; exec "$robots" --headless \(WholeOutputs.arguments.joined(separator: " "))'
            """
        )
        var number: pid_t?
        try running.wait(for: "the program's number") {
            number = (try? program.lines("number").first).flatMap { pid_t($0) }
            return number != nil
        }
        try ProcessState(number: #require(number)).waitUntilWritten(bytes: Self.underWay)
        // It passes that on as it does when the time is over: to the program, and to its group.
        kill(running.process.processIdentifier, SIGTERM)
        let result = try running.end()
        #expect(result.exitCode == 0 && result.errors == "")
        #expect(try program.files == WholeOutputs.names.union(["number"]))
        try outputs.expectWhole(result, film: nil)
    }

    /// `nohup` starts the program like that: it goes on when its terminal goes.
    @Test func aTerminalThatGoesFromARunThatIgnoresThat() throws {
        let running = try program.startScript(
            "trap '' HUP; exec \"$robots\" --headless \(WholeOutputs.arguments.joined(separator: " "))"
        )
        try running.state.waitUntilWritten(bytes: Self.underWay)
        kill(running.process.processIdentifier, SIGHUP)
        try running.state.waitUntilWritten(bytes: 2 * Self.underWay)
        #expect(running.process.isRunning)
        running.process.interrupt()
        let result = try running.end()
        #expect(result.exitCode == 0 && result.errors == "")
        try outputs.expectWhole(result, film: nil)
    }

    /// Also those that no program can do anything about.
    @Test(arguments: [SIGKILL, SIGQUIT, SIGABRT])
    func aSignalThatEndsTheProcess(signal: Int32) throws {
        // Swift's own report of a crash would take the first one of some signals for itself.
        let program = try RobotsProgram(environment: ["SWIFT_BACKTRACE": "enable=no"])
        let running = try program.start(["--headless", "--record", "film.mp4"] + WholeOutputs.arguments)
        try running.state.waitUntilWritten(bytes: Self.underWay)
        kill(running.process.processIdentifier, signal)
        #expect(try running.endBySignal() == signal)
        #expect(try program.files.isEmpty)
    }

    /// What was saved on the way stays.
    @Test func theSavedStepsOfAKilledRun() throws {
        let running = try program.start(["--headless", "--save", "saved", "--save-every", "5", "--states", "states"])
        try running.wait(for: "saved") { try program.files.contains("saved") }
        try running.state.waitUntilWritten(bytes: Self.underWay)
        kill(running.process.processIdentifier, SIGKILL)
        #expect(try running.endBySignal() == SIGKILL)
        // At that very moment it may have had a second name.
        try program.runWell(["--headless", "--steps", "1", "--resume", "saved"])
        #expect(try program.files.filter { !$0.hasPrefix(".robots-") } == ["saved"])
    }

    @Test(arguments: ["", "trap '' XFSZ;"])
    func aFileThatBecomesTooLarge(trap: String) throws {
        let result = try program.runScript(
            """
            \(trap) ulimit -f 100
            exec "$robots" --headless --steps 100000 --record film.mp4 \(WholeOutputs.arguments.joined(separator: " "))
            """
        )
        #expect(result.exitCode == 73)
        // One of them is the first, and others may follow when they are completed.
        let lines = result.errors.split(separator: "\n")
        #expect(lines.allSatisfy { $0.contains("cannot be") && $0.contains("File too large") }, "\(result.errors)")
        let failed = Set(lines.map { String($0.dropFirst("robots: ".count).prefix { $0 != ":" }) })
        #expect(failed.contains("messages") && failed.count == lines.count, "\(result.errors)")
        try outputs.expectWhole(result, film: failed.contains("film.mp4") ? nil : "film.mp4", failed: failed)
    }

    @Test func ffmpegIsKilled() throws {
        let running = try program.start(["--headless", "--record", "film.mp4"] + WholeOutputs.arguments)
        try running.state.waitUntilWritten(bytes: Self.underWay)
        kill(try running.encoder(), SIGKILL)
        let result = try running.end()
        #expect(result.exitCode == 73)
        let reason = "film.mp4: cannot be recorded: ffmpeg was ended by signal 9; record again"
        let steps = try RobotsProgram.Summary(result).steps
        let end = "the run was ended at step \(steps), and its other files are complete up to there"
        #expect(result.errors == "robots: \(reason); \(end)\n", "\(result.errors)")
        #expect(try program.files == WholeOutputs.names)
        try outputs.expectWhole(result, film: nil)
    }

    /// The file system's own answers, which strace gives in its place.
    @Test(arguments: [
        ("write", "ENOSPC", "No space left on device; make room on that disk"),
        ("write", "EDQUOT", "Disk quota exceeded; delete files of yours"),
        ("write", "EIO", "Input/output error; name another file"),
        ("fsync", "EIO", "Input/output error; name another file"),
        ("linkat", "ENOSPC", "No space left on device; make room on that disk"),
        ("linkat", "EROFS", "Read-only file system; name a file on a disk that can be written to"),
    ])
    func theDiskRefuses(call: String, error: String, words: String) throws {
        let result = try program.runScript(
            """
            strace -qqq -o /dev/null -e trace=\(call) -e inject=\(call):error=\(error):when=\(call == "write" ? 3 : 1) \\
                "$robots" --headless --steps 2000 \(WholeOutputs.arguments.joined(separator: " "))
            """
        )
        #expect(result.exitCode == 73)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        let failed = String(result.errors.dropFirst("robots: ".count).prefix { $0 != ":" })
        #expect(try program.files == WholeOutputs.names.subtracting([failed]))
        try outputs.expectWhole(result, film: nil, failed: [failed])
    }

    /// Before the first step.
    @Test(arguments: [
        ("openat", "EMFILE", "Too many open files; raise the limit with ulimit -n"),
        ("openat", "EROFS", "Read-only file system; name a file on a disk that can be written to"),
        ("openat", "EDQUOT", "Disk quota exceeded; delete files of yours"),
        ("openat", "ENOSPC", "No space left on device; make room"),
    ])
    func theFolderRefuses(call: String, error: String, words: String) throws {
        let result = try program.runScript(
            """
            strace -qqq -o /dev/null -P "$(pwd -P)" -e trace=openat -e inject=openat:error=\(error) \\
                "$robots" --headless --steps 20 --states states
            """
        )
        #expect(result.exitCode == 73)
        #expect(result.errors.hasPrefix("robots: states: cannot be written: \(words)"), "\(result.errors)")
        #expect(try program.files.isEmpty)
    }

    @Test(arguments: ["--states -", "--states /dev/fd/1"])
    func aReaderThatEnds(call: String) throws {
        let result = try program.runScript(
            "\"$robots\" --headless --steps 100000 --messages messages \(call) | head -n 1 >first; exit ${PIPESTATUS[0]}"
        )
        #expect(result.exitCode == 73)
        #expect(
            result.errors.contains("cannot be written: Broken pipe; its reader has ended before the run"),
            "\(result.errors)"
        )
        #expect(try program.files == ["first", "messages"])
    }

    /// A program that is started without them gives their numbers to other files.
    @Test(arguments: ["<&-", ">&-", "<&- >&-", "<&- >&- 2>&-", "2>&-"])
    func withoutStandardFiles(closed: String) throws {
        let result = try program.runScript(
            "\"$robots\" --headless --steps 30 --record film.mp4 \(WholeOutputs.arguments.joined(separator: " ")) \(closed)"
        )
        let hasOutput = !closed.contains(">&-") || closed == "2>&-"
        #expect(result.exitCode == (hasOutput ? 0 : 73))
        #expect(try program.lines("states").count == 30)
        #expect(try program.files == WholeOutputs.names.union(["film.mp4"]))
        if hasOutput { try outputs.expectWhole(result, film: "film.mp4") }
    }

    /// ffmpeg ends with 0 although the file did not take the whole film.
    @Test(arguments: ["film.mp4", "film.gif"], [4, 8, 16])
    func aFilmThatIsTooLarge(film: String, limit: Int) throws {
        let result = try program.runScript(
            """
            echo old >\(film); ulimit -f \(limit)
            "$robots" --headless --steps 60 --robots 20 --seed 1 --record \(film)
            """
        )
        #expect(result.exitCode == 73)
        let remedy = "name a file on a disk that takes larger ones, or raise the limit with ulimit -f"
        let reason = "\(film): cannot be recorded: File too large; \(remedy)"
        #expect(result.errors.hasPrefix("robots: \(reason)"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
        #expect(try program.text(film) == "old\n")
        #expect(try program.files == [film])
    }

    /// ffmpeg cannot even write why.
    @Test func noFileMayHaveAnything() throws {
        let result = try program.runScript(
            "(ulimit -f 0; \"$robots\" --headless --steps 60 --record film.mp4 2>&1) | cat"
        )
        let remedy = "name a file on a disk that takes larger ones, or raise the limit with ulimit -f"
        #expect(result.output.contains("robots: film.mp4: cannot be recorded: File too large; \(remedy)"), "\(result)")
        #expect(try program.files.isEmpty)
    }
}
