import RobotWorld

/// Something that is written while a run goes on.
protocol StepOutput: AnyObject {
    /// As the user has named it.
    var path: String { get }
    /// The option for what there is no file of when the run has made no step; nil when what is written then makes sense.
    var optionThatNeedsStep: String? { get }
    /// Called with every step, before the next one is made.
    func take(_ step: Simulation.Step) throws
    /// Called with the last step once more, when all that the user does to it has been done.
    func takeLast(_ step: Simulation.Step) throws
    /// Drops everything so far: the run begins anew.
    func startOver() throws
    /// Writes what is left. Without it, nothing is left behind.
    func commit() throws
}

extension StepOutput {
    var optionThatNeedsStep: String? { nil }

    func take(_ step: Simulation.Step) throws {}

    func takeLast(_ step: Simulation.Step) throws {}
}
