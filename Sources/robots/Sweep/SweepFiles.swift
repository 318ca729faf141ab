import Glibc

/// The files that are written of an experiment, when all of its runs have ended.
struct SweepFiles {
    private let plan: SweepPlan
    private let table: SweepTable?
    private let metadata: SweepMetadata?
    private let statistics: SweepStatistics?
    private let plot: (file: OutputFile, drawing: SweepPlot)?
    /// Whether one of them is standard output.
    let takesStandardOutput: Bool

    /// Begins all of them, so that a place that cannot be written to is known before the first run.
    init(_ plan: SweepPlan, _ names: SweepOutputNames) throws {
        self.plan = plan
        table = try names.table.map { try SweepTable(file: OutputFile(path: $0), plan: plan) }
        metadata = try names.metadata.map { path in
            try SweepMetadata(file: OutputFile(path: path), table: names.table ?? "", plan: plan)
        }
        statistics = try names.statistics.map { try SweepStatistics(file: OutputFile(path: $0), plan: plan) }
        plot = try names.plot.map { (try OutputFile(path: $0), SweepPlot(plan)) }
        takesStandardOutput = names.given.contains { _, path in
            if case .descriptor(STDOUT_FILENO) = try? OutputPlace(path: path) { true } else { false }
        }
    }

    /// Writes all runs, in the order of the list.
    ///
    /// - Returns: How many have ended in which way.
    func take(_ results: ExperimentResults) throws -> [FinishedRun.Ending: Int] {
        var endings: [FinishedRun.Ending: Int] = [:]
        var plot = plot
        for combination in 0..<plan.combinationCount {
            var ofCombination = CombinationStatistics(plan, combination: combination)
            for index in combination * plan.runsOfCombination..<(combination + 1) * plan.runsOfCombination {
                guard let finished = try results.run(at: index) else { continue }
                endings[finished.ending, default: 0] += 1
                try table?.take(finished, of: plan.run(index))
                ofCombination.take(finished)
            }
            try statistics?.take(ofCombination)
            plot?.drawing.take(ofCombination)
        }
        try metadata?.write()
        if let plot { try plot.drawing.write(to: plot.file) }
        return endings
    }

    /// Gives the files their names.
    ///
    /// - Returns: What has gone wrong: each file that could be written is there.
    func commit() -> [Failure] {
        [table?.file, metadata?.file, statistics?.file, plot?.file].compactMap(\.self).compactMap { file in
            do {
                try file.commit()
                return nil
            } catch {
                return Failure(error)
            }
        }
    }
}
