import RobotWorld

/// One line of a file that `--states` has written.
struct RecordedState {
    let number: Int
    let robots: [WorldState.Element]

    /// - Throws: `Failure` that names the file, the line, the key and the value.
    init(_ line: JSONText) throws {
        let object = try JSONObject(line, expectation: "a line as --states writes it, {\"step\", \"ids\", \"state\"}")
        try object.expectKeys(["step", "ids", "state"], ignoring: ["fnv"])
        number = try object.whole("step", 0...Int.max)
        let ids = try object.array("ids", of: "the robots' names")
        let places = try object.array("state", of: RecordedState.form)
        guard ids.count == places.count else {
            throw object.wrong("state", "\(places.count) robots, and \(ids.count) ids; give as many of both")
        }
        robots = try ids.indices.map { index in
            guard case .string(let id, _) = ids[index] else {
                throw object.wrong("ids[\(index)]", "\(ids[index]) is not a string; give a robot's name")
            }
            return try RecordedState.robot(id: id, places[index]) { object.wrong("state[\(index)]", $0) }
        }
    }

    private static let form = "arrays [kind, x, y, angle, velocity]"

    private static func robot(id: String, _ place: JSON, wrong: (String) -> Failure) throws -> WorldState.Element {
        guard case .array(let fields) = place, fields.count == 5, case .string(let kind, _) = fields[0] else {
            throw wrong("\(place) is no robot; give \(form)")
        }
        func number(_ index: Int) throws -> Double {
            guard case .number(let number, _) = fields[index], number.isFinite else {
                throw wrong("\(fields[index]) is not a finite number; give \(form)")
            }
            return number
        }
        return WorldState.Element(
            id: id,
            kind: kind,
            location: Location(x: try number(1), y: try number(2)),
            vector: Vector(angle: try number(3), velocity: try number(4))
        )
    }
}
