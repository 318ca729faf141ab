import RobotWorld

/// A scenario kept in a JSON file:
///
///     {"world": {"width": 800, "height": 600},
///      "robots": [{"id": "R1", "x": 248, "y": 248, "angle": 30, "velocity": 7, "behaviour": "bounce"},
///                 {"count": 1000, "seed": 7, "velocity": [1, 5], "behaviour": "wander"}]}
///
/// With a group, the world waits for all; robots that are listed one by one join while it turns.
struct ScenarioFile {
    let path: String
    /// Where the user has named it.
    var place = "with --scenario"

    /// Reads the scenario.
    ///
    /// - Parameter size: Moves the walls from where the file has them.
    /// - Throws: `Failure` that names the file, the key and the value.
    func scenario(size: WorldSize?) throws -> Scenario {
        let text = JSONText(path: path, bytes: try contents(of: path, named: place))
        return try Scenario(JSONObject(text, expectation: "{\"robots\": […]}"), size: size)
    }
}

extension Scenario {
    /// The most robots that a run is let begin with.
    static let mostRobots = 1_000_000

    /// What the recorded runs of the original world have beside the robots.
    private static let keysOfRecordedRuns: Set = [
        "name", "about", "broadcasts", "trace_broadcasts", "trace", "steps", "robots_at_stop",
    ]

    /// - Throws: `Failure` that names the file, the key and the value.
    init(_ file: JSONObject, size: WorldSize? = nil) throws {
        try file.expectKeys(["world", "robots"], ignoring: Scenario.keysOfRecordedRuns)
        let sizeInFile = try file.has("world") ? WorldSize(file) : .classic
        self.init(robots: [], size: size ?? sizeInFile)
        var owners: [String: Int] = [:]
        for (index, value) in try file.array("robots", of: "robots").enumerated() {
            let expectation = "a robot with id, x, y, angle and velocity, or a group with count and seed"
            let object = try file.object("robots", index, value, expectation: expectation)
            let isGroup = object.has("count")
            if isGroup { waitsForAll = true }
            if !isGroup { try object.expectKeys(Start.keys, or: ["count"]) }
            let added = try isGroup ? group(object) : [Start(object)]
            for robot in added {
                guard let owner = owners.updateValue(index, forKey: robot.id) else { continue }
                let id = robot.id.jsonQuoted
                throw object.wrong("id", "\(id) is the id of robots[\(owner)] already; give another one")
            }
            robots += added
        }
    }

    /// The robots of a group are named after their places in the whole scenario.
    private func group(_ object: JSONObject) throws -> [Start] {
        try object.expectKeys(["count", "seed", "velocity", "behaviour"])
        let count = try object.whole("count", 1...Scenario.mostRobots)
        guard robots.count + count <= Scenario.mostRobots else {
            let total = robots.count + count
            throw object.wrong("count", "\(count) makes \(total) robots; \(Scenario.mostRobots) are the most")
        }
        var group = Scenario.random(
            robots: count,
            seed: try object.whole("seed", 0...UInt64.max),
            size: size,
            velocities: try object.has("velocity") ? velocities(object) : 1...10,
            behaviour: try object.behaviour()
        ).robots
        for index in group.indices { group[index].id = "R\(robots.count + index + 1)" }
        return group
    }

    private func velocities(_ object: JSONObject) throws -> ClosedRange<Int> {
        let bounds = try object.array("velocity", of: "two whole numbers, the least and the greatest velocity").map {
            try JSONObject.whole($0, -1_000_000...1_000_000) { object.wrong("velocity", $0) }
        }
        guard bounds.count == 2, bounds[0] <= bounds[1] else {
            throw object.wrong("velocity", "\(bounds) is no range; give the least and the greatest velocity")
        }
        return bounds[0]...bounds[1]
    }
}

extension Scenario.Start {
    /// What a robot has in a file.
    static let keys = ["id", "x", "y", "angle", "velocity", "behaviour"]

    /// - Throws: `Failure` that names the file, the key and the value.
    init(_ object: JSONObject) throws {
        let id = try object.string("id")
        // Ids stand in lines of text, in the trace for one, and are shown on terminals.
        guard id.isVisibleName else {
            let remedy = "give a string that can be seen and has no line breaks or controls"
            let reason = "\(id.jsonQuoted) is no name; \(remedy)"
            throw object.wrong("id", reason)
        }
        self.init(
            id: id,
            location: Location(x: try object.number("x"), y: try object.number("y")),
            vector: Vector(angle: try object.number("angle"), velocity: try object.number("velocity")),
            behaviour: try object.behaviour()
        )
    }
}

extension WorldSize {
    /// Walls farther apart than this are refused.
    static let most = 1_000_000

    /// - Throws: `Failure` that names the file, the key and the value.
    init(_ file: JSONObject) throws {
        let world = try file.object("world", expectation: "an object with width and height")
        try world.expectKeys(["width", "height"])
        self.init(
            width: Double(try world.whole("width", 1...WorldSize.most)),
            height: Double(try world.whole("height", 1...WorldSize.most))
        )
    }
}

extension JSONObject {
    /// The class that the object names; the classic one when it names none.
    func behaviour() throws -> Robot.Type {
        guard has("behaviour") else { return ClassicRobot.self }
        let name = try string("behaviour")
        guard let behaviour = Robot.behaviour(named: name) else {
            throw wrong("behaviour", "\(name.jsonQuoted) is no behaviour; give \(Robot.behaviourNames)")
        }
        return behaviour
    }
}

extension Robot {
    static func behaviour(named name: String) -> Robot.Type? { behaviours.first { $0.key == name }?.value }

    /// All of them, for a message: `a, b or c`.
    static var behaviourNames: String {
        let names = behaviours.map(\.key)
        return "\(names.dropLast().joined(separator: ", ")) or \(names.last!)"
    }
}
