/// A JSON value.
enum JSON {
    case null
    case bool(Bool)
    /// A number, and how it was written.
    case number(Double, text: String)
    /// A string, and the line that it is in.
    case string(String, line: Int)
    case array([JSON])
    case object([String: JSON])

    /// Reads a JSON text.
    ///
    /// - Throws: ``JSONError``, which says where the text stops being JSON.
    init(parsing text: [UInt8]) throws(JSONError) {
        var parser = JSONParser(text)
        self = try parser.document()
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

/// Where and why a text is not JSON.
struct JSONError: Error, CustomStringConvertible {
    /// The keys and indices that lead to the place, such as `robots[3].x`; empty at the top.
    let path: String
    let line: Int
    let column: Int
    let reason: String

    var description: String {
        "\(path.isEmpty ? "" : "\(path): ")not JSON at line \(line), column \(column): \(reason)"
    }
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
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
