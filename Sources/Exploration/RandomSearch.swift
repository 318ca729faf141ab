import Tasklets

/// A small generator of random numbers, the same everywhere (Steele, Lea and Flood's SplitMix).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below `count`. Not quite equally likely, by less than one in a thousand million.
    @inline(__always)
    mutating func number(below count: Int) -> Int {
        Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: count)) >> 32)
    }
}

/// Any candidate at each choice.
final class RandomSearch: SearchState {
    private var random: SplitMix
    private var left: Int

    init(seed: UInt64, runs: Int) {
        random = SplitMix(seed: seed)
        left = runs
    }

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int { random.number(below: count) }

    func advance(_ runner: Runner) -> Bool {
        left -= 1
        return left >= 0
    }
}

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
        runner.forEachCandidate { look(at: $0.number) }
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
