/// Parses the lines of a golden program.
struct ProgramParser {
    private var lines: ArraySlice<String>

    static func parse(_ lines: [String]) throws -> [Statement] {
        let filled = lines.filter { line in
            let text = line.drop { $0 == " " }
            return !text.isEmpty && !text.hasPrefix("#")
        }
        var parser = ProgramParser(lines: filled[...])
        return try parser.block(indent: 0)
    }

    private static func indent(of line: String) -> Int { line.prefix { $0 == " " }.count }

    private mutating func block(indent: Int) throws -> [Statement] {
        var statements: [Statement] = []
        while let line = lines.first, Self.indent(of: line) == indent {
            lines.removeFirst()
            statements += try statement(String(line.dropFirst(indent)), indent: indent)
        }
        return statements
    }

    /// What follows a line that ends with a colon.
    private mutating func body(indent: Int) throws -> [Statement] {
        guard let line = lines.first, Self.indent(of: line) > indent else { return [] }
        return try block(indent: Self.indent(of: line))
    }

    /// Takes the next line if it has this indentation and beginning.
    private mutating func clause(_ beginning: String, indent: Int) -> String? {
        guard let line = lines.first, Self.indent(of: line) == indent else { return nil }
        let text = line.dropFirst(indent)
        guard text.hasPrefix(beginning) else { return nil }
        lines.removeFirst()
        return String(text.dropFirst(beginning.count))
    }

    private mutating func statement(_ text: String, indent: Int) throws -> [Statement] {
        if let rest = text.after("gen fn ") { return [try function(rest, indent: indent, isGenerator: true)] }
        if let rest = text.after("fn ") { return [try function(rest, indent: indent, isGenerator: false)] }
        if let rest = text.after("class ") { return [try type(rest, indent: indent)] }
        if text == "try:" { return [try attempt(indent: indent)] }
        if let rest = text.after("if ") {
            let (condition, inline) = try rest.splitAtColon()
            let body = inline.isEmpty ? try body(indent: indent) : try statement(inline, indent: indent)
            let otherwise = clause("else:", indent: indent) == nil ? [] : try self.body(indent: indent)
            return [.choice(try .whole(condition), body, otherwise: otherwise)]
        }
        if text == "loop forever:" { return [.forever(try body(indent: indent))] }
        if let rest = text.after("loop ") {
            return [.repeated(Int(rest.prefix { $0.isNumber })!, try body(indent: indent))]
        }
        if let rest = text.after("while ") {
            return [.whileTrue(try .whole(try rest.splitAtColon().0), try body(indent: indent))]
        }
        if let rest = text.after("for ") { return [try iteration(rest, indent: indent)] }
        if text.hasPrefix("in a new thread") {
            return [.thread(try body(indent: indent), staysAlive: text.contains("waits until"))]
        }
        if text.hasPrefix("tell the thread") { return [.stopThread] }
        if let rest = text.after("set lost-error hook to: ") { return [.lostErrorHook(try Self.closure(rest))] }
        return try text.split(separator: ";").map { try Self.simple(String($0.drop { $0 == " " })) }
    }

    private mutating func function(_ text: String, indent: Int, isGenerator: Bool) throws -> Statement {
        let (head, inline) = try text.splitAtColon()
        var parser = try ExpressionParser(head)
        let name = try parser.word()
        let parameters = try parser.names()
        let body = inline.isEmpty ? try body(indent: indent) : try statement(inline, indent: indent)
        return .function(name: name, Function(parameters: parameters, body: body, isGenerator: isGenerator))
    }

    private mutating func type(_ text: String, indent: Int) throws -> Statement {
        let name = String(text.prefix { $0 != ":" })
        var fields: [(String, Expression)] = []
        var run: Function?
        for member in try body(indent: indent) {
            switch member {
            case .assign(let name, let value): fields.append((name, value))
            case .function(_, let function): run = function
            default: throw Lexer.Malformed(line: text)
            }
        }
        guard let run else { throw Lexer.Malformed(line: text) }
        return .type(name: name, fields: fields, run: run)
    }

