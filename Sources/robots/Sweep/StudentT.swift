import Glibc

/// Student's t distribution.
enum StudentT {
    /// How far from 0 on both sides 95 % of the distribution lie.
    static func reach(degreesOfFreedom degrees: Int) -> Double {
        // The angle whose tangent is t by the root of the degrees: the probability is a finite sum of its sines and cosines.
        var (lower, upper) = (0.0, Double.pi / 2)
        while true {
            let middle = (lower + upper) / 2
            if middle <= lower || middle >= upper { break }
            if probability(within: middle, degrees) < 0.95 { lower = middle } else { upper = middle }
        }
        return tan(upper) * Double(degrees).squareRoot()
    }

    /// The probability of a t whose angle is not greater, on both sides.
    private static func probability(within angle: Double, _ degrees: Int) -> Double {
        let (sine, cosine) = (sin(angle), cos(angle))
        let isOdd = !degrees.isMultiple(of: 2)
        if degrees == 1 { return 2 / .pi * angle }
        var term = isOdd ? cosine : 1
        var sum = term
        for factor in stride(from: isOdd ? 2 : 1, through: degrees - 3, by: 2) {
            term *= Double(factor) / Double(factor + 1) * cosine * cosine
            sum += term
            if term < sum * 1e-18 { break }
        }
        return isOdd ? 2 / .pi * (angle + sine * sum) : sine * sum
    }
}
