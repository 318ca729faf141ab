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
