import Glibc
import RobotWorld

/// An object in a JSON file, read with a message that names file, key and value for whatever is wrong with it.
struct JSONObject {
    /// The keys and indices that lead to the object, such as `robots[3]`; empty at the top.
    let key: String
    /// The text that the object is in.
    let text: JSONText
    private let members: [String: JSON.Member]

    /// Reads a text that is an object.
    ///
    /// - Parameter key: What leads to it where it is a part of the file.
    /// - Throws: `Failure`, when it is none; `expectation` says what should be there.
    init(_ text: JSONText, key: String = "", expectation: String) throws {
        try self.init(text.value(), in: text, key: key, expectation: expectation)
    }

    /// Takes a value of a text as an object.
    ///
    /// - Throws: `Failure`, when it is none; `expectation` says what should be there.
    init(_ value: JSON, in text: JSONText, key: String = "", expectation: String) throws {
        self.text = text
        self.key = key
        guard case .object(let members) = value else {
            let reason = key.isEmpty ? "the file holds no object" : "\(key): \(value) is no object"
            throw text.failure("\(reason); give \(expectation)")
        }
        self.members = members
    }

    /// Refuses all keys but some: an unknown key is nearly always a known one that is misspelt.
    ///
    /// - Parameters:
    ///   - known: What is read; the message names that which is most like the unknown one.
    ///   - ignored: Not read either, but no mistake.
    ///   - other: What would make this another kind of object, so that it may have been meant too.
    func expectKeys(_ known: [String], ignoring ignored: Set<String> = [], or other: [String] = []) throws {
        let unknown = members.filter { !known.contains($0.key) && !ignored.contains($0.key) }
        guard let (name, member) = unknown.min(by: { $0.value.position < $1.value.position }) else { return }
        let remedy =
            name.nearest(of: known + other).map { "did you mean \($0.jsonQuoted)?" }
            ?? "known here are \(known.map(\.jsonQuoted).joined(separator: ", "))"
        let error = JSONError(
            path: keyPath(name),
            fault: "unknown key",
            place: text.place(of: member.position),
            reason: remedy
        )
        throw text.failure(error.description)
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    /// The keys in the order of the text, with their values.
    var inOrder: [(name: String, value: JSON)] {
        members.sorted { $0.value.position < $1.value.position }.map { ($0.key, $0.value.value) }
    }

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
        return try JSONObject(value, in: text, key: keyPath(name), expectation: expectation)
    }

    /// An element of an array, as an object.
    func object(_ name: String, _ index: Int, _ value: JSON, expectation: String) throws -> JSONObject {
        try JSONObject(value, in: text, key: "\(keyPath(name))[\(index)]", expectation: expectation)
    }

    /// What the user is told of a member that makes no sense.
    func wrong(_ name: String, _ reason: String) -> Failure { text.failure("\(keyPath(name)): \(reason)") }

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

    /// Whatever there is for a key.
    func member(_ name: String, _ expectation: String) throws -> JSON {
        guard let member = members[name] else { throw wrong(name, "missing; give \(expectation)") }
        return member.value
    }

    private func keyPath(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }
}

/// Reads a file that the user has named somewhere, such as `with --scenario`.
func contents(of path: String, named place: String) throws -> [UInt8] {
    do {
        if path == "-" { return try Descriptor.standardInput.readToEnd() }
        let descriptor = try Descriptor(opening: path, flags: O_RDONLY)
        defer { try? descriptor.close() }
        return try descriptor.readToEnd()
    } catch {
        throw Failure.noInput("\(path): cannot be read: \(error); name another one \(place)")
    }
}
