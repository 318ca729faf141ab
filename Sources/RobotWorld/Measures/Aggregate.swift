/// How the numbers of all robots become one.
public enum Aggregate: String, CaseIterable, Sendable {
    /// Their sum by their count.
    case mean
    /// The least.
    case min
    /// The greatest.
    case max
    /// Their sum, in the order in which the robots joined.
    case sum
    /// The standard deviation of all robots: they are the whole population, so its square is the mean square.
    case deviation

    /// Makes one number of many.
    ///
    /// - Parameter numbers: A number of each robot.
    /// - Returns: The one number; nil where there is none, since there are no numbers.
    public func value(of numbers: some Collection<Double>) -> Double? {
        let count = Double(numbers.count)
        func sum(_ numbers: some Sequence<Double>) -> Double { numbers.reduce(0, +) }
        switch self {
        case .sum: return sum(numbers)
        case .min: return numbers.min()
        case .max: return numbers.max()
        case .mean: return numbers.isEmpty ? nil : sum(numbers) / count
        case .deviation:
            if numbers.isEmpty { return nil }
            let mean = sum(numbers) / count
            return (sum(numbers.lazy.map { ($0 - mean) * ($0 - mean) }) / count).squareRoot()
        }
    }
}
