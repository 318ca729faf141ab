/// Random numbers from a seed: a counter, stirred. Everything that a test decides by chance comes from its dice, so that a
/// seed says what happens; in which order threads meet is up to the machine.
package final class Dice: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Dice for somebody else.
    package func split() -> Dice { Dice(seed: next()) }

    package func roll(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// True once in `times`.
    package func isOnce(in times: Int) -> Bool { roll(1...times) == 1 }

    package func pick<Element>(_ elements: [Element]) -> Element { elements[roll(0...elements.count - 1)] }
}
