import Foundation
import Testing

/// What is said of errors that are none of the options: the code of their kind, and no word about `--help`.
@Suite struct ErrorKindTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    @Test func noMemoryForStacks() throws {
        // The sanitizers are not in this: the program is built without them.
        let result = try program.runScript(
            "ulimit -v 1000000; exec \"$robots\" --headless --robots 200000 --seed 1 --steps 2 --states states"
        )
        #expect(result.exitCode == 71)
        #expect(result.errors.contains("no memory") && result.errors.contains("give fewer robots"), "\(result.errors)")
        #expect(result.errors.count { $0 == "\n" } == 1 && !result.errors.contains("--help"), "\(result.errors)")
        #expect(try program.files.isEmpty)
    }

    /// At each limit below the least one with which all files can be opened. With three the program cannot be loaded.
    @Test(arguments: ["film.mp4", "film.gif"])
    func noDescriptors(film: String) throws {
        var limit = 4
        while true {
            let result = try program.runScript(
                """
                ulimit -n \(limit)
                exec "$robots" --headless --steps 9 --states states --messages messages --save saved --record \(film)
                """
            )
            if result.exitCode == 0 { break }
            #expect(result.exitCode == 69 || result.exitCode == 73, "with \(limit)")
            #expect(result.errors.contains("raise the limit with ulimit -n"), "with \(limit): \(result.errors)")
            #expect(result.errors.count { $0 == "\n" } == 1 && !result.errors.contains("--help"), "\(result.errors)")
            #expect(!result.errors.contains("install"), "with \(limit): \(result.errors)")
            #expect(try program.files.isEmpty, "with \(limit)")
            limit += 1
            try #require(limit < 30)
        }
        // Three of its own, four files, and the pipe to ffmpeg.
        #expect(limit > 8, "enough are \(limit)")
        #expect(try program.files == ["states", "messages", "saved", film])
    }

    @Test(arguments: [["--nonsense"], ["--steps", "0"], ["--steps"], ["nonsense"], ["--seed", "3"]])
    func wrongUsage(arguments: [String]) throws {
        let result = try program.run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.errors.hasSuffix("; robots --help explains the options\n"), "\(result.errors)")
    }

    @Test func version() throws {
        let result = try program.run(["--version"])
        #expect((result.exitCode, result.output, result.errors) == (0, "0.1.0\n", ""))
    }

    @Test(arguments: ["--help", "--version", "--generate-completion-script bash"])
    func whatIsAskedForCannotBeWritten(option: String) throws {
        let result = try program.runScript("\"$robots\" \(option) >/dev/full")
        #expect(result.exitCode == 73)
        #expect(
            result.errors.hasPrefix("robots: what was asked for cannot be written to standard output: No space left")
        )
    }

    /// The signal tells what the actors do, and the run goes on to a good end.
    @Test func dumpOnSignal() throws {
        let running = try program.startScript("exec \"$robots\" --headless --summary-json --states states")
        try running.state.waitUntilWritten(bytes: 100_000)
        kill(running.process.processIdentifier, SIGUSR1)
        try running.wait(for: "what the tasklets do") { try running.errorsSoFar().contains("asklet") }
        kill(running.process.processIdentifier, SIGTERM)
        let result = try running.end()
        #expect(result.exitCode == 0)
        let steps = try RobotsProgram.Summary(result).steps
        #expect(try program.lines("states").count == steps)
    }
}
