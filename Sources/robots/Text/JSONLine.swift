/// A JSON object on one line, made of its members in turn: a large world has millions of them, too many for a string each.
struct JSONLine {
    private(set) var bytes: [UInt8] = []

    /// Begins anew.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(UInt8(ascii: "{"))
    }

    /// Ends the object and the line.
    mutating func end() { append("}\n") }

    /// - Parameter key: Without anything that has to be quoted.
    mutating func add(_ key: StaticString, _ value: some BinaryInteger) {
        add(key)
        append(value)
    }

    /// - Parameter value: Finite.
    mutating func add(_ key: StaticString, _ value: Double) {
        add(key)
        append(value)
    }

    mutating func add(_ key: StaticString, _ value: String) {
        add(key)
        append(quoted: value)
    }

    /// The numbers as an array; those for which JSON has none are strings.
    mutating func add(_ key: StaticString, _ values: [Double]) {
        add(key)
        appendArray(values) { line, value in
            if value.isFinite { line.append(value) } else { line.append(quoted: "\(value)") }
        }
    }

    mutating func add(_ key: StaticString, _ values: [UInt64]) {
        add(key)
        appendArray(values) { $0.append($1) }
    }

    /// Adds an object.
    mutating func add(_ key: StaticString, _ members: (inout JSONLine) -> Void) {
        add(key)
        append("{")
        members(&self)
        append("}")
    }

    private mutating func add(_ key: StaticString) {
        if bytes.last != UInt8(ascii: "{") { append(", ") }
        append("\"")
        append(key)
        append("\": ")
    }

    private mutating func appendArray<Value>(_ values: [Value], _ append: (inout JSONLine, Value) -> Void) {
        self.append("[")
        for (index, value) in values.enumerated() {
            if index > 0 { self.append(", ") }
            append(&self, value)
        }
        self.append("]")
    }

    private mutating func append(_ text: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ value: some CustomStringConvertible) {
        bytes.append(contentsOf: value.description.utf8)
    }

    private mutating func append(quoted text: String) {
        bytes.append(contentsOf: text.jsonQuoted.utf8)
    }
}
