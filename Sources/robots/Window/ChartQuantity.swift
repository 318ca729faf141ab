import ArgumentParser
import RobotWorld

/// What a chart shows: a quantity of the world, or how much that changes in a step.
struct ChartQuantity {
    private static let perStep = " per step"
    /// How many there is room for.
    private static let most = 2
    /// What is shown when the user has not chosen.
    static let usual = "collisions per step,messages per step"

    let name: String
    private let quantity: Quantity
    let isPerStep: Bool

    /// Reads the names that `--chart` gives.
    static func all(named text: String) throws -> [ChartQuantity] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.count <= most else {
            throw ValidationError("--chart: \(text) are \(names.count) names; give one or two")
        }
        return try names.map(ChartQuantity.init)
    }

    private init(_ name: String) throws {
        self.name = name
        isPerStep = name.hasSuffix(ChartQuantity.perStep)
        let text = isPerStep ? String(name.dropLast(ChartQuantity.perStep.count)) : name
        if text.isEmpty {
            throw ValidationError("--chart: a name is empty; give one or two, such as collisions,messages")
        }
        let measures = Measures.standard
        do {
            quantity = try measures.quantity(named: text)
        } catch {
            throw ValidationError("--chart: \(error.description(of: text, among: measures))")
        }
    }

    /// The number at the latest step, however much it has changed; nil where there is none.
    func number(of observer: Observer) -> Double? { quantity.value(of: observer) }
}
