/// What the program says beside its output.
enum Notice {
    /// Writes one line to standard error, whatever names the message has in it. There is no one to tell when that fails.
    static func say(_ message: String) {
        let line = "robots: \(message.onOneLine.withVisibleBytes)\n"
        try? Descriptor.standardError.write(Array(line.utf8))
    }
}
