import Glibc

/// Numbers that were drawn one after the other, and what they say of the mean of all that could have been drawn.
struct Sample {
    private(set) var count = 0
    /// Exact for whole numbers, which is what most measures are.
    private var sum = 0.0
    private var squares = 0.0

    /// The squares by Welford's method: large numbers that differ little lose no digits.
    mutating func add(_ number: Double) {
        let difference = count == 0 ? 0 : number - mean
        sum += number
        count += 1
        squares += difference * (number - mean)
    }

    /// Their mean; 0 without any.
    var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The standard deviation, with one degree of freedom less than there are numbers; nil for fewer than two.
    var deviation: Double? { count < 2 ? nil : (squares / Double(count - 1)).squareRoot() }

    /// Where the mean of all lies with a probability of 95 %, if they are normally distributed; nil for fewer than two.
    var interval: ClosedRange<Double>? {
        guard let deviation else { return nil }
        let reach = StudentT.reach(degreesOfFreedom: count - 1) * deviation / Double(count).squareRoot()
        guard reach.isFinite else { return nil }
        return mean - reach...mean + reach
    }
}
