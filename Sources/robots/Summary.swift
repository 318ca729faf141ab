import RobotWorld

/// What the program says at the end.
struct Summary {
    let robots: Int
    let outcome: Outcome
    let seconds: Double
    let seed: UInt64?

    /// For people: one line each.
    var text: String {
        lines.map { name, value in "\(name):" + String(repeating: " ", count: 20 - name.count) + value }
            .joined(separator: "\n")
    }

    /// For programs: one object.
    var json: String {
        let members = lines.map { name, value in
            let key = name.map { $0 == " " ? "_" : String($0) }.joined()
            return "\"\(key)\": \(name == "digest" ? value.jsonQuoted : value)"
        }
        return "{\(members.joined(separator: ", "))}"
    }

    private var lines: [(name: String, value: String)] {
        var lines = [
            ("robots", "\(robots)"),
            ("steps", "\(outcome.steps)"),
            ("messages", "\(outcome.messages)"),
            ("collisions", "\(outcome.collisions)"),
            ("seconds", "\((seconds * 1_000_000).rounded() / 1_000_000)"),
            ("steps per second", perSecond(outcome.steps)),
            ("messages per second", perSecond(outcome.messages)),
            ("digest", "\(outcome.digest)"),
        ]
        if let seed { lines.append(("seed", "\(seed)")) }
        return lines
    }

    private func perSecond(_ count: Int) -> String {
        "\(Int64((Double(count) / max(seconds, 1e-9)).rounded()))"
    }
}
