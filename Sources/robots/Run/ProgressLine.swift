/// One line on the terminal that is drawn again and again.
struct ProgressLine {
    /// How many characters the terminal shows of it at present.
    private var shown = 0

    /// Nil when standard error is not a terminal.
    init?() {
        guard Descriptor.standardError.isTerminal else { return nil }
    }

    /// Leaves the terminal as it was.
    mutating func clear() {
        guard shown > 0 else { return }
        draw([])
        write("\r")
    }

    /// A duration as `1:02:03`, `2:03` or `3 s`.
    static func text(seconds: Double) -> String {
        // It may be infinite, which no integer is.
        let seconds = Int(min(seconds.rounded(.up), 1e12))
        func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60):\(twoDigits(seconds % 60))" }
        return "\(seconds / 3600):\(twoDigits(seconds / 60 % 60)):\(twoDigits(seconds % 60))"
    }

    /// Draws over the former line, with as many of the fields as there is room for.
    mutating func draw(_ fields: [String]) {
        // A character in the last column would make some terminals begin a new line.
        let room = max(Descriptor.standardError.terminalWidth - 1, 0)
        var count = fields.count
        func line() -> String { fields[..<count].joined(separator: ", ") }
        while count > 1 && line().utf8.count > room { count -= 1 }
        let text = line().prefix(room)
        // Blanks in place of an escape sequence, which not every terminal knows.
        write("\r\(text)" + String(repeating: " ", count: max(0, min(shown, room) - text.count)))
        shown = text.count
    }

    private func write(_ text: String) {
        // Nothing is lost when it cannot be written.
        try? Descriptor.standardError.write(Array(text.utf8))
    }
}
