/// A place in the base scenario, and the values that it has in the runs of an experiment.
struct Variation: Sendable {
    let path: JSONPath
    let values: [JSON]

    /// More values, or more runs, are a mistake rather than a wish.
    static let most = 1_000_000

    /// Reads the values: a list, or a range such as `{"from": 500, "to": 900, "step": 200}`.
    ///
    /// - Throws: `Failure` that names file, key and value.
    init(_ file: JSONObject, path: String, value: JSON) throws {
        self.path = JSONPath(text: path)
        let expectation = "a list of values, or {\"from\": …, \"to\": …, \"step\": …}"
        switch value {
        case .array(let values):
            if values.isEmpty { throw file.wrong(path, "the list is empty; give \(expectation)") }
            self.values = values.map(\.withPlainNumbers)
        case .object:
            values = try Variation.values(of: file.object(path, expectation: expectation))
        default:
            throw file.wrong(path, "\(value) is no list; give \(expectation)")
        }
        var former: Set<String> = []
        for value in values where !former.insert(value.text).inserted {
            throw file.wrong(path, "\(value.text) is there twice; leave one of them out")
        }
    }

    /// The values as numbers; nil when one is none.
    var numbers: [Double]? {
        let numbers = values.compactMap { if case .number(let number, _) = $0 { number } else { nil } }
        return numbers.count == values.count ? numbers : nil
    }

    private static func values(of range: JSONObject) throws -> [JSON] {
        try range.expectKeys(["from", "to", "step"])
        let (from, to) = (try range.number("from"), try range.number("to"))
        let step = try range.number("step")
        guard step > 0 else { throw range.wrong("step", "\(text(step)) leads nowhere; give a number greater than 0") }
        guard from <= to else {
            throw range.wrong("from", "\(text(from)) is greater than to, \(text(to)); give the lesser one first")
        }
        let count = ((to - from) / step * (1 + 1e-12)).rounded(.down) + 1
        guard count <= Double(most) else {
            throw range.wrong("step", "\(text(step)) makes more than \(most) values; give a greater one")
        }
        // Tenths are no doubles, and their multiples go astray: what is counted is whole numbers of the last digit.
        let scale = scale(from, step, upTo: max(abs(from), abs(to)))
        return (0..<Int(count)).map { index in
            let number =
                scale.map { ((from * $0).rounded() + Double(index) * (step * $0).rounded()) / $0 }
                ?? from + Double(index) * step
            return .number(number, text: text(number))
        }
    }

    /// The power of ten that makes both numbers whole; nil for numbers of very different sizes.
    ///
    /// - Parameter largest: Doubles have to count so far in the last digit.
    private static func scale(_ from: Double, _ step: Double, upTo largest: Double) -> Double? {
        var scale = 1.0
        // Greater powers of ten are no doubles.
        while scale <= 1e22, largest * scale <= 0x1p53 {
            if [from, step].allSatisfy({ ($0 * scale).rounded() / scale == $0 }) { return scale }
            scale *= 10
        }
        return nil
    }

    /// The number without a fraction that says nothing.
    fileprivate static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}

extension JSON {
    /// The same value in which equal numbers are written in the same way: `1.0` and `1e0` are `1`.
    fileprivate var withPlainNumbers: JSON {
        switch self {
        case .null, .bool, .string: return self
        case .number(let number, let text):
            // Doubles have no room for all digits of a large one.
            let whole = Int(text).map(String.init) ?? UInt64(text).map(String.init)
            return .number(number, text: whole ?? Variation.text(number))
        case .array(let elements): return .array(elements.map(\.withPlainNumbers))
        case .object(let members):
            return .object(
                members.mapValues { Member(value: $0.value.withPlainNumbers, position: $0.position) }
            )
        }
    }
}
