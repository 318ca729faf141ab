import RobotWorld

extension SweepPlan {
    /// What the file of an experiment may have.
    static let keys = ["base", "vary", "seeds", "steps", "until", "measure", "every", "limit", "plot"]

    /// What is measured when the file does not say it.
    private static let usualMeasures = ["robots", "messages", "collisions"]

    /// Reads an experiment, and tries each value that is varied.
    ///
    /// - Throws: `Failure` that names file, key and value.
    init(_ file: JSONObject, options: Sweep.Options) throws {
        try file.expectKeys(SweepPlan.keys)
        sweepText = file.text
        (base, baseText) = try SweepPlan.base(file)
        size = options.size
        variations = try SweepPlan.variations(file, base: base, options: options)
        seeds = try SweepPlan.seeds(file, variations)
        let stepsInFile = try file.has("steps") ? file.whole("steps", 1...Int.max) : nil
        guard let steps = options.steps ?? stepsInFile else {
            throw file.wrong("steps", "missing; give the number of steps of a run, or --steps")
        }
        self.steps = steps
        until = try file.has("until") ? EndCondition(file, "until") : nil
        quantities = try SweepPlan.quantities(file)
        every = try file.has("every") ? file.whole("every", 1...Int.max) : nil
        limit = try file.has("limit") ? file.number("limit") : nil
        if let limit, limit <= 0 {
            throw file.wrong(
                "limit",
                "\(FinishedRun.Row.text(limit)) is no time for a run; give a number of seconds greater than 0"
            )
        }
        plotted = try SweepPlan.plotted(file, quantities)
        try check(file)
    }

    private static func base(_ file: JSONObject) throws -> (JSON, JSONText) {
        let expectation = "the name of a scenario file, or a scenario"
        switch try file.member("base", expectation) {
        case .string(let name, let line):
            let place = "in line \(line) of \(file.text.path), base"
            let path = Sweep.path(of: name, namedIn: file.text.path)
            let text = JSONText(path: path, bytes: try contents(of: path, named: place))
            return (try text.value(), text)
        case .object(let members):
            return (.object(members), JSONText(path: "\(file.text.path): base", bytes: file.text.bytes))
        case let value:
            throw file.wrong("base", "\(value) is no scenario; give \(expectation)")
        }
    }

    private static func variations(_ file: JSONObject, base: JSON, options: Sweep.Options) throws -> [Variation] {
        guard file.has("vary") else { return [] }
        let expectation = "an object of paths, such as {\"robots.0.count\": [100, 200]}"
        let vary = try file.object("vary", expectation: expectation)
        var former: [JSONPath] = []
        return try vary.inOrder.map { path, value in
            let variation = try Variation(vary, path: path, value: value)
            if let other = former.first(where: { $0.isWithin(variation.path) || variation.path.isWithin($0) }) {
                throw vary.wrong(path, "it is varied by \(other.text.jsonQuoted) too; leave one of them out")
            }
            former.append(variation.path)
            do throws(JSONPath.Fault) {
                _ = try base.replacing(variation.path, with: .null)
            } catch {
                throw vary.wrong(path, "there is no such place in the base scenario: \(error.reason)")
            }
            if options.size != nil, variation.path.parts.first == "world" {
                throw vary.wrong(path, "--world moves the walls of all runs; leave one of the two out")
            }
            return variation
        }
    }

    private static func seeds(_ file: JSONObject, _ variations: [Variation]) throws -> [UInt64]? {
        guard file.has("seeds") else { return nil }
        if let variation = variations.first(where: { $0.path.parts.last == "seed" }) {
            let reason = "\"seeds\" gives every group a seed, and vary has \(variation.path.text.jsonQuoted) too"
            throw file.wrong("seeds", "\(reason); leave one of them out")
        }
        let expectation = "a list of whole numbers, or {\"from\": …, \"count\": …}"
        switch try file.member("seeds", expectation) {
        case .array(let values):
            if values.isEmpty { throw file.wrong("seeds", "the list is empty; give \(expectation)") }
            var former: Set<UInt64> = []
            return try values.enumerated().map { index, value in
                let seed = try JSONObject.whole(value, 0...UInt64.max) { file.wrong("seeds[\(index)]", $0) }
                guard former.insert(seed).inserted else {
                    throw file.wrong("seeds[\(index)]", "\(seed) is there twice; leave one of them out")
                }
                return seed
            }
        case .object:
            let range = try file.object("seeds", expectation: expectation)
            try range.expectKeys(["from", "count"])
            let from = try range.whole("from", 0...UInt64.max)
            let count = try range.whole("count", 1...UInt64(Variation.most))
            guard !from.addingReportingOverflow(count - 1).overflow else {
                throw range.wrong("from", "\(from) leaves no room for \(count) seeds; give a smaller one")
            }
            return (0..<count).map { from + $0 }
        case let value:
            throw file.wrong("seeds", "\(value) is no list; give \(expectation)")
        }
    }

    private static func quantities(_ file: JSONObject) throws -> [Quantity] {
        guard file.has("measure") else {
            return try usualMeasures.map { try file.quantity("measure", named: $0) }
        }
        let expectation = "names of measures, such as \"collisions\" and \"mean(distance)\""
        let values = try file.array("measure", of: expectation)
        if values.isEmpty { throw file.wrong("measure", "the list is empty; give \(expectation)") }
        var former: Set<String> = []
        return try values.enumerated().map { index, value in
            let key = "measure[\(index)]"
            guard case .string(let name, _) = value else {
                throw file.wrong(key, "\(value) is not a string; give the name of a measure")
            }
            guard former.insert(name).inserted else {
                throw file.wrong(key, "\(name.jsonQuoted) is there twice; leave one of them out")
            }
            return try file.quantity(key, named: name)
        }
    }

    private static func plotted(
        _ file: JSONObject,
        _ quantities: [Quantity]
    ) throws -> Quantity {
        guard file.has("plot") else { return quantities[0] }
        let name = try file.string("plot")
        if let quantity = quantities.first(where: { $0.name == name }) { return quantity }
        let names = quantities.map(\.name)
        let remedy =
            name.nearest(of: names).map { "did you mean \($0.jsonQuoted)?" }
            ?? "give one of \(names.joined(separator: ", "))"
        throw file.wrong("plot", "\(name.jsonQuoted) is not in \"measure\"; \(remedy)")
    }

    /// Makes the base scenario, and one of each value that is varied: all runs would find the same mistakes.
    private func check(_ file: JSONObject) throws {
        let counts = variations.map(\.values.count) + [runsOfCombination]
        guard counts.reduce(1.0, { $0 * Double($1) }) <= Double(Variation.most) else {
            let product = counts.map(String.init).joined(separator: " × ")
            throw file.wrong("vary", "\(product) runs are more than \(Variation.most); give fewer values or seeds")
        }
        try checkColumns(file)
        _ = try scenario(replacing: [], seed: seeds?.first)
        for variation in variations {
            for value in variation.values {
                _ = try scenario(replacing: [(variation.path, value)], seed: seeds?.first)
            }
        }
    }

    private func checkColumns(_ file: JSONObject) throws {
        var former: Set<String> = []
        for column in SweepColumns(self).all where !former.insert(column.name).inserted {
            throw file.wrong("vary", "two columns of the table would be called \(column.name); leave one of them out")
        }
    }
}
