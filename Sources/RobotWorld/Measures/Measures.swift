/// Measures that are known by their names.
///
///     let mean = try Measures.standard.quantity(named: "mean(distance)")
///     var observer = Observer(of: .classic)
///     try Simulation(.classic).run { step in
///         observer.take(step)
///         return step.number < 100 ? .proceed : .stop
///     }
///     print(mean.value(of: observer) ?? 0)
public struct Measures: Sendable {
    /// All of them, in the order in which they were added.
    public private(set) var all: [Measure] = []

    /// Creates a set without measures.
    public init() {}

    /// Adds a measure.
    ///
    /// - Parameter measure: Must have a name of its own; only one of the world and one of each robot may share one.
    public mutating func add(_ measure: Measure) {
        guard find(measure.name, ofEachRobot: measure.isOfEachRobot) == nil else {
            fatalError("There is a measure \"\(measure.name)\" already; give the other one another name")
        }
        all.append(measure)
    }

    /// The quantity that a text asks for: the name of a measure of the world, such as `messages`, or an aggregate with the
    /// name of a measure of each robot, such as `mean(distance)`.
    ///
    /// - Parameter text: What is asked for.
    /// - Returns: What takes the number.
    /// - Throws: ``QuantityError``, when there is nothing of that name.
    public func quantity(named text: String) throws(QuantityError) -> Quantity {
        let parts = text.split(separator: "(", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1 {
            if let measure = find(text, ofEachRobot: false) { return Quantity(measure: measure, aggregate: nil) }
            throw find(text, ofEachRobot: true) == nil ? .unknownMeasure(text) : .missingAggregate(text)
        }
        guard parts.count == 2, parts[1].hasSuffix(")") else { throw .noName(text) }
        let name = String(parts[1].dropLast())
        guard let aggregate = Aggregate(rawValue: parts[0]) else { throw .unknownAggregate(parts[0]) }
        if let measure = find(name, ofEachRobot: true) { return Quantity(measure: measure, aggregate: aggregate) }
        throw find(name, ofEachRobot: false) == nil ? .unknownMeasure(name) : .surplusAggregate(name)
    }

    private func find(_ name: String, ofEachRobot isOfEachRobot: Bool) -> Measure? {
        all.first { $0.name == name && $0.isOfEachRobot == isOfEachRobot }
    }
}

extension Measures {
    /// The measures of this module. A new one is a line here.
    public static let standard: Measures = {
        var measures = Measures()
        measures.add(Measure(ofWorld: "steps", unit: "steps", about: "steps made") { Double($0.steps) })
        measures.add(
            Measure(ofWorld: "robots", unit: "robots", about: "robots that have a place") { Double($0.robots.count) }
        )
        measures.add(
            Measure(ofWorld: "messages", unit: "messages", about: "messages sent") { Double($0.messages) }
        )
        measures.add(
            Measure(ofWorld: "collisions", unit: "collisions", about: "how often a wall barred a way") {
                Double($0.collisions)
            }
        )
        measures.add(
            Measure(ofEachRobot: "collisions", unit: "collisions", about: "how often a wall barred its way") {
                Double($0.collisions)
            }
        )
        measures.add(Measure(ofEachRobot: "distance", unit: "units", about: "how far it has flown") { $0.distance })
        measures.add(
            Measure(ofEachRobot: "x", unit: "units", about: "distance from the left wall") { $0.location.x }
        )
        measures.add(
            Measure(ofEachRobot: "y", unit: "units", about: "distance from the upper wall") { $0.location.y }
        )
        measures.add(
            Measure(ofEachRobot: "velocity", unit: "units per step", about: "how far it flies in a step") {
                $0.vector.velocity
            }
        )
        return measures
    }()
}
