import Glibc
import RobotWorld

/// A scenario kept in a JSON file:
///
///     {"robots": [{"id": "R1", "x": 248, "y": 248, "angle": 30, "velocity": 7}]}
struct ScenarioFile {
    let path: String

    /// Reads the scenario.
    ///
    /// - Throws: `Failure` that names the file, the key and the value.
    func scenario() throws -> Scenario {
        guard case .object(let file) = try json() else {
            throw wrong("", "the file holds no object; give {\"robots\": […]}")
        }
        guard let list = file["robots"] else { throw wrong("robots", "missing; give an array of robots") }
        guard case .array(let robots) = list else {
            throw wrong("robots", "\(list) is not an array; give an array of robots")
        }

        var owners: [String: Int] = [:]
        return Scenario(
            robots: try robots.enumerated().map { index, value in
                let key = "robots[\(index)]"
                guard case .object(let robot) = value else {
                    throw wrong(key, "\(value) is not a robot; give an object with id, x, y, angle and velocity")
                }
                let id = try id(of: robot, at: key)
                if let owner = owners.updateValue(index, forKey: id) {
                    throw wrong("\(key).id", "\(id.jsonQuoted) is the id of robots[\(owner)] already; give another one")
                }
                return Scenario.Start(
                    id: id,
                    location: Location(x: try number("x", of: robot, at: key), y: try number("y", of: robot, at: key)),
                    vector: Vector(
                        angle: try number("angle", of: robot, at: key),
                        velocity: try number("velocity", of: robot, at: key)
                    )
                )
            }
        )
    }

    private func json() throws -> JSON {
        let text: [UInt8]
        do {
            let descriptor = try Descriptor(opening: path, flags: O_RDONLY)
            defer { try? descriptor.close() }
            text = try descriptor.readToEnd()
        } catch {
            throw Failure.noInput("\(path): cannot be read: \(error); name a scenario file with --scenario")
        }
        do {
            return try JSON(parsing: text)
        } catch {
            throw Failure.badData("\(path): \(error)")
        }
    }

    private func id(of robot: [String: JSON], at key: String) throws -> String {
        guard let value = robot["id"] else { throw wrong("\(key).id", "missing; give a string") }
        guard case .string(let id) = value else { throw wrong("\(key).id", "\(value) is not a string; give a string") }
        // Ids stand in lines of text, in the trace for one.
        guard !id.isEmpty, !id.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw wrong("\(key).id", "\(value) is no name; give a string of at least one character and no line breaks")
        }
        return id
    }

    private func number(_ name: String, of robot: [String: JSON], at key: String) throws -> Double {
        guard let value = robot[name] else { throw wrong("\(key).\(name)", "missing; give a number") }
        guard case .number(let number, _) = value else {
            throw wrong("\(key).\(name)", "\(value) is not a number; give a number")
        }
        guard number.isFinite else { throw wrong("\(key).\(name)", "\(value) is not finite; give a smaller number") }
        return number
    }

    private func wrong(_ key: String, _ reason: String) -> Failure {
        .badData("\(path): \(key.isEmpty ? "" : "\(key): ")\(reason)")
    }
}
