/// Any candidate at each choice.
final class RandomSearch: SearchState {
    private var random: SplitMix
    private var left: Int

    init(seed: UInt64, runs: Int) {
        guard runs > 0 else { fatalError("A search without a run finds nothing: runs is 1 or more, not \(runs).") }
        random = SplitMix(seed: seed)
        left = runs
    }

    func pick(_ choice: Int, of count: Int, in runner: Runner) -> Int { random.number(below: count) }

    func advance(_ runner: Runner) -> Bool {
        left -= 1
        return left >= 0
    }
}
