import ArgumentParser
import Glibc
import RobotWorld

/// Runs the robot world, in a window or without.
@main
struct RobotsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "robots",
        abstract: "Robots fly through a square world; every one is an actor with a tasklet and a channel of its own.",
        discussion: """
            Without options: twelve robots in a window, until it is closed or ctrl-C is pressed. The same robots give \
            the same run everywhere; the digest in the summary tells whether two runs were the same.

            Output files appear when the run has ended, complete or not at all.

            Exit codes: 0 the run ended, also by closing the window or ctrl-C; 64 wrong options; 65 a scenario file \
            that makes no sense; 66 one that cannot be read; 69 no display; 73 an output that cannot be written.
            """
    )

    @Flag(help: "Run without a window, as fast as it goes. (default: in a window)")
    var headless = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("End after N steps, at least 1. (default: no end)", valueName: "n")
    )
    var steps: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Steps shown in a second, at least 1; the window only.", valueName: "n")
    )
    var fps = 60

    @Option(
        help: ArgumentHelp(
            """
            Robots from a JSON file with a "robots" array of {"id", "x", "y", "angle", "velocity"}; other keys are \
            ignored. (default: the classic twelve)
            """,
            valueName: "file"
        )
    )
    var scenario: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "N random robots instead, from 1 to \(mostRobots). (default: the classic twelve)",
            valueName: "n"
        )
    )
    var robots: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of the random robots: the same seed, the same robots. (default: a new one, told in the summary)",
            valueName: "s"
        )
    )
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Write where everyone was, a JSON line for each step. (default: not written)",
            valueName: "file"
        )
    )
    var states: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write only every K-th step to the --states file, at least 1. (default: 1)", valueName: "k")
    )
    var every: Int?

    @Option(help: ArgumentHelp("Write every event, one a line. (default: not written)", valueName: "file"))
    var messages: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write only the events of the first N steps to the --messages file, at least 1. (default: all)",
            valueName: "n"
        )
    )
    var messagesSteps: Int?

    @Option(
        help: ArgumentHelp(
            "Write the last frame as a picture: BMP when FILE ends in .bmp, else PNG; the window only. (default: not written)",
            valueName: "file"
        )
    )
    var screenshot: String?

    @Flag(help: "Print the summary as one JSON object, and nothing else. (default: as text)")
    var summaryJson = false

    private static let mostRobots = 1_000_000

    func validate() throws {
        for (option, value) in [
            ("steps", steps), ("fps", fps), ("robots", robots), ("every", every), ("messages-steps", messagesSteps),
        ] {
            if let value, value < 1 {
                throw ValidationError("--\(option): \(value) is too small; give a whole number of at least 1")
            }
        }
        if let robots, robots > RobotsCommand.mostRobots {
            throw ValidationError("--robots: \(robots) is too large; give \(RobotsCommand.mostRobots) at most")
        }
        let together: [(option: String, isGiven: Bool, other: String, isOtherGiven: Bool)] = [
            ("seed", seed != nil, "robots", robots != nil),
            ("every", every != nil, "states", states != nil),
            ("messages-steps", messagesSteps != nil, "messages", messages != nil),
        ]
        for (option, isGiven, other, isOtherGiven) in together where isGiven && !isOtherGiven {
            throw ValidationError("--\(option) says nothing without --\(other); give both")
        }
        if scenario != nil && robots != nil {
            throw ValidationError("--scenario and --robots both say which robots take part; give one of them")
        }
        if headless && screenshot != nil {
            throw ValidationError("--screenshot: there is no frame with --headless; give one of them")
        }
        let outputs = [("states", states), ("messages", messages), ("screenshot", screenshot)].filter { $0.1 != nil }
        for (index, (option, path)) in outputs.enumerated() {
            if let (other, _) = outputs[..<index].first(where: { $0.1 == path }) {
                throw ValidationError("--\(option): \(path!) is the --\(other) file already; name another one")
            }
        }
    }

    func run() throws {
        let seed = robots == nil ? nil : seed ?? UInt64(UInt32.random(in: 0...UInt32.max))
        let scenario = try chosenScenario(seed: seed)
        Interrupt.listen()
        let statesFile = try states.map { StatesFile(file: try OutputFile(path: $0), every: every ?? 1) }
        let messagesFile = try messages.map(OutputFile.init)
        let screenshotFile = try screenshot.map(OutputFile.init)
        let window = headless ? nil : try RobotWindow(framesPerSecond: fps, size: scenario.size, seed: seed)
        var progress = headless ? Progress(steps: steps) : nil

        let clock = ContinuousClock()
        var start: ContinuousClock.Instant
        var outcome: Outcome
        var isAgain = false
        repeat {
            if isAgain {
                window?.restart()
                try statesFile?.file.startOver()
                try messagesFile?.startOver()
            }
            start = clock.now
            outcome = try Simulation(scenario).run(
                trace: messagesFile.map { file in { line in try file.writeLine(line) } },
                traceSteps: messagesSteps ?? .max
            ) { step in
                try statesFile?.write(step)
                progress?.show(step.number)
                let verdict = try window?.show(step) ?? (Interrupt.isRequested ? .stop : .proceed)
                return step.number == steps ? .stop : verdict
            }
            isAgain = window?.isRestartWanted ?? false
        } while isAgain
        let seconds = start.duration(to: clock.now) / .seconds(1)
        progress?.clear()

        if let window, let screenshotFile, let screenshot {
            let picture = try window.picture()
            try screenshotFile.write(screenshot.lowercased().hasSuffix(".bmp") ? picture.bmp : picture.png)
        }
        try statesFile?.file.commit()
        try messagesFile?.commit()
        try screenshotFile?.commit()

        let summary = Summary(robots: scenario.robots.count, outcome: outcome, seconds: seconds, seed: seed)
        do {
            try Descriptor.standardOutput.write(Array(((summaryJson ? summary.json : summary.text) + "\n").utf8))
        } catch {
            throw Failure.noOutput("the summary cannot be written to standard output: \(error)")
        }
    }

    private func chosenScenario(seed: UInt64?) throws -> Scenario {
        if let scenario { return try ScenarioFile(path: scenario).scenario() }
        if let robots, let seed { return .random(robots: robots, seed: seed) }
        return .classic
    }

    /// Runs the program. Whatever is wrong is said in one line.
    static func main() {
        do {
            let command = try parse()
            try command.run()
        } catch {
            let (message, exitCode) =
                if let failure = error as? Failure {
                    (failure.message, failure.exitCode)
                } else {
                    ("\(message(for: error)); robots --help explains the options", exitCode(for: error))
                }
            // Help is asked for like an error, but is none.
            if exitCode.isSuccess { exit(withError: error) }
            try? Descriptor.standardError.write(Array("robots: \(message)\n".utf8))
            Glibc.exit(exitCode.rawValue)
        }
    }
}
