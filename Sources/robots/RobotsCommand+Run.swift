import Glibc
import RobotWorld
import Tasklets

extension RobotsCommand {
    /// How often something is shown anew while robots join.
    private static let timeBetweenNews = Duration.milliseconds(100)

    func run() throws {
        Scheduler.dumpOnSignal(SIGUSR1, frames: 8)
        if let sweep {
            return try Sweep(path: sweep, size: size).run(steps: steps ?? 1, asJSON: summaryJson)
        }
        let seed = robots == nil ? nil : seed ?? UInt64(UInt32.random(in: 0...UInt32.max))
        let snapshot = try resume.map { try SnapshotFile(path: $0).snapshot() }
        let simulation = try snapshot.map(Simulation.init(resuming:)) ?? Simulation(chosenScenario(seed: seed))
        let scenario = simulation.scenario
        Interrupt.listen()
        let messagesFile = try messages.map { try OutputFile(path: $0) }
        let screenshotFile = try screenshot.map { try OutputFile(path: $0) }
        let saveFile = try save.map { try SaveFile(path: $0, every: saveEvery) }
        var outputs: [any StepOutput] = []
        // First, since its end may still fail: then none of the others appears.
        if let record { outputs.append(try Recording(path: record, framesPerSecond: fps, size: scenario.size)) }
        if let states { outputs.append(StatesFile(file: try OutputFile(path: states), every: every ?? 1)) }
        if let trails { outputs.append(TrailsFile(file: try OutputFile(path: trails), scenario: scenario)) }
        if let saveFile { outputs.append(saveFile) }
        let timelineFile = try timeline.map { TimelineFile(file: try OutputFile(path: $0)) }
        if let timelineFile { outputs.append(timelineFile) }
        let window = headless ? nil : try RobotWindow(framesPerSecond: fps, size: scenario.size, seed: seed)
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
                try messagesFile?.startOver()
                for output in outputs { try output.startOver() }
            }
            start = clock.now
            stepsMade = 0
            progress = headless ? Progress(steps: steps) : nil
            // A small world is joined before a line could be read.
            var nextNews = start.advanced(by: RobotsCommand.timeBetweenNews)
            let joining = { (joined: Int) throws -> Simulation.Verdict in
                if Interrupt.isRequested { return .stop }
                if clock.now < nextNews { return .proceed }
                nextNews = clock.now.advanced(by: RobotsCommand.timeBetweenNews)
                progress?.show(joined: joined, of: scenario.robots.count)
                return try window?.show(joined: joined, of: scenario.robots.count) ?? .proceed
            }
            outcome = try run(simulation, messagesFile, timelineFile?.timeline, joining: joining) { step in
                stepsMade += 1
                for output in outputs { try output.take(step) }
                progress?.show(step.number, made: stepsMade)
                var verdict = try window?.show(step) ?? (Interrupt.isRequested ? .stop : .proceed)
                if stepsMade == steps { verdict = .stop }
                if verdict == .stop { try saveFile?.save(step) }
                return verdict
            }
            isAgain = window?.isRestartWanted ?? false
        } while isAgain
        let seconds = start.duration(to: clock.now) / .seconds(1)
        progress?.clear()

        if stepsMade == 0 {
            // What has been begun of them goes with the objects.
            let missing = outputs.compactMap(\.missingWithoutStep) + (screenshot.map { ["--screenshot: \($0)"] } ?? [])
            for file in missing {
                Notice.say("\(file) is not written: the run has ended before its first step")
            }
            outputs.removeAll { $0.missingWithoutStep != nil }
        } else if let window, let screenshotFile, let screenshot {
            let picture = try window.picture()
            try screenshotFile.write(screenshot.lowercased().hasSuffix(".bmp") ? picture.bmp : picture.png)
        }
        for output in outputs { try output.commit() }
        try messagesFile?.commit()
        if stepsMade > 0 { try screenshotFile?.commit() }

        let summary = Summary(
            outcome: outcome,
            before: (snapshot?.step ?? 0, snapshot?.messages ?? 0),
            seconds: seconds,
            seed: seed
        )
        try Summary.print(summaryJson ? summary.json : summary.text)
        if let reason = DisplayLoss.reason {
            let end = "the run was ended at step \(outcome.steps), and its files are complete up to there"
            throw Failure.unavailable("the display has gone: \(reason); \(end); run with --headless")
        }
    }

    private func run(
        _ simulation: Simulation,
        _ messagesFile: OutputFile?,
        _ timeline: Timeline?,
        joining: @escaping (Int) throws -> Simulation.Verdict,
        show: @escaping (Simulation.Step) throws -> Simulation.Verdict
    ) throws -> Outcome {
        do {
            return try simulation.run(
                trace: messagesFile.map { file in { line in try file.writeLine(line) } },
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
