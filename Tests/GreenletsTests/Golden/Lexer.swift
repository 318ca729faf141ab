/// The words of a line.
struct Lexer {
    enum Token: Equatable {
        case word(String)
        case number(Int)
        case text(String)
        case sign(String)
    }

    struct Item {
        var token: Token
        /// Whether a blank stands before it: `f (x)` is no call.
        var isApart: Bool
    }

    struct Malformed: Error {
        var line: String
    }

    private static let signs = [
        "..<", "...", "==", "(", ")", "[", "]", ",", ":", ".", "+", "-", "*", "<", ">", "=", ";",
    ]

    static func items(of line: String) throws -> [Item] {
        var items: [Item] = []
        var rest = Substring(line)
        var isApart = true
        while let first = rest.first {
            if first == "#" { break }
            if first == " " {
                isApart = true
                rest.removeFirst()
                continue
            }
            let token: Token
            if first == "\"" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "\"") else { throw Malformed(line: line) }
                token = .text(String(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            } else if first.isNumber {
                let digits = rest.prefix(while: \.isNumber)
                token = .number(Int(digits)!)
                rest = rest.dropFirst(digits.count)
            } else if first.isLetter {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                token = .word(String(word))
                rest = rest.dropFirst(word.count)
            } else if let sign = signs.first(where: { rest.hasPrefix($0) }) {
                token = .sign(sign)
                rest = rest.dropFirst(sign.count)
            } else {
                throw Malformed(line: line)
            }
            items.append(Item(token: token, isApart: isApart))
            isApart = false
        }
        return items
    }
}
