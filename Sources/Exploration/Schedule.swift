/// One order in which the tasklets of a program run, as its departures from the order that is contract.
///
/// `i17 4:1` reads: with interruptions, 17 choices; at choice 4 candidate 1 runs. Candidate 0 is the one that the default
/// order names, the others follow as they are queued. Without departures it is the program as it is.
///
/// The letters in front: `i` for ``Points/operations``, `s` for ``Points/switches``, and `t` behind that for
/// ``TimeModel/anytime``.
public struct Schedule: Hashable, Sendable {
    /// A choice at which another tasklet runs than the default order says.
    public struct Departure: Hashable, Sendable {
        /// Which choice of the run, from 0.
        public let choice: Int
        /// Which of the tasklets that could run then; never 0.
        public let candidate: Int
    }

    public let points: Points
    public let time: TimeModel
    /// How many choices the run has: by this a program that has changed is noticed. `nil` in a line without the number, as one
    /// that was changed by hand.
    public let choices: Int?
    /// In order.
    public let departures: [Departure]

    init(points: Points, time: TimeModel, choices: Int?, departures: [Departure]) {
        self.points = points
        self.time = time
        self.choices = choices
        self.departures = departures
    }

    init(of runner: Runner) {
        self.init(points: runner.points, time: runner.time, choices: runner.choices, departures: runner.departures)
    }
}

extension Schedule: LosslessStringConvertible {
    public var description: String {
        let head = Self.letters(points, time) + (choices.map { "\($0)" } ?? "")
        return ([head] + departures.map { "\($0.choice):\($0.candidate)" }).joined(separator: " ")
    }

    /// Digits and nothing else.
    private static func number(_ text: Substring) -> Int? {
        text.allSatisfy { ("0"..."9").contains($0) } ? Int(text) : nil
    }

    /// In front of the line.
    static func letters(_ points: Points, _ time: TimeModel) -> String {
        (points == .operations ? "i" : "s") + (time == .anytime ? "t" : "")
    }

    /// `nil` unless the text has the form that ``description`` gives.
    public init?(_ description: String) {
        var words = description.split(separator: " ")
        guard !words.isEmpty else { return nil }
        var head = words.removeFirst()
        switch head.popFirst() {
        case "i": points = .operations
        case "s": points = .switches
        default: return nil
        }
        time = head.first == "t" ? .anytime : .whenIdle
        if time == .anytime { head.removeFirst() }
        choices = Self.number(head)
        guard choices != nil || head.isEmpty else { return nil }
        var departures: [Departure] = []
        for word in words {
            let numbers = word.split(separator: ":", omittingEmptySubsequences: false).map(Self.number)
            guard numbers.count == 2, let choice = numbers[0], let candidate = numbers[1], candidate > 0,
                choice > departures.last?.choice ?? -1
            else { return nil }
            departures.append(Departure(choice: choice, candidate: candidate))
        }
        self.departures = departures
    }
}

extension Schedule: ExpressibleByStringLiteral {
    /// - Precondition: the literal has the form that ``description`` gives.
    public init(stringLiteral text: String) {
        guard let schedule = Schedule(text) else { fatalError("\(InvalidScheduleError(text: text))") }
        self = schedule
    }
}

extension Schedule: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let schedule = Schedule(text) else { throw InvalidScheduleError(text: text) }
        self = schedule
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A text that should be a ``Schedule`` and is none.
public struct InvalidScheduleError: Error, CustomStringConvertible {
    public let text: String

    public var description: String {
        """
        '\(text)' is no schedule. One looks like 'i17 4:1': i or s, the number of choices, then CHOICE:CANDIDATE for each \
        departure, choices ascending and candidates from 1.
        """
    }
}
