import RobotWorld

/// What an experiment consists of: a scenario, and how its runs differ.
struct SweepPlan: Sendable {
    /// The sweep file.
    let sweepText: JSONText
    let base: JSON
    /// The file that has the base scenario.
    let baseText: JSONText
    let variations: [Variation]
    /// Nil when the groups keep the seeds that they have in the base scenario.
    let seeds: [UInt64]?
    /// How long a run is at most.
    let steps: Int
    /// Ends a run earlier.
    let until: EndCondition?
    let quantities: [Quantity]
    /// After how many steps there is a row, apart from the last step.
    let every: Int?
    /// How many seconds a run may take.
    let limit: Double?
    /// What is drawn.
    let plotted: Quantity
    /// Moves the walls of all runs.
    let size: WorldSize?

    /// Of the sweep file.
    var path: String { sweepText.path }

    /// How many ways there are to take a value for each variation.
    var combinationCount: Int { variations.reduce(1) { $0 * $1.values.count } }

    /// How many runs each of them has.
    var runsOfCombination: Int { seeds?.count ?? 1 }

    var runCount: Int { combinationCount * runsOfCombination }

    /// The values of a combination, in the order of the variations. The last one changes with each combination.
    func values(ofCombination combination: Int) -> [JSON] {
        var rest = combination
        var values: [JSON] = []
        for variation in variations.reversed() {
            values.append(variation.values[rest % variation.values.count])
            rest /= variation.values.count
        }
        return values.reversed()
    }

    /// Such as `robots.0.count=100 world.width=500`; empty when nothing is varied.
    func name(ofCombination combination: Int) -> String {
        zip(variations, values(ofCombination: combination)).map { variation, value in
            if case .string(let string, _) = value { return "\(variation.path.text)=\(string)" }
            return "\(variation.path.text)=\(value.text)"
        }.joined(separator: " ")
    }

    /// A run by its place in the list.
    func run(_ index: Int) -> SweepRun {
        let combination = index / runsOfCombination
        return SweepRun(
            index: index,
            combination: combination,
            seed: seeds?[index % runsOfCombination],
            combinationName: name(ofCombination: combination)
        )
    }

    /// What a run begins with.
    ///
    /// - Throws: `Failure` that names the sweep file, the key in the scenario and the value, when values make no sense together.
    func scenario(of run: SweepRun) throws -> Scenario {
        let values = values(ofCombination: run.combination)
        return try scenario(replacing: zip(variations, values).map { ($0.path, $1) }, seed: run.seed)
    }

    /// The base scenario with other values at some places.
    ///
    /// - Parameters:
    ///   - replacements: The places and what is put there.
    ///   - seed: Of the groups; nil for those that they have.
    func scenario(replacing replacements: [(path: JSONPath, value: JSON)], seed: UInt64?) throws -> Scenario {
        var value = base
        do throws(JSONPath.Fault) {
            for (path, replacement) in replacements { value = try value.replacing(path, with: replacement) }
        } catch {
            throw Failure.badData("\(path): vary: \(error.reason)")
        }
        if let seed { value = try SweepPlan.seeded(value, with: seed, path: path) }
        // What is wrong then is a value that has been put in.
        let text = replacements.isEmpty ? baseText : JSONText(path: "\(path): vary", bytes: sweepText.bytes)
        return try Scenario(JSONObject(value, in: text, expectation: "{\"robots\": […]}"), size: size)
    }

    /// How many robots there are in a combination, as far as can be seen without making them.
    func robotCount(ofCombination combination: Int) -> Double {
        let value = zip(variations, values(ofCombination: combination)).reduce(base) { value, varied in
            (try? value.replacing(varied.0.path, with: varied.1)) ?? value
        }
        guard case .object(let members) = value, case .array(let robots)? = members["robots"]?.value else { return 0 }
        return robots.reduce(0) { total, robot in
            guard case .object(let members) = robot, case .number(let count, _)? = members["count"]?.value else {
                return total + 1
            }
            return total + count
        }
    }

    /// Gives every group a seed: the only one has that of the run; several have the numbers that it makes, one after the
    /// other.
    private static func seeded(_ scenario: JSON, with seed: UInt64, path: String) throws -> JSON {
        guard case .object(var members) = scenario, let robots = members["robots"],
            case .array(var elements) = robots.value
        else { return scenario }
        let groups = elements.indices.filter {
            if case .object(let group) = elements[$0] { group["count"] != nil } else { false }
        }
        if groups.isEmpty {
            let remedy = "give a group with \"count\", or leave \"seeds\" out"
            throw Failure.badData(
                "\(path): seeds: the scenario has no group of random robots that they could change; \(remedy)"
            )
        }
        var random = SplitMix64(seed: seed)
        for index in groups {
            guard case .object(var group) = elements[index] else { continue }
            let number = groups.count == 1 ? seed : random.next()
            group["seed"] = JSON.Member(value: .number(Double(number), text: "\(number)"), position: 0)
            elements[index] = .object(group)
        }
        members["robots"] = JSON.Member(value: .array(elements), position: robots.position)
        return .object(members)
    }
}

/// One run of an experiment.
struct SweepRun: Sendable {
    /// Its place in the list, 0 for the first.
    let index: Int
    let combination: Int
    let seed: UInt64?
    let combinationName: String

    /// Such as `run 3`.
    var place: String { "run \(index + 1)" }

    /// Such as `run 3: robots.0.count=100 seed 7`.
    var name: String {
        let parts = [combinationName, seed.map { "seed \($0)" } ?? ""].filter { !$0.isEmpty }
        return parts.isEmpty ? place : "\(place): \(parts.joined(separator: " "))"
    }
}
