import RobotWorld

/// Where everyone was, one JSON object a line.
final class StatesFile: StepOutput {
    private let file: OutputFile
    /// Only steps whose number is a multiple of this are written.
    private let every: Int

    init(file: OutputFile, every: Int) {
        self.file = file
        self.every = every
    }

    var path: String { file.path }

    func take(_ step: Simulation.Step) throws {
        guard step.number.isMultiple(of: every) else { return }
        let ids = step.state.map(\.id.jsonQuoted).joined(separator: ", ")
        let robots = step.state.map { robot in
            let (location, vector) = (robot.location, robot.vector)
            return "[\"\(robot.kind)\", \(location.x), \(location.y), \(vector.angle), \(vector.velocity)]"
        }.joined(separator: ", ")
        try file.writeLine(
            "{\"step\": \(step.number), \"ids\": [\(ids)], \"state\": [\(robots)], \"fnv\": \"\(step.digest)\"}"
        )
    }

    func startOver() throws { try file.startOver() }

    func commit() throws { try file.commit() }
}
