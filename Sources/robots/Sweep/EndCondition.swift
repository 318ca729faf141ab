import RobotWorld

/// What ends a run before its last step, such as `collisions > 1000`.
struct EndCondition: Sendable {
    /// Also how it is written in the file.
    let text: String
    private let quantity: Quantity
    private let number: Double
    private let holds: @Sendable (Double, Double) -> Bool

    /// The longer ones first: each begins with a shorter one.
    private static let comparisons: KeyValuePairs<String, @Sendable (Double, Double) -> Bool> = [
        "<=": { $0 <= $1 }, ">=": { $0 >= $1 }, "==": { $0 == $1 }, "!=": { $0 != $1 }, "<": { $0 < $1 },
        ">": { $0 > $1 },
    ]

    /// - Throws: `Failure` that names file, key and value.
    init(_ file: JSONObject, _ name: String) throws {
        text = try file.string(name)
        let example = "such as \"collisions > 1000\""
        guard let start = text.firstIndex(where: { "<>=!".contains($0) }),
            let (comparison, holds) = Self.comparisons.first(where: { [text] in text[start...].hasPrefix($0.key) })
        else {
            let reason = "a measure, one of < <= > >= == !=, and a number, \(example)"
            throw file.wrong(name, "\(text.jsonQuoted) compares nothing; give \(reason)")
        }
        let value = text[text.index(start, offsetBy: comparison.count)...].trimmingBlanks
        guard let number = Double(value), number.isFinite else {
            throw file.wrong(name, "\(value.jsonQuoted) is not a number; give one after \(comparison), \(example)")
        }
        quantity = try file.quantity(name, named: text[..<start].trimmingBlanks)
        self.number = number
        self.holds = holds
    }

    /// False also where there is nothing to measure, such as the mean over no robots.
    func isMet(by observer: Observer) -> Bool {
        quantity.value(of: observer).map { holds($0, number) } ?? false
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        let start = self.drop { $0.isWhitespace }
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }
}
