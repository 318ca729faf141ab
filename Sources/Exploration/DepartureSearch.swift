/// The schedules with no departure, then all with one, and so on.
///
/// Nothing is kept of a schedule but how many candidates its choices had, and only of those on the way to the present one:
///
///     bound 2     root (no departure) ── i3 1:1 ── i3 1:1 2:1     run: new
///                        │                 └────── i3 1:1 2:2     run: new
///                        └────────────── i3 1:2 ── …
///
/// The inner ones are run again for each bound, which costs a few per cent of the runs, as each bound has many times more. Of
/// those with more than a few departures the order is not worth that: they are run in one go.
final class DepartureSearch: SearchState {
    private struct Node {
        /// How many candidates the choices of this schedule have.
        let counts: [Int]
        /// The alternative that is tried now.
        var choice: Int
        var candidate = 0

        init(_ runner: Runner, from choice: Int) {
            counts = (0..<runner.choices).map(runner.count(at:))
            self.choice = choice
        }

        /// Turns to the next alternative.
        mutating func advance() -> Bool {
            candidate += 1
            while choice < counts.count {
                if candidate < counts[choice] { return true }
                choice += 1
                candidate = 1
            }
            return false
        }
    }

    /// Up to which bound one comes after the other.
    private static let lastInOrder = 4

    var seesAll: Bool { limit == .max }

    private let limit: Int
    /// How many departures the schedules have that are new now.
    private var bound = 0
    private var hasFoundAny = false
    private var root: Node?
    /// From the root to the parent of what runs.
    private var path: [Node] = []
    private var isFirst = true

    init(upTo limit: Int?) {
        if let limit, limit < 0 {
            fatalError("A schedule has no fewer than 0 departures: upTo is 0 or more, not \(limit).")
        }
        self.limit = limit ?? .max
    }

    /// Whether the schedules with more departures come in the same go.
    private var isLast: Bool { limit == .max && bound > Self.lastInOrder }

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int {
        for node in path where node.choice == choice { return min(node.candidate, count - 1) }
        return 0
    }

    func advance(_ runner: Runner) -> Bool {
        if isFirst {
            isFirst = false
            return true
        }
        if root == nil {
            root = Node(runner, from: 0)
        } else if path.count < bound || isLast {
            // An inner one: its children are next.
            path.append(Node(runner, from: path.last!.choice + 1))
            if turn() { return true }
            return startNextBound()
        }
        return turn() || startNextBound()
    }

    /// Turns to the next alternative of the innermost node that has one.
    private func turn() -> Bool {
        while !path.isEmpty {
            if path[path.count - 1].advance() {
                if path.count >= bound { hasFoundAny = true }
                return true
            }
            path.removeLast()
        }
        return false
    }

    private func startNextBound() -> Bool {
        if bound > 0, !hasFoundAny || isLast { return false }
        if bound >= limit { return false }
        bound += 1
        hasFoundAny = false
        path = [root!]
        return turn() || startNextBound()
    }

    func judge(_ runner: Runner) -> Verdict {
        guard let parent = path.last else { return .counts }
        for choice in 0...parent.choice {
            guard choice < runner.choices else { return .differs("it ended before choice \(choice).") }
            if runner.count(at: choice) != parent.counts[choice] {
                return .differs(
                    "at choice \(choice) there were \(parent.counts[choice]) candidates, and now \(runner.count(at: choice))."
                )
            }
        }
        return path.count < bound ? .isKnown : .counts
    }
}
