import RobotWorld

/// What is drawn of an experiment: one quantity over time, a line for each combination; when there is one step for each run,
/// a point for each combination.
struct SweepPlot {
    /// So many points of a line can be told apart in a picture.
    private static let mostPoints = 1000
    /// Differences of greater numbers, with the room beside them, might be no doubles.
    private static let largest = 1e300

    private let plan: SweepPlan
    private let quantity: Int
    /// For each combination, in the order of the list.
    private var samples: [[(step: Int, sample: Sample)]] = []

    init(_ plan: SweepPlan) {
        self.plan = plan
        quantity = plan.quantities.firstIndex { $0.name == plan.plotted.name } ?? 0
    }

    /// Adds the next combination.
    mutating func take(_ statistics: CombinationStatistics) {
        let points = statistics.inOrder
        let mostRuns = points.map(\.runs).max() ?? 0
        let steps = points.compactMap { point -> (Int, Sample)? in
            // The last step of a run that has ended early is one of its own, and its number jumps away from those of all.
            let step = point.step ?? plan.steps
            let isShared = point.runs == mostRuns || plan.every.map { step.isMultiple(of: $0) } ?? true
            let sample = point.samples[quantity]
            return isShared && sample.count > 0 ? (step, sample) : nil
        }
        let distance = max(1, (steps.count + SweepPlot.mostPoints - 1) / SweepPlot.mostPoints)
        samples.append(
            steps.enumerated().filter { $0.offset.isMultiple(of: distance) || $0.offset == steps.count - 1 }.map(
                \.element
            )
        )
    }

    /// Writes the picture.
    func write(to file: OutputFile) throws {
        let isOverTime = samples.contains { $0.count > 1 }
        let name = plan.plotted.name
        let unit = plan.plotted.measure.unit
        var plot = Plot(
            title: "\(name) in \(plan.path.splitAtLastSlash.name)",
            xLabel: "step",
            yLabel: unit.isEmpty || unit == name ? name : "\(name), \(unit)"
        )
        plot.note = plan.runsOfCombination > 1 ? "mean of \(plan.runsOfCombination) seeds, and its 95 % interval" : ""
        if isOverTime {
            plot.isLined = true
            plot.legendTitle = plan.variations.map(\.path.text).joined(separator: ", ")
            plot.series = samples.enumerated().map { combination, samples in
                PlotSeries(
                    name: label(ofCombination: combination, without: nil),
                    points: samples.map { point(x: Double($0.step), $0.sample) }
                )
            }
            // Time begins where nothing has happened yet.
            plot.xStart = 0
        } else if let axis = plan.variations.firstIndex(where: { $0.values.count > 1 && $0.numbers != nil }) {
            plot.isLined = true
            plot.xLabel = plan.variations[axis].path.text
            plot.marksPoints = true
            plot.legendTitle = plan.variations.enumerated().filter { $0.offset != axis }.map(\.element.path.text)
                .joined(separator: ", ")
            plot.series = series(over: axis)
        } else {
            plot.xLabel = "combination"
            plot.marksPoints = true
            plot.hasWholeTicks = true
            plot.legendTitle = plan.variations.map(\.path.text).joined(separator: ", ")
            plot.series = samples.enumerated().map { combination, samples in
                PlotSeries(
                    name: label(ofCombination: combination, without: nil),
                    points: samples.map { point(x: Double(combination + 1), $0.sample) }
                )
            }
        }
        leaveOutWhatIsTooLarge(in: &plot, for: file)
        try plot.write(to: file)
    }

    /// No axis leads to infinity. A number may be infinite where robots are as fast as a scenario lets them be.
    private func leaveOutWhatIsTooLarge(in plot: inout Plot, for file: OutputFile) {
        let count = plot.series.reduce(0) { $0 + $1.points.count }
        for index in plot.series.indices {
            plot.series[index].points.removeAll { point in
                let numbers = [point.x, point.mean] + (point.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
                return !numbers.allSatisfy { abs($0) <= SweepPlot.largest }
            }
        }
        let left = count - plot.series.reduce(0) { $0 + $1.points.count }
        guard left > 0 else { return }
        let which = left == 1 ? "1 of \(count) points is" : "\(left) of \(count) points are"
        Notice.say("\(file.path): \(which) left out: the numbers are too large to be drawn")
    }

    /// A line for all combinations that differ in one variation only, whose values are numbers.
    private func series(over axis: Int) -> [PlotSeries] {
        var series: [PlotSeries] = []
        var places: [String: Int] = [:]
        let numbers = plan.variations[axis].numbers ?? []
        for (combination, samples) in samples.enumerated() {
            let name = label(ofCombination: combination, without: axis)
            let place = places[name] ?? series.count
            if place == series.count {
                places[name] = place
                series.append(PlotSeries(name: name, points: []))
            }
            let behind = plan.variations[(axis + 1)...].reduce(1) { $0 * $1.values.count }
            let number = numbers[combination / behind % numbers.count]
            series[place].points += samples.map { point(x: number, $0.sample) }
        }
        for index in series.indices { series[index].points.sort { $0.x < $1.x } }
        return series
    }

    private func label(ofCombination combination: Int, without axis: Int?) -> String {
        plan.values(ofCombination: combination).enumerated().filter { $0.offset != axis }.map { _, value in
            if case .string(let string, _) = value { string } else { value.text }
        }.joined(separator: ", ")
    }

    private func point(x: Double, _ sample: Sample) -> PlotSeries.Point {
        PlotSeries.Point(x: x, mean: sample.mean, interval: sample.interval)
    }
}
