extension Unicode.Scalar {
    /// True for what ends a line, moves the cursor, or turns the direction of the text around it, and is not seen itself.
    var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: true
        case 0x20..<0x7f: false
        default: properties.isBidiControl
        }
    }
}

extension String {
    /// True for a name that is seen, and that can stand in every file: XML has no place for code points that are no characters.
    var isVisibleName: Bool {
        unicodeScalars.contains { !$0.properties.isWhitespace && !$0.properties.isDefaultIgnorableCodePoint }
            && !unicodeScalars.contains { $0.isControl || $0.properties.isNoncharacterCodePoint }
    }

    /// With control characters, line breaks above all, as Swift writes them: names come from files, and lines stay lines.
    var onOneLine: String {
        unicodeScalars.contains(where: \.isControl)
            ? unicodeScalars.map { $0.isControl ? $0.escaped(asASCII: true) : String($0) }.joined() : self
    }
}
