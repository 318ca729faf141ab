import RobotWorld

/// Something that is written while a run goes on.
protocol StepOutput: AnyObject {
    /// Called with every step, before the next one is made.
    func take(_ step: Simulation.Step) throws
    /// Drops everything so far: the run begins anew.
    func startOver() throws
    /// What there is no file of when the run has made no step, as option and file; nil when what is written then makes sense.
    var missingWithoutStep: String? { get }
    /// Writes what is left. Without it, nothing is left behind.
    func commit() throws
}

extension StepOutput {
    var missingWithoutStep: String? { nil }
}
