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

    /// Adds eight bytes, the lowest first.
    public mutating func add(_ word: UInt64) {
        var rest = word
        for _ in 0..<8 {
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
