/// A JSON value.
enum JSON: Sendable {
    case null
    case bool(Bool)
    /// A number, and how it was written.
    case number(Double, text: String)
    /// A string, and the line that it is in.
    case string(String, line: Int)
    case array([JSON])
    case object([String: Member])

    /// What an object has for a key, and where in the text the key begins.
    struct Member: Sendable {
        let value: JSON
        let position: Int
    }
}

extension JSON: CustomStringConvertible {
    /// The value as a message names it.
    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(_, let text): text
        case .string(let value, _): value.jsonQuoted
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// Where and why a text cannot be read.
struct JSONError: Error, CustomStringConvertible {
    /// The keys and indices that lead to the place, such as `robots[3].x`; empty at the top.
    let path: String
    /// What is wrong, such as `not JSON`.
    let fault: String
    let place: JSONText.Place
    let reason: String

    var description: String { "\(path.isEmpty ? "" : "\(path): ")\(fault) at \(place): \(reason)" }
}

extension String {
    /// The string as JSON writes it.
    var jsonQuoted: String {
        var quoted = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.isControl:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
