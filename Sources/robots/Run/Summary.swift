import RobotWorld

/// What the program says at the end.
struct Summary {
    let outcome: Outcome
    /// How many of the steps and messages were not made by this run but by the one that it resumed.
    let before: (steps: Int, messages: Int)
    let seconds: Double
    let seed: UInt64?

    /// Writes a summary, or something else that the user has asked for, to standard output.
    ///
    /// - Parameter onErrors: to standard error instead, since an output of the run goes to standard output: whoever reads
    ///   that gets it alone.
    static func print(_ text: String, named name: String = "the summary", onErrors: Bool = false) throws(Failure) {
        do {
            try (onErrors ? Descriptor.standardError : .standardOutput).write(Array("\(text)\n".utf8))
        } catch {
            let reason = "\(error); \(error.remedyForOutput)"
            throw Failure.noOutput("\(name) cannot be written to standard \(onErrors ? "error" : "output"): \(reason)")
        }
    }

    /// For people: one line each.
    var text: String {
        lines.map { name, value in "\(name):" + String(repeating: " ", count: 20 - name.count) + value }
            .joined(separator: "\n")
    }

    /// For people: all in one line.
    private var line: String { lines.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

    /// For programs: one object.
    var json: String { "{\(members)}" }

    /// One line for one of many runs, with its name before it.
    func text(ofRun name: String, asJSON: Bool) -> String {
        asJSON ? "{\"scenario\": \(name.jsonQuoted), \(members)}" : "\(name.onOneLine): \(line)"
    }

    private var members: String {
        lines.map { name, value in
            let key = name.map { $0 == " " ? "_" : String($0) }.joined()
            return "\"\(key)\": \(name == "digest" ? value.jsonQuoted : value)"
        }.joined(separator: ", ")
    }

    private var lines: [(name: String, value: String)] {
        var lines = [
            ("robots", "\(outcome.robotCount)"),
            ("steps", "\(outcome.steps)"),
            ("messages", "\(outcome.messages)"),
            ("collisions", "\(outcome.collisions)"),
            ("seconds", "\((seconds * 1_000_000).rounded() / 1_000_000)"),
            ("steps per second", "\(Rate(of: outcome.steps - before.steps, in: seconds))"),
            ("messages per second", "\(Rate(of: outcome.messages - before.messages, in: seconds))"),
            ("digest", "\(outcome.digest)"),
        ]
        if let seed { lines.append(("seed", "\(seed)")) }
        return lines
    }
}
