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
            self.values = values
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
        let scale = max(self.scale(from), self.scale(step))
        return (0..<Int(count)).map { index in
            let number = ((from * scale).rounded() + Double(index) * (step * scale).rounded()) / scale
            return .number(number, text: text(number))
        }
    }

    /// The power of ten that makes a number whole, 1 for numbers of very different sizes.
    private static func scale(_ number: Double) -> Double {
        var scale = 1.0
        while scale < 1e9, (number * scale).rounded() / scale != number { scale *= 10 }
        return scale
    }

    /// The number without a fraction that says nothing.
    private static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
