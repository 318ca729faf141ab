/// How often a second something happens.
struct Rate: CustomStringConvertible {
    let perSecond: Double

    init(of count: Int, in seconds: Double) {
        perSecond = Double(count) / max(seconds, 1e-9)
    }

    /// A number with two digits that say something, or all before the point: `5712`, `57`, `5.7`, `0.057`.
    var description: String {
        var parts = 1.0
        while perSecond > 0 && perSecond * parts < 10 && parts < 10_000 { parts *= 10 }
        let number = (perSecond * parts).rounded()
        return parts == 1 ? "\(Int64(number))" : "\(number / parts)"
    }
}
