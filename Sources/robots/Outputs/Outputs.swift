import Glibc
import RobotWorld

/// All that a run writes.
///
/// An output that fails takes nothing with it but itself: what was there under its name stays, the run ends at that step,
/// and the others are complete up to there.
final class Outputs {
    private var outputs: [any StepOutput]
    private(set) var failures: [Failure] = []
    /// Whether one of them is standard output: what else is said goes to standard error then.
    let takesStandardOutput: Bool

    init(_ outputs: [any StepOutput]) {
        self.outputs = outputs
        takesStandardOutput = outputs.contains { output in
            if case .descriptor(STDOUT_FILENO) = try? OutputPlace(path: output.path) { true } else { false }
        }
    }

    var isEmpty: Bool { outputs.isEmpty }

    func take(_ step: Simulation.Step) { attemptAll { try $0.take(step) } }

    func takeLast(_ step: Simulation.Step) { attemptAll { try $0.takeLast(step) } }

    func startOver() { attemptAll { try $0.startOver() } }

    func commit() { attemptAll { try $0.commit() } }

    /// The run has made no step: leaves out what makes no sense then, and says so.
    func leaveOutWhatNeedsStep() {
        for output in outputs {
            guard let option = output.optionThatNeedsStep else { continue }
            Notice.say("\(option): \(output.path) is not written: the run has ended before its first step")
        }
        outputs.removeAll { $0.optionThatNeedsStep != nil }
    }

    /// Writes to one of them, if it has not failed before.
    func attempt<Output: StepOutput>(_ output: Output, _ body: (Output) throws -> Void) {
        guard outputs.contains(where: { $0 === output }) else { return }
        do {
            try body(output)
        } catch {
            failures.append(Failure(error))
            outputs.removeAll { $0 === output }
        }
    }

    private func attemptAll(_ body: (any StepOutput) throws -> Void) {
        for output in outputs { attempt(output, body) }
    }
}
