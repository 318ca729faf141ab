import RobotWorld

/// A run as the user has asked for it: the world, the window that shows it, and all that is written of it.
///
/// The world stands still between two of its steps, and the window's tasklet runs then.
final class RunSession {
    /// How often something is shown anew while robots join.
    private static let timeBetweenNews = Duration.milliseconds(100)

    let command: RobotsCommand
    private let simulation: Simulation
    /// What was made before, of a run that is resumed.
    let before: (steps: Int, messages: Int)
    let seed: UInt64?
    private let messages: MessagesFile?
    private let timeline: TimelineFile?
    let outputs: Outputs
    private let window: RobotWindow?
    private var progress: Progress?
    /// Those of this run, which may have been resumed.
    private(set) var stepsMade = 0

    /// Reads and opens everything; nothing happens in the world yet.
    ///
    /// - Throws: `Failure`.
    init(_ command: RobotsCommand) throws {
        self.command = command
        seed = command.robots == nil ? nil : command.seed ?? UInt64(UInt32.random(in: 0...UInt32.max))
        let snapshot = try command.resume.map { try SnapshotFile(path: $0).snapshot() }
        before = (snapshot?.step ?? 0, snapshot?.messages ?? 0)
        simulation = try snapshot.map(Simulation.init(resuming:)) ?? Simulation(command.chosenScenario(seed: seed))
        let scenario = simulation.scenario
        let framesPerSecond = command.fps ?? 60
        Interrupt.listen()
        messages = try command.messages.map { MessagesFile(file: try OutputFile(path: $0)) }
        let screenshot = try command.screenshot.map { try OutputFile(path: $0) }
        let save = try command.save.map { try SaveFile(path: $0, every: command.saveEvery) }
        let recording = try command.record.map {
            try Recording(path: $0, framesPerSecond: framesPerSecond, size: scenario.size)
        }
        let states = try command.states.map {
            StatesFile(file: try OutputFile(path: $0), every: command.every ?? 1)
        }
        let trails = try command.trails.map { TrailsFile(file: try OutputFile(path: $0), scenario: scenario) }
        timeline = try command.timeline.map { TimelineFile(file: try OutputFile(path: $0)) }
        window =
            command.headless
            ? nil
            : try RobotWindow(
                framesPerSecond: framesPerSecond,
                size: scenario.size,
                seed: seed,
                charts: Charts(
                    of: try ChartQuantity.all(named: command.chart ?? ChartQuantity.usual),
                    scenario: scenario,
                    isShown: command.chart != nil
                )
            )
        let screenshotFile = window.flatMap { window in screenshot.map { ScreenshotFile(file: $0, window: window) } }
        let all: [(any StepOutput)?] = [recording, states, trails, save, timeline, messages, screenshotFile]
        outputs = Outputs(all.compactMap(\.self))
    }

    /// Makes the run, as often as the user has it begin anew, and leaves what is written of it.
    ///
    /// - Throws: `Failure`, when something has gone wrong; what could be written is written all the same.
    func run() throws {
        Interrupt.watch(window.map { window in { window.isEndWanted } })
        defer { Interrupt.watch(nil) }
        window?.open()
        defer { window?.close() }
        let clock = ContinuousClock()
        var wish: Wish
        var outcome: Outcome
        var seconds: Double
        repeat {
            let start = clock.now
            (wish, outcome) = try makeSteps()
            seconds = start.duration(to: clock.now) / .seconds(1)
        } while startsOver(after: wish)
        progress?.clear()
        try finish(outcome, in: seconds)
    }

    /// Makes steps until the user wants something else than the next one, or all are made.
    private func makeSteps() throws -> (Wish, Outcome) {
        stepsMade = 0
        progress = window == nil ? Progress(steps: command.steps) : nil
        let trace = messages.map { [outputs] file in
            { (event: String) in outputs.attempt(file) { try $0.write(event) } }
        }
        let threads = command.threads ?? 1
        let traceSteps = command.messagesSteps ?? .max
        let timeline = timeline?.timeline
        var wish = Wish.next
        do {
            if window == nil {
                // Nobody else is there to run between two steps, and a step is quicker when nobody could.
                let outcome = try simulation.run(
                    threads: threads,
                    trace: trace,
                    traceSteps: traceSteps,
                    timeline: timeline,
                    joining: joining()
                ) { step in
                    wish = try take(step)
                    return wish.isNext ? .proceed : .stop
                }
                return (wish, outcome)
            }
            simulation.start(
                threads: threads,
                trace: trace,
                traceSteps: traceSteps,
                timeline: timeline,
                joining: joining()
            )
            while wish.isNext, let step = try simulation.next() { wish = try take(step) }
            return (wish, try simulation.end())
        } catch is Simulation.OtherRun {
            // Only a resumed run can find that.
            let reason = "the run that is repeated up to there has another one; name a file that --save has written"
            throw Failure.badData("\(command.resume ?? ""): digest: \(reason)")
        }
    }

    /// Writes and shows a step.
    ///
    /// - Returns: What is wanted then: in a window, when it is due.
    private func take(_ step: Simulation.Step) throws -> Wish {
        stepsMade += 1
        outputs.take(step)
        progress?.show(step.number, made: stepsMade)
        window?.take(step)
        var wish = Wish.end
        if outputs.failures.isEmpty { wish = try window?.nextWish() ?? (Interrupt.isRequested ? .end : .next) }
        if wish.isNext, stepsMade == command.steps { wish = .end }
        if !wish.isNext { outputs.takeLast(step) }
        return wish
    }

    /// Shows from time to time how many robots have joined; a small world is joined before that could be read.
    private func joining() -> (Int) throws -> Simulation.Verdict {
        let clock = ContinuousClock()
        let robots = simulation.scenario.robots.count
        var nextNews = clock.now.advanced(by: RunSession.timeBetweenNews)
        return { [unowned self] joined in
            if Interrupt.isRequested || !outputs.failures.isEmpty { return .stop }
            if clock.now < nextNews { return .proceed }
            nextNews = clock.now.advanced(by: RunSession.timeBetweenNews)
            progress?.show(joined: joined, of: robots)
            let goesOn = try window?.show(waiting: "joining: \(joined) of \(robots)") ?? true
            return goesOn ? .proceed : .stop
        }
    }

    /// Drops what has been, if the user wants the run from its beginning.
    private func startsOver(after wish: Wish) -> Bool {
        guard case .restart = wish, outputs.failures.isEmpty else { return false }
        window?.startOver()
        outputs.startOver()
        return true
    }
}
