import Glibc

/// An axis of a plot: which numbers are marked on it, and where a number is.
struct PlotAxis {
    private let range: ClosedRange<Double>
    /// Within the range.
    let ticks: [Double]
    private let step: Double
    /// Where the range lies in the picture.
    private let pixels: (start: Double, end: Double)

    /// - Parameters:
    ///   - numbers: What is shown. A single number is in the middle of the axis.
    ///   - pixels: Where the axis begins and ends in the picture.
    ///   - steps: How many steps there are about between the marks.
    ///   - isWhole: Whether only whole numbers have marks.
    init(_ numbers: ClosedRange<Double>, pixels: (start: Double, end: Double), steps: Int, isWhole: Bool = false) {
        var (lower, upper) = (numbers.lowerBound, numbers.upperBound)
        if lower == upper {
            let room = lower == 0 ? 1 : abs(lower) * 0.1
            (lower, upper) = (lower - room, upper + room)
        }
        let step = max(PlotAxis.roundStep(atLeast: (upper - lower) / Double(steps)), isWhole ? 1 : 0)
        // A bound that is a multiple of the step has a mark, whatever the division makes of it.
        let (first, last) = ((lower / step - 1e-9).rounded(.up), (upper / step + 1e-9).rounded(.down))
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        range = lower...upper
        self.step = step
        self.pixels = pixels
    }

    func pixel(_ number: Double) -> Double {
        let share = (number - range.lowerBound) / (range.upperBound - range.lowerBound)
        return pixels.start + share * (pixels.end - pixels.start)
    }

    /// A mark's number, with as many digits as its neighbours need to differ.
    func label(_ tick: Double) -> String {
        let largest = max(abs(range.lowerBound), abs(range.upperBound))
        if largest >= 1e9 || step < 1e-6 {
            let exponent = log10(largest).rounded(.down)
            let power = pow(10, exponent)
            return tick == 0 ? "0" : "\(PlotAxis.text(tick / power, step: step / power))e\(Int(exponent))"
        }
        return PlotAxis.text(tick, step: step)
    }

    private static func text(_ number: Double, step: Double) -> String {
        let digits = max(0, Int(-(log10(step) + 1e-9).rounded(.down)))
        let scale = pow(10, Double(min(digits, 15)))
        let rounded = (abs(number) * scale).rounded()
        let whole = Int((rounded / scale).rounded(.down))
        var text = grouped(whole)
        if digits > 0 {
            let rest = String(Int(rounded - Double(whole) * scale))
            text += "." + String(repeating: "0", count: max(0, digits - rest.count)) + rest
        }
        return number < 0 && rounded > 0 ? "−\(text)" : text
    }

    /// With a thin space after each three digits, from five on.
    private static func grouped(_ number: Int) -> String {
        let digits = String(number)
        guard digits.count > 4 else { return digits }
        let start = digits.count % 3
        return digits.enumerated().map { index, digit in
            index > 0 && (index - start).isMultiple(of: 3) ? "\u{2009}\(digit)" : String(digit)
        }.joined()
    }

    /// 1, 2 or 5 times a power of ten.
    private static func roundStep(atLeast least: Double) -> Double {
        let power = pow(10, log10(least).rounded(.down))
        return power * ([1.0, 2, 5].first { power * $0 >= least * (1 - 1e-9) } ?? 10)
    }
}
