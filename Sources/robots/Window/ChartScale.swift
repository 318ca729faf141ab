import Glibc

/// The round numbers between which a chart draws.
struct ChartScale: Equatable {
    let least: Double
    let greatest: Double

    /// - Parameter points: What is drawn; the scale has room for all of it, and begins at 0 unless all is far from there.
    init(_ points: [ChartSeries.Point]) {
        let points = points.filter { $0.count > 0 }
        var least = points.map(\.least).min() ?? 0
        var greatest = points.map(\.greatest).max() ?? 0
        if least > 0 && least < greatest / 2 { least = 0 }
        if greatest < 0 && greatest > least / 2 { greatest = 0 }
        // Not only when they are equal: doubles have no round numbers between two that are very near.
        if greatest - least <= 1e-9 * max(abs(least), abs(greatest)) {
            // A line in the middle, or along the lower edge.
            greatest += max(abs(greatest), 1)
            if least != 0 { least -= max(abs(least), 1) }
        }
        let step = ChartScale.round(greatest - least)
        self.least = (least / step).rounded(.down) * step
        self.greatest = (greatest / step).rounded(.up) * step
    }

    /// Where a number is, from 0 at the lower edge to 1 at the upper one.
    func part(_ number: Double) -> Double { (number - least) / (greatest - least) }

    /// A tenth of a distance, or a little more: 1, 2 or 5 and zeros.
    private static func round(_ distance: Double) -> Double {
        let tenth = distance / 10
        let power = pow(10, log10(tenth).rounded(.down))
        return [1, 2, 5].map { $0 * power }.first { $0 >= tenth } ?? 10 * power
    }

    /// A number in at most six letters, as exact as a scale needs it.
    static func text(_ number: Double) -> String {
        for (unit, size) in [("G", 1e9), ("M", 1e6), ("k", 1e3)] where abs(number) >= 10 * size {
            return abs(number) >= 1e13 ? "\(number)" : digits(number / size) + unit
        }
        return digits(number)
    }

    /// Three digits that say something, or all before the point.
    private static func digits(_ number: Double) -> String {
        if number == 0 { return "0" }
        let before = Int(log10(abs(number)).rounded(.down)) + 1
        if before < -3 { return "\(number)" }
        let power = pow(10, Double(max(0, 3 - before)))
        let text = "\((number * power).rounded() / power)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
