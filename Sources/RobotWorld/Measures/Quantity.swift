/// One number of a world, as it is asked for by name: a measure of the world, such as `messages`, or an aggregate of a
/// measure of each robot, such as `mean(distance)`.
///
/// ``Measures/quantity(named:)`` makes them.
public struct Quantity: Sendable {
    /// The measure that is taken.
    public let measure: Measure
    /// What is made of the robots' numbers; nil for a measure of the world.
    public let aggregate: Aggregate?

    /// As it is asked for, such as `mean(distance)`.
    public var name: String { aggregate.map { "\($0.rawValue)(\(measure.name))" } ?? measure.name }

    /// Takes the number at the latest step.
    ///
    /// - Parameter observer: Has seen every step up to that one.
    /// - Returns: The number; nil where there is none, such as the mean over no robots, and where it is not finite.
    public func value(of observer: Observer) -> Double? {
        let value =
            switch measure.subject {
            case .world(let value): value(observer)
            case .robot(let value): aggregate?.value(of: observer.robots.map(value))
            }
        return value.flatMap { $0.isFinite ? $0 : nil }
    }
}

/// A name that says no quantity.
public enum QuantityError: Error, Equatable {
    /// There is no measure of this name, or none of each robot where an aggregate asks for one.
    case unknownMeasure(String)
    /// There is no aggregate of this name.
    case unknownAggregate(String)
    /// The measure is of each robot: an aggregate is missing.
    case missingAggregate(String)
    /// The measure is of the world: there is nothing to aggregate.
    case surplusAggregate(String)
    /// The text is neither a name nor a name in parentheses behind another one.
    case noName(String)
}
