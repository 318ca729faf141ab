import RobotWorld

/// The file that a run can be resumed from. It is replaced as a whole, again and again.
final class SaveFile: StepOutput {
    let path: String
    /// After how many steps it is written anew, apart from the end.
    private let every: Int?
    /// The next one, begun early, so that a place that cannot be written to is known before the run.
    private var next: OutputFile?
    private var stepOfLast: Int?

    init(path: String, every: Int?) throws {
        self.path = path
        self.every = every
        next = try OutputFile(path: path)
    }

    func take(_ step: Simulation.Step) throws {
        if let every, step.number.isMultiple(of: every) { try save(step) }
    }

    func takeLast(_ step: Simulation.Step) throws { try save(step) }

    private func save(_ step: Simulation.Step) throws {
        if stepOfLast == step.number && !step.isChanged { return }
        let file = try next ?? OutputFile(path: path)
        next = nil
        try SnapshotFile.write(step.snapshot(), to: file)
        try file.commit()
        stepOfLast = step.number
    }

    func startOver() { stepOfLast = nil }

    /// There is nothing to go on from.
    var optionThatNeedsStep: String? { "--save" }

    func commit() {}
}
