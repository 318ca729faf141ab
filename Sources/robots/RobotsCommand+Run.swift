import Glibc
import RobotWorld
import Tasklets

extension RobotsCommand {
    /// How often something is shown anew while robots join.
    private static let timeBetweenNews = Duration.milliseconds(100)

    func run() throws {
        Scheduler.dumpOnSignal(SIGUSR1, frames: 8)
        if let sweep {
            return try Sweep(
                path: sweep,
                options: Sweep.Options(size: size, steps: steps),
                asJSON: summaryJson,
                outputs: sweepOutputs
            ).run()
        }
        let seed = robots == nil ? nil : seed ?? UInt64(UInt32.random(in: 0...UInt32.max))
        let snapshot = try resume.map { try SnapshotFile(path: $0).snapshot() }
        let simulation = try snapshot.map(Simulation.init(resuming:)) ?? Simulation(chosenScenario(seed: seed))
        let scenario = simulation.scenario
        Interrupt.listen()
        let messagesFile = try messages.map { MessagesFile(file: try OutputFile(path: $0)) }
        let screenshotFile = try screenshot.map { try OutputFile(path: $0) }
        let saveFile = try save.map { try SaveFile(path: $0, every: saveEvery) }
        let recording = try record.map {
            try Recording(path: $0, framesPerSecond: fps ?? 60, size: scenario.size)
        }
        let statesFile = try states.map { StatesFile(file: try OutputFile(path: $0), every: every ?? 1) }
        let trailsFile = try trails.map { TrailsFile(file: try OutputFile(path: $0), scenario: scenario) }
        let timelineFile = try timeline.map { TimelineFile(file: try OutputFile(path: $0)) }
        let window = headless ? nil : try RobotWindow(framesPerSecond: fps ?? 60, size: scenario.size, seed: seed)
        let screenshotOutput = window.flatMap { window in
            screenshotFile.map { ScreenshotFile(file: $0, window: window) }
        }
        let all: [(any StepOutput)?] = [
            recording, statesFile, trailsFile, saveFile, timelineFile, messagesFile, screenshotOutput,
        ]
        let outputs = Outputs(all.compactMap(\.self))
        Interrupt.watch(window.map { window in { window.isEndWanted } })
        defer { Interrupt.watch(nil) }

        let clock = ContinuousClock()
        var start: ContinuousClock.Instant
        var stepsMade: Int
        var outcome: Outcome
        var progress: Progress?
        var isAgain = false
        repeat {
            if isAgain {
                window?.restart()
                outputs.startOver()
            }
            start = clock.now
            stepsMade = 0
            progress = headless ? Progress(steps: steps) : nil
            // A small world is joined before a line could be read.
            var nextNews = start.advanced(by: RobotsCommand.timeBetweenNews)
            let joining = { (joined: Int) throws -> Simulation.Verdict in
                if Interrupt.isRequested || !outputs.failures.isEmpty { return .stop }
                if clock.now < nextNews { return .proceed }
                nextNews = clock.now.advanced(by: RobotsCommand.timeBetweenNews)
                progress?.show(joined: joined, of: scenario.robots.count)
                return try window?.show(joined: joined, of: scenario.robots.count) ?? .proceed
            }
            let trace = messagesFile.map { file in
                { (event: String) in outputs.attempt(file) { try $0.write(event) } }
            }
            outcome = try run(simulation, trace, timelineFile?.timeline, joining: joining) { step in
                stepsMade += 1
                outputs.take(step)
                progress?.show(step.number, made: stepsMade)
                window?.take(step)
                var verdict = Simulation.Verdict.stop
                if outputs.failures.isEmpty {
                    verdict = try window?.show(step) ?? (Interrupt.isRequested ? .stop : .proceed)
                }
                if stepsMade == steps { verdict = .stop }
                if verdict == .stop { outputs.takeLast(step) }
                return verdict
            }
            isAgain = window?.isRestartWanted ?? false && outputs.failures.isEmpty
        } while isAgain
        let seconds = start.duration(to: clock.now) / .seconds(1)
        progress?.clear()

        let isEndedEarly = !outputs.failures.isEmpty || DisplayLoss.reason != nil
        if stepsMade == 0 { outputs.leaveOutWhatNeedsStep() }
        outputs.commit()
        var failures = outputs.failures
        if isEndedEarly {
            let end = "the run was ended \(stepsMade == 0 ? "before its first step" : "at step \(outcome.steps)")"
            let others = failures.isEmpty && stepsMade > 0 ? "its files" : "its other files"
            let whatIsLeft = outputs.isEmpty ? "" : ", and \(others) are complete up to there"
            if let reason = DisplayLoss.reason {
                let message = "the display has gone: \(reason); \(end)\(whatIsLeft); run with --headless"
                failures.append(.unavailable(message))
            } else {
                let last = failures.removeLast()
                failures.append(Failure(message: "\(last.message); \(end)\(whatIsLeft)", exitCode: last.exitCode))
            }
        }
        let summary = Summary(
            outcome: outcome,
            before: (snapshot?.step ?? 0, snapshot?.messages ?? 0),
            seconds: seconds,
            seed: seed
        )
        do {
            try Summary.print(summaryJson ? summary.json : summary.text, onErrors: outputs.takesStandardOutput)
        } catch {
            failures.append(Failure(error))
        }
        try Failure.throwAll(failures)
    }

    private func run(
        _ simulation: Simulation,
        _ trace: ((String) -> Void)?,
        _ timeline: Timeline?,
        joining: @escaping (Int) throws -> Simulation.Verdict,
        show: @escaping (Simulation.Step) throws -> Simulation.Verdict
    ) throws -> Outcome {
        do {
            return try simulation.run(
                threads: threads ?? 1,
                trace: trace,
                traceSteps: messagesSteps ?? .max,
                timeline: timeline,
                joining: joining,
                show: show
            )
        } catch is Simulation.OtherRun {
            // Only a resumed run can find that.
            let reason = "the run that is repeated up to there has another one; name a file that --save has written"
            throw Failure.badData("\(resume ?? ""): digest: \(reason)")
        }
    }

    private func chosenScenario(seed: UInt64?) throws -> Scenario {
        let size = try size
        if let scenario { return try ScenarioFile(path: scenario).scenario(size: size) }
        guard let robots, let seed else {
            return Scenario(robots: Scenario.classic.robots, size: size ?? .classic)
        }
        return .random(
            robots: robots,
            seed: seed,
            size: size ?? .classic,
            behaviour: behaviour.flatMap(Robot.behaviour) ?? ClassicRobot.self
        )
    }
}

extension Snapshot {
    /// How many messages had been sent.
    fileprivate var messages: Int {
        if case .world(let world) = content { world.messages } else { 0 }
    }
}
