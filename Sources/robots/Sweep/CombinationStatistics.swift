/// What the runs of one combination say together: they differ in nothing but the seed.
struct CombinationStatistics {
    /// All that was measured at one step.
    struct Point {
        /// Nil when the runs have ended at different steps and there is one row for each.
        let step: Int?
        /// For each quantity, in the order of the plan.
        var samples: [Sample]
        /// How many runs have a row there.
        var runs = 0
    }

    let combination: Int
    private let plan: SweepPlan
    private var points: [Int: Point] = [:]
    /// The steps at which runs have ended.
    private var lastSteps: Set<Int> = []

    init(_ plan: SweepPlan, combination: Int) {
        self.plan = plan
        self.combination = combination
    }

    /// A run that failed says nothing: what it would have come to is not known.
    mutating func take(_ finished: FinishedRun) {
        guard finished.ending != .failed else { return }
        for row in finished.rows where row.step > 0 {
            // Without `every` there is one row, wherever the run has ended.
            let key = plan.every == nil ? 0 : row.step
            lastSteps.insert(row.step)
            var point =
                points[key] ?? Point(step: row.step, samples: Array(repeating: Sample(), count: row.values.count))
            for (index, value) in row.values.enumerated() {
                if let value { point.samples[index].add(value) }
            }
            point.runs += 1
            points[key] = point
        }
    }

    /// In the order of the steps.
    var inOrder: [Point] {
        let points = points.sorted { $0.key < $1.key }.map(\.value)
        guard plan.every == nil, lastSteps.count > 1 else { return points }
        return points.map { Point(step: nil, samples: $0.samples, runs: $0.runs) }
    }
}
