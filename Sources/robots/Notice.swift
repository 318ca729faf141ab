/// What the program says beside its output.
enum Notice {
    /// Writes a line to standard error. There is no one to tell when that fails.
    static func say(_ message: String) {
        let line = "robots: \(message.onOneLine.withVisibleBytes)\n"
        try? Descriptor.standardError.write(Array(line.utf8))
    }
}
