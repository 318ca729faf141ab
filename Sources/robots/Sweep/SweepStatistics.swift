import RobotWorld

/// The statistics of an experiment as CSV: a row for each combination, step and measure.
struct SweepStatistics {
    let file: OutputFile
    private let plan: SweepPlan
    private let quantities: [String]

    init(file: OutputFile, plan: SweepPlan) throws {
        self.file = file
        self.plan = plan
        quantities = plan.quantities.map { SweepColumns.name($0.name) }
        let columns =
            SweepColumns(plan).parameters.map(\.name)
            + ["step", "measure", "n", "mean", "deviation", "lower", "upper"]
        try file.writeLine(columns.joined(separator: ","))
    }

    func take(_ statistics: CombinationStatistics) throws {
        let front = plan.values(ofCombination: statistics.combination).map(SweepColumns.cell)
        for point in statistics.inOrder {
            for (quantity, sample) in zip(quantities, point.samples) {
                let mean = sample.count == 0 ? nil : sample.mean
                let numbers = [mean, sample.deviation, sample.interval?.lowerBound, sample.interval?.upperBound]
                let cells = numbers.map { $0.flatMap { $0.isFinite ? FinishedRun.Row.text($0) : nil } ?? "" }
                let step = point.step.map { String($0) } ?? ""
                try file.writeLine((front + [step, quantity, String(sample.count)] + cells).joined(separator: ","))
            }
        }
    }
}
