/// A text with `{…}` places that are replaced when a step is executed.
struct Template: Sendable {
    enum Part: Sendable {
        case text(String)
        case place(Place)
    }

    enum Place: Sendable {
        case me, it, err, i, current, runCount, ring
        case balance(String)
        case queue(String)
        case closing(String)
        case closed(String)
        case preference(String)
        case schedulesAll(String)
        case state(String)
        case isMain(String)
        case isCurrent(String)
        case blockTrap(String)
        case atomic(String)
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    private let source: String
    let parts: [Part]

    init(_ source: String) throws(Malformed) {
        self.source = source
        var parts: [Part] = []
        var rest = source[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw Malformed(description: "'\(source)' has a { without a }")
            }
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            parts.append(.place(try Self.place(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    private static func place(_ source: Substring) throws(Malformed) -> Place {
        let words = source.split(separator: ":", maxSplits: 1).map(String.init)
        let name = words.count == 2 ? words[1] : nil
        switch (words.first, name) {
        case ("me", nil): return .me
        case ("it", nil): return .it
        case ("err", nil): return .err
        case ("i", nil): return .i
        case ("current", nil): return .current
        case ("runcount", nil): return .runCount
        case ("ring", nil): return .ring
        case ("balance", let name?): return .balance(name)
        case ("queue", let name?): return .queue(name)
        case ("closing", let name?): return .closing(name)
        case ("closed", let name?): return .closed(name)
        case ("preference", let name?): return .preference(name)
        case ("schedule_all", let name?): return .schedulesAll(name)
        case ("state", let name?): return .state(name)
        case ("is_main", let name?): return .isMain(name)
        case ("is_current", let name?): return .isCurrent(name)
        case ("block_trap", let name?): return .blockTrap(name)
        case ("atomic", let name?): return .atomic(name)
        default: throw Malformed(description: "{\(source)} is no known place of a text")
        }
    }
}

extension Template: CustomStringConvertible {
    var description: String { "'\(source)'" }
}
