extension Terminal {
    /// A key, or several at once, as a terminal tells them.
    public indirect enum Key: Hashable, Sendable {
        case character(Character)
        case enter, tab, backspace, escape, insert, delete
        case up, down, left, right, home, end, pageUp, pageDown
        /// F1 to F12.
        case function(Int)
        /// With other keys held down: Ctrl-X is `.with(.control, .character("x"))`. Shift with a character is that character only.
        case with(Modifiers, Key)
        /// What the terminal sent for something else.
        case other([UInt8])

        /// Keys that are held down.
        public struct Modifiers: OptionSet, Hashable, Sendable {
            public let rawValue: Int

            public init(rawValue: Int) {
                self.rawValue = rawValue
            }

            public static let shift = Modifiers(rawValue: 1)
            public static let alt = Modifiers(rawValue: 2)
            public static let control = Modifiers(rawValue: 4)
        }

        /// Ctrl with a letter.
        public static func control(_ character: Character) -> Key { .with(.control, .character(character)) }

        /// Alt with a character.
        public static func alt(_ character: Character) -> Key { .with(.alt, .character(character)) }
    }
}
