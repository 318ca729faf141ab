import RobotWorld

extension RunSession {
    /// Writes what is left, and says how the run was.
    func finish(_ outcome: Outcome, in seconds: Double) throws(Failure) {
        let isEndedEarly = !outputs.failures.isEmpty || DisplayLoss.reason != nil
        if stepsMade == 0 { outputs.leaveOutWhatNeedsStep() }
        outputs.commit()
        var failures = outputs.failures
        if isEndedEarly { explainEarlyEnd(at: outcome.steps, &failures) }
        let summary = Summary(outcome: outcome, before: before, seconds: seconds, seed: seed)
        do throws(Failure) {
            let text = command.summaryJson ? summary.json : summary.text
            try Summary.print(text, onErrors: outputs.takesStandardOutput)
        } catch {
            failures.append(error)
        }
        try Failure.throwAll(failures)
    }

    /// Says at which step the run was ended, with the loss of the display or else with the last of the failures.
    private func explainEarlyEnd(at step: Int, _ failures: inout [Failure]) {
        let end = "the run was ended \(stepsMade == 0 ? "before its first step" : "at step \(step)")"
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
}
