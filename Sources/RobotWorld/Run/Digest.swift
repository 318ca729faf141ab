/// A 64-bit FNV-1a hash, by which two runs are compared: same digest, same run, bit for bit.
public struct Digest: Equatable, Sendable {
    /// The hash of everything added so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Creates the digest of nothing.
    public init() {}

    /// Creates a digest that goes on from the value of another one.
    public init(continuing value: UInt64) {
        self.value = value
    }

    /// Adds a byte.
    public mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    /// Those of the prime, for as many bytes of zero.
    private static let powers: InlineArray<9, UInt64> = [
        0x0000_0000_0000_0001,
        0x0000_0100_0000_01b3,
        0x0003_6600_0002_e329,
        0x08a9_7b00_04e7_feab,
        0x9ffa_ac08_5635_bc91,
        0x0cae_e32a_7d4f_6a63,
        0xdc96_6432_edf1_c639,
        0xc552_7b8a_51d3_d2db,
        0x1efa_c709_0aef_4a21,
    ]

    /// Adds eight bytes, the lowest first.
    public mutating func add(_ word: UInt64) {
        // A byte of zero only multiplies: those that come first, as many as whole numbers have, take one multiplication.
        let zeros = word.trailingZeroBitCount / 8
        value = value &* Self.powers[zeros]
        var rest = zeros < 8 ? word >> (zeros * 8) : 0
        for _ in zeros..<8 {
            add(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// Adds the bits of a double, the lowest byte first.
    public mutating func add(_ number: Double) {
        add(number.bitPattern)
    }
}

extension Digest: CustomStringConvertible {
    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
