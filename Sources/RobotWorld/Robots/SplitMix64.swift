/// A small generator of random numbers: a counter, stirred. The same seed gives the same numbers everywhere.
///
///     var random = SplitMix64(seed: 7)
///     let die = random.whole(1...6)
public struct SplitMix64: RandomNumberGenerator, Sendable {
    /// The counter. A generator that begins with it gives the numbers that are still to come.
    public private(set) var state: UInt64

    /// Creates a generator that begins with `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// The next number, brought into a range.
    public mutating func whole(_ range: ClosedRange<Int>) -> Double {
        // Not Int.random(in:using:): how that draws may change with the standard library.
        Double(range.lowerBound + Int(next() % UInt64(range.count)))
    }
}
