import Foundation
import Testing

extension WindowSession {
    /// Robots that stay where they are and turn by half a degree a step.
    static let resting = """
        {"robots": [
            {"id": "A", "x": 0, "y": 0, "angle": 0, "velocity": 0},
            {"id": "B", "x": 496, "y": 0, "angle": 90, "velocity": 0},
            {"id": "C", "x": 496, "y": 496, "angle": 180, "velocity": 0},
            {"id": "D", "x": 0, "y": 496, "angle": 270, "velocity": 0},
            {"id": "E", "x": 248, "y": 248, "angle": 45, "velocity": 0}]}
        """

    /// The robots of that scenario as they are seen at a step. They joined one or two steps after the first.
    static func resting(atStep step: Int) -> [PixelGrid.Robot] {
        [(0.0, 0.0, 0.0), (496, 0, 90), (496, 496, 180), (0, 496, 270), (248, 248, 45)].map { x, y, angle in
            PixelGrid.Robot(x: x, y: y, angle: angle + Double(step - 2) / 2)
        }
    }
}

extension RobotsProgram {
    /// One line of a states file.
    struct State: Decodable {
        let step: Int
        let ids: [String]
        let robots: [PixelGrid.Robot]

        enum CodingKeys: String, CodingKey {
            case step, ids
            case robots = "state"
        }
    }

    func states(_ name: String) throws -> [State] {
        try lines(name).map { try JSONDecoder().decode(State.self, from: Data($0.utf8)) }
    }
}

extension PixelGrid.Robot: Decodable {
    /// From an array of kind, x, y, angle and velocity.
    init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        _ = try fields.decode(String.self)
        self.init(
            x: try fields.decode(Double.self),
            y: try fields.decode(Double.self),
            angle: try fields.decode(Double.self)
        )
    }
}
