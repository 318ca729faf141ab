import Foundation
import Testing

/// A run on several threads: its files are those of one thread, byte for byte.
@Suite struct ThreadsTests {
    let program: RobotsProgram

    init() throws {
        program = try RobotsProgram()
    }

    private static let mixed = """
        {"world": {"width": 400, "height": 300}, "robots": [
            {"count": 40, "seed": 1, "velocity": [1, 9], "behaviour": "avoid"},
            {"count": 30, "seed": 2, "velocity": [2, 12], "behaviour": "wander"},
            {"count": 20, "seed": 3, "velocity": [1, 5], "behaviour": "bounce"},
            {"id": "alone", "x": 10, "y": 20, "angle": 45, "velocity": 3, "behaviour": "classic"}
        ]}
        """

    private static let files = ["states", "trails.svg", "saved"]

    /// Runs the program in all its files, and gives their bytes and its summary without the times.
    private func run(_ arguments: [String]) throws -> [String] {
        let files = ["--states", "states", "--trails", "trails.svg", "--save", "saved", "--save-every", "7"]
        let summary = try program.summary(["--headless"] + files + arguments)
        let numbers = [summary.robots, summary.steps, summary.messages, summary.collisions].map { "\($0)" }
        return try Self.files.map(program.text) + numbers + [summary.digest]
    }

    @Test(arguments: [2, 3, 8])
    func theFilesAreTheSame(threads: Int) throws {
        try program.write(Self.mixed, to: "mixed.json")
        for world in [[], ["--scenario", "mixed.json"], ["--robots", "5", "--seed", "2", "--behaviour", "avoid"]] {
            let arguments = world + ["--steps", "60"]
            let alone = try run(arguments)
            #expect(try run(arguments + ["--threads", "1"]) == alone)
            #expect(try run(arguments + ["--threads", "\(threads)"]) == alone)
        }
    }

    @Test(arguments: [1, 2, 5, 20])
    func resumedByOthers(savedAt: Int) throws {
        try program.write(Self.mixed, to: "mixed.json")
        for world in [[], ["--scenario", "mixed.json"]] {
            let whole = try program.summary(["--headless", "--steps", "40"] + world)
            for (first, second) in [(1, 4), (4, 1), (3, 5)] {
                let save = ["--steps", "\(savedAt)", "--save", "saved", "--threads", "\(first)"]
                try program.runWell(["--headless"] + save + world)
                let resume = ["--steps", "\(40 - savedAt)", "--resume", "saved", "--threads", "\(second)"]
                let rest = try program.summary(["--headless"] + resume)
                #expect(rest.digest == whole.digest && rest.messages == whole.messages, "\(first), then \(second)")
                #expect(rest.collisions == whole.collisions && rest.robots == whole.robots, "\(first), then \(second)")
            }
        }
    }

    /// There are as many threads, and ctrl-C ends them with whole files.
    @Test func aRunThatIsEnded() throws {
        let running = try program.start([
            "--headless", "--robots", "3000", "--seed", "1", "--threads", "4", "--save", "saved", "--summary-json",
        ])
        let tasks = "/proc/\(running.process.processIdentifier)/task"
        try wait(for: "four threads work") { try FileManager.default.contentsOfDirectory(atPath: tasks).count >= 4 }
        kill(running.process.processIdentifier, SIGINT)
        let result = try running.end()
        #expect(result.exitCode == 0, "\(result.errors)")
        let summary = try RobotsProgram.Summary(result)
        if summary.steps == 0 { return }
        let rest = try program.summary(["--headless", "--steps", "2", "--resume", "saved"])
        let whole = try program.summary([
            "--headless", "--robots", "3000", "--seed", "1", "--steps", "\(summary.steps + 2)",
        ])
        #expect(rest.digest == whole.digest)
    }

    @Test(arguments: [
        (
            ["--threads", "2", "--messages", "events"],
            "--messages: events of several threads have no order that is the same in every run; give it or --threads 2"
        ),
        (
            ["--threads", "3", "--timeline", "events"],
            "--timeline: events of several threads have no order that is the same in every run; give it or --threads 3"
        ),
        (["--threads", "0"], "--threads"), (["--threads", "257"], "give a whole number from 1 to 256"),
        (["--threads", "2", "--sweep", "list"], "--threads is for a single run"),
    ])
    func whatIsRefused(arguments: [String], reason: String) throws {
        let result = try program.run(["--headless", "--steps", "1"] + arguments)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains(reason), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(try program.files.isEmpty)
    }

    /// One thread has an order.
    @Test func aTraceOfOneThread() throws {
        try program.runWell(["--headless", "--steps", "5", "--threads", "1", "--messages", "events"])
        #expect(try program.lines("events").count > 100)
    }
}