    private mutating func attempt(indent: Int) throws -> Statement {
        let tried = try body(indent: indent)
        var handlers: [Statement.Handler] = []
        while let rest = clause("catch ", indent: indent) {
            var words = rest.dropLast().split(separator: " ").map(String.init)
            var handler = Statement.Handler(kind: nil, variable: nil, body: try body(indent: indent))
            if words.prefix(2) == ["any", "error"] {
                words.removeFirst(2)
            } else {
                handler.kind = words.removeFirst()
                if words.first == "as" { words.removeFirst() }
            }
            handler.variable = words.first
            handlers.append(handler)
        }
        let finally = clause("finally:", indent: indent) == nil ? [] : try body(indent: indent)
        return .attempt(tried, handlers: handlers, finally: finally)
    }

    private mutating func iteration(_ text: String, indent: Int) throws -> Statement {
        let (head, inline) = try text.splitAtColon()
        var parser = try ExpressionParser(head)
        let names = try parser.names()
        guard parser.skip(.word("in")) else { throw Lexer.Malformed(line: text) }
        let sequence = try parser.expression()
        let body = inline.isEmpty ? try body(indent: indent) : try statement(inline, indent: indent)
        return .each(names, sequence, body)
    }

    /// `fn(e): statement`.
    private static func closure(_ text: String) throws -> Function {
        let (head, inline) = try text.splitAtColon()
        var parser = try ExpressionParser(head)
        _ = parser.skip(.word("fn"))
        return Function(parameters: try parser.names(), body: [try simple(inline)])
    }

    private static func simple(_ text: String) throws -> Statement {
        if let rest = text.after("log ") {
            var parser = try ExpressionParser(rest)
            var parts: [Expression] = []
            while !parser.isAtEnd { parts.append(try parser.expression()) }
            return .log(parts)
        }
        if let rest = text.after("raise ") { return .raise(try .whole(rest)) }
        if text == "return" { return .leave(nil) }
        if let rest = text.after("return ") { return .leave(try .whole(rest)) }
        if let rest = text.after("drop ") { return .drop(rest) }
        if let rest = text.after("append ") {
            var parser = try ExpressionParser(rest)
            let value = try parser.expression()
            guard parser.skip(.word("to")) else { throw Lexer.Malformed(line: text) }
            return .append(value, to: try parser.word())
        }
        guard let equals = text.range(of: " = ") else { return .evaluate(try .whole(text)) }
        let value = try assigned(String(text[equals.upperBound...]))
        switch try Expression.whole(String(text[..<equals.lowerBound])) {
        case .name(let name): return .assign(name: name, value)
        case .property(let owner, let property): return .assignProperty(owner, property: property, value)
        default: throw Lexer.Malformed(line: text)
        }
    }

    private static func assigned(_ text: String) throws -> Expression {
        if let rest = text.after("context variable with default ") { return .contextVariable(defaultValue: Int(rest)!) }
        if text == "copy of current context" { return .contextCopy }
        if text == "current context (shared)" { return .contextShared }
        if text.hasPrefix("fn(") { return .function(try closure(text)) }
        return try .whole(text)
    }
}

extension Expression {
    fileprivate static func whole(_ text: String) throws -> Expression { try ExpressionParser.whole(text) }
}

extension String {
    fileprivate func after(_ beginning: String) -> String? {
        hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
    }

    /// What stands before and after the first colon outside parentheses and texts.
    fileprivate func splitAtColon() throws -> (String, String) {
        var depth = 0
        var isText = false
        for index in indices {
            switch self[index] {
            case "\"": isText.toggle()
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case ":" where depth == 0 && !isText:
                return (String(self[..<index]), String(self[self.index(after: index)...].drop { $0 == " " }))
            default: break
            }
        }
        throw Lexer.Malformed(line: self)
    }

    fileprivate func range(of text: String) -> Range<Index>? {
        var isText = false
        for index in indices {
            if self[index] == "\"" { isText.toggle() }
            if !isText, self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
        }
        return nil
    }
}
