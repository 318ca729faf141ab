import Foundation
import RobotWorld

/// A run of the original robot world: which robots it began with, and what happened.
struct GoldenRun: Decodable {
    let robots: [Start]
    /// How many states reached the display.
    let broadcasts: Int
    /// For how many of them the trace is complete.
    let traceBroadcasts: Int
    let trace: [String]
    let steps: [Step]
    let robotsAtStop: [Report]

    struct Start: Decodable {
        let id: String
        let x: Double
        let y: Double
        let angle: Double
        let velocity: Double
    }

    struct Step: Decodable {
        let step: Int
        let ids: [String]
        let state: [RobotState]
        let fnv: String
    }

    /// `["Robot", x, y, angle, velocity]`
    struct RobotState: Decodable {
        let kind: String
        let numbers: [Double]

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            kind = try fields.decode(String.self)
            var numbers: [Double] = []
            while !fields.isAtEnd { numbers.append(try fields.decode(Double.self)) }
            self.numbers = numbers
        }
    }

    struct Report: Decodable {
        let id: String
        let ownLocation: [Double]
        let ownAngle: Double
        let ownVelocity: Double
        let collisions: Int
        let updates: Int
    }

    static func named(_ name: String) throws -> GoldenRun {
        let file = Bundle.module.bundleURL.appending(path: "Fixtures/\(name).json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(GoldenRun.self, from: Data(contentsOf: file))
    }

    var scenario: Scenario {
        Scenario(
            robots: robots.map { robot in
                var start = Scenario.Start(
                    id: robot.id,
                    location: Location(x: robot.x, y: robot.y),
                    vector: Vector(angle: robot.angle, velocity: robot.velocity)
                )
                // The original world takes this place for none. Here it is one like any other.
                start.hasPlace = start.location != Location(x: -1, y: -1)
                return start
            }
        )
    }
}
