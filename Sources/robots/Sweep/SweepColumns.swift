import RobotWorld

/// The columns of an experiment's tables. Their names are letters, digits and underscores, as every reader of tables takes
/// them without quotes: `robots.0.count` is `robots_0_count`, `mean(distance)` is `mean_distance`.
struct SweepColumns {
    struct Column {
        let name: String
        let datatype: String
        let about: String
        var unit = ""
    }

    let parameters: [Column]
    let all: [Column]

    init(_ plan: SweepPlan) {
        parameters = plan.variations.map { variation in
            Column(
                name: SweepColumns.name(variation.path.text),
                datatype: SweepColumns.datatype(of: variation),
                about: "\(variation.path.text) of the scenario"
            )
        }
        var all = [Column(name: "run", datatype: "integer", about: "the number of the run, 1 for the first")]
        all += parameters
        if plan.seeds != nil { all.append(Column(name: "seed", datatype: "integer", about: "the seed of the run")) }
        all.append(
            Column(name: "step", datatype: "integer", about: "the step at which the row was taken", unit: "steps")
        )
        let endings = FinishedRun.Ending.allCases.map(\.rawValue).joined(separator: ", ")
        all.append(Column(name: "ended", datatype: "string", about: "what has ended the run: \(endings)"))
        all += plan.quantities.map { quantity in
            let how = quantity.aggregate.map { "\($0.rawValue) over the robots: " } ?? ""
            return Column(
                name: SweepColumns.name(quantity.name),
                datatype: "number",
                about: how + quantity.measure.about,
                unit: quantity.measure.unit
            )
        }
        all.append(Column(name: "digest", datatype: "string", about: "the digest of all states up to this step"))
        self.all = all
    }

    /// A cell of a table as RFC 4180 has it.
    static func cell(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        // Not by characters: one of them may be a quote with marks over it.
        return "\"" + text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    /// The cell of a value that was varied.
    static func cell(_ value: JSON) -> String {
        switch value {
        case .string(let string, _): cell(string)
        case .null: ""
        default: cell(value.text)
        }
    }

    static func name(_ text: String) -> String {
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.joined(separator: "_")
    }

    private static func datatype(of variation: Variation) -> String {
        guard variation.numbers != nil else { return "string" }
        // As the cells have them: without a point or an exponent.
        let areWhole = variation.values.allSatisfy { Int($0.text) != nil || UInt64($0.text) != nil }
        return areWhole ? "integer" : "number"
    }
}
