import RobotWorld

extension JSONObject {
    /// The quantity that a file asks for.
    ///
    /// - Parameters:
    ///   - key: Where it does.
    ///   - text: How it is called there.
    /// - Throws: `Failure` that names file, key and value.
    func quantity(_ key: String, named text: String) throws -> Quantity {
        let measures = Measures.standard
        do {
            return try measures.quantity(named: text)
        } catch {
            throw wrong(key, error.description(of: text, among: measures))
        }
    }
}

extension QuantityError {
    /// What is wrong with a name, and what to give in its place.
    func description(of text: String, among measures: Measures) -> String {
        let aggregates = Aggregate.allCases.map(\.rawValue)
        let ofRobots = measures.all.filter(\.isOfEachRobot).map(\.name)
        let ofWorld = measures.all.filter { !$0.isOfEachRobot }.map(\.name)
        switch self {
        case .unknownMeasure(let name):
            let isAggregated = text != name
            let known = isAggregated ? ofRobots : ofWorld
            let whose = isAggregated ? " of robots" : ""
            if let nearest = name.nearest(of: known) {
                return "\(name.jsonQuoted) is no measure\(whose); did you mean \(nearest.jsonQuoted)?"
            }
            let others = isAggregated ? "" : ", or mean(x) and the like of \(ofRobots.joined(separator: ", "))"
            return "\(name.jsonQuoted) is no measure\(whose); give one of \(known.joined(separator: ", "))\(others)"
        case .unknownAggregate(let name):
            let remedy =
                name.nearest(of: aggregates).map { "did you mean \($0.jsonQuoted)?" }
                ?? "give one of \(aggregates.joined(separator: ", "))"
            return "\(name.jsonQuoted) makes no number of many; \(remedy)"
        case .missingAggregate(let name):
            let ways = aggregates.map { "\($0)(\(name))" }.joined(separator: ", ")
            return "each robot has \(name.jsonQuoted) of its own; give one of \(ways)"
        case .surplusAggregate(let name):
            return "\(name.jsonQuoted) is of the whole world; give it without \(text.prefix { $0 != "(" })()"
        case .noName:
            return "\(text.jsonQuoted) is no measure; give a name such as collisions, or one such as mean(distance)"
        }
    }
}
