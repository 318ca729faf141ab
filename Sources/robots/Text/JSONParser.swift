/// Reads JSON and, where it is none, says at which key: what a parser made for programs leaves out.
struct JSONParser {
    private let text: JSONText
    private let bytes: [UInt8]
    private var position = 0
    private var line: Int
    private var path: [Component] = []

    private enum Component {
        case key(String)
        case index(Int)
    }

    /// Deeper nesting is refused: every level takes room on the stack.
    private static let deepestNesting = 200

    init(_ text: JSONText) {
        self.text = text
        bytes = text.bytes
        line = text.firstLine
    }

    /// The whole text as one value.
    mutating func document() throws(JSONError) -> JSON {
        // It cannot be seen in a message.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw error("a byte order mark; save the file without one") }
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw unexpected("the end of the text") }
        return value
    }

    private mutating func value() throws(JSONError) -> JSON {
        skipBlanks()
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string(), line: line)
        case UInt8(ascii: "-"): return try number()
        case _ where isAtDigit: return try number()
        default: break
        }
        for (word, value) in [("true", JSON.bool(true)), ("false", .bool(false)), ("null", .null)]
        where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        throw unexpected("a value")
    }

    private mutating func object() throws(JSONError) -> JSON {
        var members: [String: JSON.Member] = [:]
        position += 1
        skipBlanks()
        if take("}") { return .object(members) }
        repeat {
            skipBlanks()
            guard byte == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            let start = position
            let key = try string()
            skipBlanks()
            guard take(":") else { throw unexpected("':'") }
            try descend(.key(key))
            if let first = members[key] {
                let reason = "the same key is at \(text.place(of: first.position)); leave one of them out"
                throw error(reason, at: start, "duplicate key")
            }
            members[key] = JSON.Member(value: try value(), position: start)
            path.removeLast()
            skipBlanks()
        } while take(",")
        guard take("}") else { throw unexpected("',' or '}'") }
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        position += 1
        skipBlanks()
        if take("]") { return .array(elements) }
        repeat {
            try descend(.index(elements.count))
            elements.append(try value())
            path.removeLast()
            skipBlanks()
        } while take(",")
        guard take("]") else { throw unexpected("',' or ']'") }
        return .array(elements)
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        _ = take("-")
        if byte == UInt8(ascii: "I") { throw unexpected("a finite number") }
        if take("0") {
            guard !isAtDigit else { throw error("a number begins with 0; leave it out") }
        } else {
            try digits()
        }
        if take(".") { try digits() }
        if take("e") || take("E") {
            _ = take("-") || take("+")
            try digits()
        }
        let written = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Double(written) else { throw error("\(written) is not a number") }
        return .number(number, text: written)
    }

    private mutating func digits() throws(JSONError) {
        guard isAtDigit else { throw unexpected("a digit") }
        while isAtDigit { position += 1 }
    }

    private mutating func string() throws(JSONError) -> String {
        var contents: [UInt8] = []
        position += 1
        while let next = byte {
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: contents, as: UTF8.self) else {
                    throw error("the string before this place is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                contents += String(try escaped()).utf8
            case 0..<0x20:
                throw error("a control character in a string; write it as \\u")
            default:
                contents.append(next)
                position += 1
            }
        }
        throw unexpected("'\"' at the end of a string")
    }

    private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
        let simple: [(UInt8, Unicode.Scalar)] = [
            (UInt8(ascii: "\""), "\""), (UInt8(ascii: "\\"), "\\"), (UInt8(ascii: "/"), "/"),
            (UInt8(ascii: "b"), "\u{8}"),
            (UInt8(ascii: "f"), "\u{c}"), (UInt8(ascii: "n"), "\n"), (UInt8(ascii: "r"), "\r"),
            (UInt8(ascii: "t"), "\t"),
        ]
        if let (_, scalar) = simple.first(where: { $0.0 == byte }) {
            position += 1
            return scalar
        }
        guard take("u") else { throw unexpected("one of \"\\/bfnrtu after '\\'") }
        let first = try fourHexadecimalDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Half of a pair that stands for one character beyond the first 65,536.
        guard first < 0xdc00, take("\\"), take("u") else { throw error("half a surrogate pair") }
        let second = try fourHexadecimalDigits()
        guard (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw error("half a surrogate pair") }
        return scalar
    }

    private mutating func fourHexadecimalDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected("a hexadecimal digit")
            }
            value = value << 4 + UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func descend(_ component: Component) throws(JSONError) {
        guard path.count < JSONParser.deepestNesting else {
            throw error("more than \(JSONParser.deepestNesting) levels of nesting")
        }
        path.append(component)
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private var isAtDigit: Bool {
        guard let byte else { return false }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: expected) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
            // There is no other place for a line break: strings have none.
            if byte == 0x0a { line += 1 }
        }
    }

    private func unexpected(_ expected: String) -> JSONError {
        let end = bytes[position...].firstIndex { $0 <= 0x20 || ",:{}[]\"".utf8.contains($0) } ?? bytes.count
        let word = String(
            decoding: bytes[position..<min(max(end, position + 1), position + 20, bytes.count)],
            as: UTF8.self
        )
        return error("\(word.isEmpty ? "the text ends" : "found \(word)") where \(expected) should be")
    }

    private func error(_ reason: String, at place: Int? = nil, _ fault: String = "not JSON") -> JSONError {
        let keys = path.prefix(10).reduce(into: "") { keys, component in
            switch component {
            case .key(let key): keys += keys.isEmpty ? key : ".\(key)"
            case .index(let index): keys += "[\(index)]"
            }
        }
        return JSONError(path: keys, fault: fault, place: text.place(of: place ?? position), reason: reason)
    }
}
