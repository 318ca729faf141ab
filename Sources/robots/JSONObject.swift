import Glibc
import RobotWorld

/// An object in a JSON file, read with a message that names file, key and value for whatever is wrong with it.
struct JSONObject {
    let path: String
    /// The keys and indices that lead to the object, such as `robots[3]`; empty at the top.
    let key: String
    private let members: [String: JSON]

    /// - Throws: `Failure`, when the value is no object; `expectation` says what should be there.
    init(_ value: JSON, path: String, key: String = "", expectation: String) throws {
        self.path = path
        self.key = key
        guard case .object(let members) = value else {
            let reason = key.isEmpty ? "the file holds no object" : "\(value) is no object"
            throw JSONObject.failure(path, key, "\(reason); give \(expectation)")
        }
        self.members = members
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    func number(_ name: String) throws -> Double {
        let value = try member(name, "a number")
        guard case .number(let number, _) = value else { throw wrong(name, "\(value) is not a number; give a number") }
        guard number.isFinite else { throw wrong(name, "\(value) is not finite; give a smaller number") }
        return number
    }

    func whole<Number: FixedWidthInteger>(_ name: String, _ range: ClosedRange<Number>) throws -> Number {
        try JSONObject.whole(try member(name, "a whole number"), range) { wrong(name, $0) }
    }

    func string(_ name: String) throws -> String {
        let value = try member(name, "a string")
        guard case .string(let string, _) = value else { throw wrong(name, "\(value) is not a string; give a string") }
        return string
    }

    func array(_ name: String, of expectation: String) throws -> [JSON] {
        let value = try member(name, "an array of \(expectation)")
        guard case .array(let elements) = value else {
            throw wrong(name, "\(value) is not an array; give an array of \(expectation)")
        }
        return elements
    }

    func object(_ name: String, expectation: String) throws -> JSONObject {
        let value = try member(name, expectation)
        return try JSONObject(value, path: path, key: keyPath(name), expectation: expectation)
    }

    /// An element of an array, as an object.
    func object(_ name: String, _ index: Int, _ value: JSON, expectation: String) throws -> JSONObject {
        try JSONObject(value, path: path, key: "\(keyPath(name))[\(index)]", expectation: expectation)
    }

    /// What the user is told of a member that makes no sense.
    func wrong(_ name: String, _ reason: String) -> Failure { JSONObject.failure(path, keyPath(name), reason) }

    /// A number without a fraction, however it is written.
    static func whole<Number: FixedWidthInteger>(
        _ value: JSON,
        _ range: ClosedRange<Number>,
        wrong: (String) -> Failure
    ) throws -> Number {
        let expectation = "give a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard case .number(let number, let text) = value else {
            throw wrong("\(value) is not a number; \(expectation)")
        }
        // Doubles have no room for all digits of a large one.
        guard let whole = Number(text) ?? Number(exactly: number), range.contains(whole) else {
            throw wrong("\(value) is not possible; \(expectation)")
        }
        return whole
    }

    private func member(_ name: String, _ expectation: String) throws -> JSON {
        guard let value = members[name] else { throw wrong(name, "missing; give \(expectation)") }
        return value
    }

    private func keyPath(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

    private static func failure(_ path: String, _ key: String, _ reason: String) -> Failure {
        .badData("\(path): \(key.isEmpty ? "" : "\(key): ")\(reason)")
    }
}

/// Reads a file that the user has named somewhere, such as `with --scenario`.
func contents(of path: String, named place: String) throws -> [UInt8] {
    do {
        if path == "-" { return try Descriptor.standardInput.readToEnd() }
        let descriptor = try Descriptor(opening: path, flags: O_RDONLY)
        defer { try? descriptor.close() }
        return try descriptor.readToEnd()
    } catch {
        throw Failure.noInput("\(path.onOneLine): cannot be read: \(error); name another one \(place)")
    }
}
