// A parser that calls a function for each event, turned into a sequence of events: `yield` suspends it wherever it is in its
// recursion. A `Generator` is lazy, may be left half-way, and hands on the parser's errors.
import TaskletKit

enum Event: Equatable {
    case begin(Character)
    case end(Character)
    case key(String)
    case string(String)
    case number(Double)
    case word(String)
}

struct SyntaxError: Error {
    let offset: Int
}

/// A parser by recursive descent, without escapes in strings.
struct Parser {
    let text: [Character]
    let emit: (Event) throws -> Void
    private var offset = 0

    init(_ text: String, emit: @escaping (Event) throws -> Void) {
        self.text = Array(text)
        self.emit = emit
    }

    mutating func value() throws {
        switch next() {
        case "{":
            try list("{", "}") { parser in
                let key = try parser.string()
                try parser.expect(":")
                try parser.emit(.key(key))
                try parser.value()
            }
        case "[": try list("[", "]") { parser in try parser.value() }
        case "\"": try emit(.string(string()))
        default:
            let word = String(text[offset...].prefix { $0.isLetter || $0.isNumber || "+-.".contains($0) })
            guard !word.isEmpty else { throw SyntaxError(offset: offset) }
            offset += word.count
            try emit(Double(word).map(Event.number) ?? .word(word))
        }
    }

    private mutating func list(_ first: Character, _ last: Character, element: (inout Parser) throws -> Void) throws {
        try expect(first)
        try emit(.begin(first))
        if next() != last {
            try element(&self)
            while next() == "," {
                offset += 1
                try element(&self)
            }
        }
        try expect(last)
        try emit(.end(last))
    }

    private mutating func string() throws -> String {
        try expect("\"")
        let string = text[offset...].prefix { $0 != "\"" }
        offset += string.count
        try expect("\"")
        return String(string)
    }

    private mutating func expect(_ character: Character) throws {
        guard next() == character else { throw SyntaxError(offset: offset) }
        offset += 1
    }

    /// The next character that is no space.
    private mutating func next() -> Character? {
        while offset < text.count, text[offset].isWhitespace { offset += 1 }
        return offset < text.count ? text[offset] : nil
    }
}

func events(of text: String) -> Generator<Event> {
    Generator { yield in
        var parser = Parser(text) { event in try yield(event) }
        try parser.value()
    }
}

for event in events(of: #"{"a": [1, 2, {"b": null}], "c": "x"}"#) { print(event) }

// The first key of a text that goes on without end is no more work than that.
let endless = "{\"first\": [" + String(repeating: "[", count: 1_000)
for case .key(let key) in events(of: endless) {
    print("the first key:", key)
    break
}

// A `for` loop cannot throw; `tryNext` can.
var broken = events(of: "[1, 2").makeIterator()
do {
    while let event = try broken.tryNext() { print(event) }
} catch let error as SyntaxError {
    print("a mistake at", error.offset)
}
