/// The way to a value within another one: keys, and numbers for the elements of arrays, such as `robots.0.count`.
struct JSONPath: Sendable {
    let text: String
    var parts: [String] { text.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }

    /// Whether it leads to a part of what the other one leads to, or to all of it.
    func isWithin(_ other: JSONPath) -> Bool { parts.starts(with: other.parts) }

    /// Why a path leads nowhere.
    struct Fault: Error {
        let reason: String
    }
}

extension JSON {
    /// The same value with another one at a place.
    ///
    /// - Throws: When there is nothing at that place.
    func replacing(_ path: JSONPath, with value: JSON) throws(JSONPath.Fault) -> JSON {
        try replacing(path.parts[...], after: "", with: value)
    }

    private func replacing(
        _ parts: ArraySlice<String>,
        after way: String,
        with value: JSON
    ) throws(JSONPath.Fault) -> JSON {
        guard let part = parts.first else { return value }
        let place = way.isEmpty ? "it" : way
        let next = way.isEmpty ? part : "\(way).\(part)"
        switch self {
        case .object(var members):
            guard let member = members[part] else {
                let keys = members.sorted { $0.value.position < $1.value.position }.map(\.key)
                let known =
                    part.nearest(of: keys).map { "did you mean \($0.jsonQuoted)?" }
                    ?? "give one of its keys, \(keys.map(\.jsonQuoted).joined(separator: ", "))"
                throw JSONPath.Fault(
                    reason: "\(place) has no \(part.jsonQuoted); \(keys.isEmpty ? "add it there" : known)"
                )
            }
            members[part] = Member(
                value: try member.value.replacing(parts.dropFirst(), after: next, with: value),
                position: member.position
            )
            return .object(members)
        case .array(var elements):
            guard let index = Int(part), String(index) == part, elements.indices.contains(index) else {
                let remedy = elements.isEmpty ? "add some there" : "give a number from 0 to \(elements.count - 1)"
                throw JSONPath.Fault(
                    reason: "\(place) has \(elements.count) elements, and none is \(part.jsonQuoted); \(remedy)"
                )
            }
            elements[index] = try elements[index].replacing(parts.dropFirst(), after: next, with: value)
            return .array(elements)
        default:
            throw JSONPath.Fault(
                reason: "\(place) is \(self), in which there is no \(part.jsonQuoted); end the path there"
            )
        }
    }

    /// The value as JSON: objects in the order of their keys' letters, so that equal values have equal texts.
    var text: String {
        switch self {
        case .null, .bool, .number, .string: return description
        case .array(let elements): return "[\(elements.map(\.text).joined(separator: ", "))]"
        case .object(let members):
            let pairs = members.sorted { $0.key < $1.key }.map { "\($0.key.jsonQuoted): \($0.value.value.text)" }
            return "{\(pairs.joined(separator: ", "))}"
        }
    }
}
