/// Random numbers from a seed: a counter, stirred. Everything a round decides comes from its dice, so that a seed says
/// what the threads do; in which order they meet is up to the machine.
final class Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Dice for somebody else.
    func split() -> Dice { Dice(seed: next()) }

    func roll(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// True once in `times`.
    func isOnce(in times: Int) -> Bool { roll(1...times) == 1 }

    func pick<Element>(_ elements: [Element]) -> Element { elements[roll(0...elements.count - 1)] }
}
