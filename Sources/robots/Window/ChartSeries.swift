/// Numbers of a run, one a step, in memory that does not grow with the run: when there is no room for more, two neighbours
/// become one.
struct ChartSeries {
    /// More than a chart has pixels.
    private static let mostPoints = 512

    private static let greatestNumber = 1e100

    /// The numbers of some steps.
    struct Point: Equatable {
        /// How many of the steps have a number.
        private(set) var count = 0
        private(set) var least = 0.0
        private(set) var greatest = 0.0
        private var sum = 0.0

        /// Nil where no step has a number.
        var mean: Double? { count == 0 ? nil : sum / Double(count) }

        mutating func add(_ number: Double) { add(Point(number)) }

        mutating func add(_ other: Point) {
            if other.count == 0 { return }
            least = count == 0 ? other.least : min(least, other.least)
            greatest = count == 0 ? other.greatest : max(greatest, other.greatest)
            count += other.count
            sum += other.sum
        }

        init() {}

        private init(_ number: Double) {
            (count, least, greatest, sum) = (1, number, number, number)
        }
    }

    /// Each is of ``stepsPerPoint`` steps, the last one perhaps of fewer.
    private(set) var points: [Point] = []
    private(set) var stepsPerPoint = 1
    /// The latest number.
    private(set) var last: Double?
    private var steps = 0

    /// - Parameter number: Nil where there is none at this step. One that is too large to be added to others is none.
    mutating func append(_ number: Double?) {
        let number = number.flatMap { abs($0) <= ChartSeries.greatestNumber ? $0 : nil }
        if steps == points.count * stepsPerPoint {
            if points.count == ChartSeries.mostPoints { halve() }
            points.append(Point())
        }
        if let number { points[points.count - 1].add(number) }
        last = number
        steps += 1
    }

    private mutating func halve() {
        stepsPerPoint *= 2
        for index in 0..<points.count / 2 {
            points[index] = points[2 * index]
            points[index].add(points[2 * index + 1])
        }
        points.removeLast(points.count / 2)
    }
}
