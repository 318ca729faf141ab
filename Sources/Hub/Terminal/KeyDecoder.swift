/// What bytes of a terminal mean: those that xterm and its relatives send.
///
///     ESC [ A            up                  ESC [ 1 ; 5 A      Ctrl and up
///     ESC O P            F1                  ESC [ 3 ~          delete
///     ESC x              Alt and x           ESC                escape, when nothing follows for a while
struct KeyDecoder {
    private let bytes: [UInt8]
    /// Whether nothing follows for now: then what could be the beginning of more is a key as it is.
    private let isOver: Bool

    init(_ bytes: some Sequence<UInt8>, isOver: Bool) {
        self.bytes = [UInt8](bytes)
        self.isOver = isOver
    }

    /// The first key, and how many bytes it has. `nil` when there are no bytes, or more are to come.
    func first() -> (key: Terminal.Key, length: Int)? {
        guard let byte = bytes.first else { return nil }
        if byte != 27 { return plain(at: 0) }
        guard bytes.count > 1 else { return isOver ? (.escape, 1) : nil }
        switch bytes[1] {
        case UInt8(ascii: "["): return sequence()
        case UInt8(ascii: "O"): return functionKey()
        case 27: return (.escape, 1)
        default: return plain(at: 1).map { (.with(.alt, $0.key), $0.length + 1) }
        }
    }

    private func plain(at place: Int) -> (key: Terminal.Key, length: Int)? {
        switch bytes[place] {
        case 13, 10: return (bytes[place] == 13 ? .enter : .control("j"), 1)
        case 9: return (.tab, 1)
        case 127, 8: return (bytes[place] == 127 ? .backspace : .control("h"), 1)
        case 0: return (.control(" "), 1)
        case 1...26: return (.control(Character(Unicode.Scalar(bytes[place] + 96))), 1)
        case 28...31: return (.control(Character(Unicode.Scalar(bytes[place] + 64))), 1)
        case 32...126: return (.character(Character(Unicode.Scalar(bytes[place]))), 1)
        default: return character(at: place)
        }
    }

    /// A character of several bytes.
    private func character(at place: Int) -> (key: Terminal.Key, length: Int)? {
        let length =
            switch bytes[place] {
            case 0xc2...0xdf: 2
            case 0xe0...0xef: 3
            case 0xf0...0xf4: 4
            default: 1
            }
        if bytes.count < place + length, !isOver { return nil }
        let end = min(place + length, bytes.count)
        guard let text = String(validating: bytes[place..<end], as: UTF8.self), let character = text.first else {
            return (.other([bytes[place]]), 1)
        }
        return (.character(character), end - place)
    }

    /// After "ESC O".
    private func functionKey() -> (key: Terminal.Key, length: Int)? {
        guard bytes.count > 2 else { return isOver ? (.alt("O"), 2) : nil }
        switch bytes[2] {
        case UInt8(ascii: "P")...UInt8(ascii: "S"): return (.function(Int(bytes[2] - UInt8(ascii: "P")) + 1), 3)
        default: return (Self.named(bytes[2]) ?? .other([UInt8](bytes[..<3])), 3)
        }
    }

    /// After "ESC [": numbers, and a letter or "~".
    private func sequence() -> (key: Terminal.Key, length: Int)? {
        guard let last = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7e).contains($0) }) else {
            if bytes.count == 2 { return isOver ? (.alt("["), 2) : nil }
            // Longer than any that there is, or cut off.
            return isOver || bytes.count > 32 ? (.other(bytes), bytes.count) : nil
        }
        let all = [UInt8](bytes[...last])
        let numbers = String(decoding: bytes[2..<last], as: UTF8.self).split(
            separator: ";",
            omittingEmptySubsequences: false
        )
        .map { Int($0) }
        guard let key = key(ending: bytes[last], numbers.first ?? nil) else { return (.other(all), all.count) }
        // 1 and the bits of what is held down.
        let modifiers = numbers.count > 1 ? Terminal.Key.Modifiers(rawValue: ((numbers[1] ?? 1) &- 1) & 7) : []
        return (modifiers.isEmpty ? key : .with(modifiers, key), all.count)
    }

    private func key(ending last: UInt8, _ number: Int?) -> Terminal.Key? {
        switch last {
        case UInt8(ascii: "~"): number.flatMap { Self.numbered[$0] }
        case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(last - UInt8(ascii: "P")) + 1)
        default: Self.named(last)
        }
    }

    private static func named(_ letter: UInt8) -> Terminal.Key? {
        switch letter {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "Z"): .with(.shift, .tab)
        default: nil
        }
    }

    private static let numbered: [Int: Terminal.Key] = [
        1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
        11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5), 17: .function(6),
        18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10), 23: .function(11), 24: .function(12),
    ]
}
