import Tasklets

/// Random priorities, which change at a few choices of each run (the search of Burckhardt and others, "A randomized scheduler
/// with probabilistic guarantees of finding bugs").
final class PrioritySearch: SearchState {
    private let depth: Int
    private var random: SplitMix
    private var left: Int
    /// By the tasklets' numbers; 0 is none yet. The timer of the next deadline has number 0, as no tasklet has.
    private var priorities: [UInt64] = []
    /// The choices at which the running one becomes the lowest, in order, and how low.
    private var changes: [Int] = []
    private var lowest: UInt64 = 0

    init(depth: Int, seed: UInt64, runs: Int) {
        guard depth > 0 else { fatalError("A failure has at least one step: the depth is 1 or more, not \(depth).") }
        guard runs > 0 else { fatalError("A search without a run finds nothing: runs is 1 or more, not \(runs).") }
        self.depth = depth
        random = SplitMix(seed: seed)
        left = runs
    }

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int {
        let first = highest(of: count, in: runner)
        guard let change = changes.first, change <= choice else { return first.candidate }
        changes.removeAll { $0 <= choice }
        priorities[first.number] = lowest
        lowest -= 1
        return highest(of: count, in: runner).candidate
    }

    private func highest(of count: Int, in runner: Runner) -> (candidate: Int, number: Int) {
        var found = (candidate: 0, number: 0)
        var best: UInt64 = 0
        var candidate = 0
        func look(at number: Int) {
            let priority = priority(of: number)
            if priority > best {
                best = priority
                found = (candidate, number)
            }
            candidate += 1
        }
        runner.forEachCandidate { look(at: $0) }
        if candidate < count { look(at: 0) }
        return found
    }

    private func priority(of number: Int) -> UInt64 {
        while priorities.count <= number { priorities.append(0) }
        // Above those that are set by a change.
        if priorities[number] == 0 { priorities[number] = random.next() | 1 << 63 }
        return priorities[number]
    }

    func advance(_ runner: Runner) -> Bool {
        left -= 1
        priorities.removeAll(keepingCapacity: true)
        // As long as the run before: as a rule this one is about as long.
        let length = max(runner.choices, 10)
        changes = (1..<depth).map { _ in random.number(below: length) }.sorted()
        lowest = UInt64(depth)
        return left >= 0
    }
}
