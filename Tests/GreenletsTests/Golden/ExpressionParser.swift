/// Parses what stands in one line.
struct ExpressionParser {
    private let line: String
    private var items: ArraySlice<Lexer.Item>

    init(_ line: String) throws {
        self.line = line
        items = try Lexer.items(of: line)[...]
    }

    var isAtEnd: Bool { items.isEmpty }

    private var malformed: Lexer.Malformed { Lexer.Malformed(line: line) }

    mutating func skip(_ token: Lexer.Token) -> Bool {
        guard items.first?.token == token else { return false }
        items.removeFirst()
        return true
    }

    private mutating func expect(_ sign: String) throws {
        guard skip(.sign(sign)) else { throw malformed }
    }

    mutating func word() throws -> String {
        guard case .word(let word)? = items.popFirst()?.token else { throw malformed }
        return word
    }

    /// An expression to the end of the line.
    static func whole(_ line: String) throws -> Expression {
        var parser = try ExpressionParser(line)
        let expression = try parser.expression()
        guard parser.isAtEnd else { throw parser.malformed }
        return expression
    }

    mutating func expression() throws -> Expression {
        var left = try comparison()
        while skip(.word("and")) { left = .binary("and", left, try comparison()) }
        return left
    }

    private mutating func comparison() throws -> Expression {
        if skip(.word("not")) { return .not(try comparison()) }
        let left = try sum()
        if skip(.word("is")) {
            return skip(.word("not")) ? .not(.binary("is", left, try sum())) : .binary("is", left, try sum())
        }
        if skip(.word("without")) { return .binary("without", left, try sum()) }
        for sign in ["==", "<", ">", "..<", "..."] where skip(.sign(sign)) { return .binary(sign, left, try sum()) }
        return left
    }

    private mutating func sum() throws -> Expression {
        var left = try product()
        while true {
            if skip(.sign("+")) {
                left = .binary("+", left, try product())
            } else if skip(.sign("-")) {
                left = .binary("-", left, try product())
            } else {
                return left
            }
        }
    }

    private mutating func product() throws -> Expression {
        var left = try postfix()
        while skip(.sign("*")) { left = .binary("*", left, try postfix()) }
        return left
    }

    private mutating func postfix() throws -> Expression {
        var value = try primary()
        while let next = items.first, !next.isApart {
            if skip(.sign(".")) {
                value = .property(value, try word())
            } else if skip(.sign("(")) {
                if case .name("greenlet") = value {
                    value = try madeGreenlet()
                } else {
                    value = .call(value, try list(until: ")"))
                }
            } else if skip(.sign("[")) {
                value = .index(value, try expression())
                try expect("]")
            } else {
                break
            }
        }
        return value
    }

    private mutating func madeGreenlet() throws -> Expression {
        var body: Expression?
        if skip(.word("no")) { _ = try word() } else { body = try expression() }
        var parent: Expression?
        if skip(.sign(",")) {
            guard try word() == "parent" else { throw malformed }
            try expect(":")
            parent = try expression()
        }
        try expect(")")
        return .greenlet(body, parent: parent)
    }

    private mutating func list(until end: String) throws -> [Expression] {
        var elements: [Expression] = []
        while !skip(.sign(end)) {
            if !elements.isEmpty { try expect(",") }
            elements.append(try expression())
        }
        return elements
    }

    private mutating func primary() throws -> Expression {
        switch items.popFirst()?.token {
        case .text(let text)?: return .text(text)
        case .number(let number)?: return .number(number)
        case .word(let word)?: return .name(word)
        case .sign("[")?: return .list(try list(until: "]"))
        case .sign("(")?:
            let elements = try list(until: ")")
            return elements.count == 1 ? elements[0] : .list(elements)
        default: throw malformed
        }
    }

    /// Names between parentheses, or one without.
    mutating func names() throws -> [String] {
        guard skip(.sign("(")) else { return [try word()] }
        var names: [String] = []
        while !skip(.sign(")")) {
            names.append(try word())
            _ = skip(.sign(","))
        }
        return names
    }
}
