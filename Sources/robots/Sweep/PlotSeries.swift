/// Numbers that belong together in a plot: a line, or points.
struct PlotSeries {
    struct Point {
        let x: Double
        let mean: Double
        /// Where the mean of all seeds may be; nil for a single run.
        let interval: ClosedRange<Double>?
    }

    let name: String
    var points: [Point]

    /// What has to be seen of it.
    var bounds: [Double] {
        points.flatMap { [$0.mean, $0.interval?.lowerBound ?? $0.mean, $0.interval?.upperBound ?? $0.mean] }
    }
}
