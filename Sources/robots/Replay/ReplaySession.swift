import RobotWorld

/// Shows a run that `--states` has recorded, forwards, backwards and from any place on.
final class ReplaySession {
    private let recorded: RecordedRun
    private let window: RobotWindow
    private let recording: Recording?
    private let outputs: Outputs
    /// Whether the user has said where the walls are.
    private let isSizeGiven: Bool
    private var index = 0
    private var isNothingShown = true

    /// Opens everything.
    init(_ command: RobotsCommand, path: String) throws {
        recorded = try RecordedRun(path: path)
        Interrupt.listen()
        let size = try command.size
        isSizeGiven = size != nil
        let framesPerSecond = command.fps ?? 60
        let screenshot = try command.screenshot.map { try OutputFile(path: $0) }
        recording = try command.record.map {
            try Recording(path: $0, framesPerSecond: framesPerSecond, size: size ?? .classic)
        }
        let window = try RobotWindow(
            framesPerSecond: framesPerSecond,
            size: size ?? .classic,
            remedy: "--replay shows a run in a window and not without one: set DISPLAY or WAYLAND_DISPLAY"
        )
        self.window = window
        let screenshotFile = screenshot.map { ScreenshotFile(file: $0, window: window) }
        let all: [(any StepOutput)?] = [recording, screenshotFile]
        outputs = Outputs(all.compactMap(\.self))
    }

    /// Shows the run until the user wants no more.
    func run() throws {
        Interrupt.watch { [window] in window.isEndWanted }
        defer { Interrupt.watch(nil) }
        window.open()
        defer { window.close() }
        var failures: [Failure] = []
        if try findStates() {
            do {
                try showStates()
            } catch let failure as Failure where !isNothingShown {
                // What was written before a wrong line is complete all the same.
                failures.append(failure)
            }
        }
        if isNothingShown { outputs.leaveOutWhatNeedsStep() }
        outputs.commit()
        failures += outputs.failures
        if let reason = DisplayLoss.reason {
            let files = outputs.isEmpty ? "" : "; the files are complete up to there"
            failures.append(.unavailable("the display has gone: \(reason)\(files); replay where there is one"))
        }
        try Failure.throwAll(failures)
    }

    /// Looks for the states in the file.
    ///
    /// - Returns: False when the user has ended that.
    private func findStates() throws -> Bool {
        let clock = ContinuousClock()
        var nextNews = clock.now.advanced(by: .milliseconds(100))
        var goesOn = true
        try recorded.readOn { part in
            if clock.now >= nextNews {
                nextNews = clock.now.advanced(by: .milliseconds(100))
                goesOn = try window.show(waiting: "reading: \(Int(part * 100)) %") && !Interrupt.isRequested
            }
            return goesOn
        }
        guard goesOn else { return false }
        if recorded.count == 0 { throw recorded.isWithoutStates }
        return true
    }

    private func showStates() throws {
        try showState()
        while outputs.failures.isEmpty {
            switch try window.nextWish() {
            case .next: try goOn()
            case .previous: if index > 0 { try show(index - 1) }
            case .state(let wanted): try show(wanted)
            case .restart: try show(0)
            case .end: return
            }
        }
    }

    private func goOn() throws {
        // Perhaps more has been written meanwhile.
        if index + 1 == recorded.count { try recorded.readOn { _ in !Interrupt.isRequested } }
        if index + 1 < recorded.count { return try show(index + 1) }
        window.pauseAtEnd(recorded.isCut ? "the end: the last line is no whole one" : "the end")
    }

    private func show(_ wanted: Int) throws {
        index = wanted
        try showState()
    }

    private func showState() throws {
        let state = try recorded.state(at: index)
        isNothingShown = false
        window.take(state, at: index, of: recorded.count)
        if let recording { outputs.attempt(recording) { try $0.draw(.recorded(state)) } }
        if index == 0 && !isSizeGiven { noteRobotsOutside(state) }
    }

    /// The file does not tell where the walls were.
    private func noteRobotsOutside(_ state: RecordedState) {
        let outside = state.robots.count { !WorldSize.classic.contains($0.location) }
        if outside > 0 {
            window.notice = "\(outside == 1 ? "1 robot is" : "\(outside) robots are") outside: give --world"
        }
    }
}
