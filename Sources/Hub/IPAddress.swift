/// An address of the Internet Protocol, version 4 or 6.
///
/// ```swift
/// let loopback = IPAddress("127.0.0.1")!
/// print(IPAddress("::1")!, loopback)  // ::1 127.0.0.1
/// ```
public struct IPAddress: Hashable, Sendable, LosslessStringConvertible {
    /// In numbers, so that an address takes no memory of its own; of version 4 only the last four bytes count.
    private let high: UInt64
    private let low: UInt64
    public let isVersion6: Bool
    /// Of a link-local address of version 6: the number of the interface that it belongs to; else 0.
    public let scope: UInt32

    /// - Precondition: there are 4 or 16 bytes.
    public init(bytes: [UInt8], scope: UInt32 = 0) {
        guard bytes.count == 4 || bytes.count == 16 else {
            fatalError("An IP address has 4 or 16 bytes, not \(bytes.count).")
        }
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        high = number(bytes.dropLast(8))
        low = number(bytes.suffix(8))
        isVersion6 = bytes.count == 16
        self.scope = scope
    }

    /// 4 or 16 bytes, the most significant first.
    public var bytes: [UInt8] {
        func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
        return isVersion6 ? bytes(high) + bytes(low) : bytes(low).suffix(4)
    }

    /// 127.0.0.1
    public static let loopback = IPAddress(bytes: [127, 0, 0, 1])
    /// 0.0.0.0: every address of this machine.
    public static let any = IPAddress(bytes: [0, 0, 0, 0])
    /// ::1
    public static let loopback6 = IPAddress(bytes: [UInt8](repeating: 0, count: 15) + [1])
    /// ::, every address of this machine, of both versions.
    public static let any6 = IPAddress(bytes: [UInt8](repeating: 0, count: 16))

    /// An address as it is written: "127.0.0.1", "2001:db8::7", "fe80::1%2". `nil` when it is none; names are none.
    public init?(_ description: String) {
        if description.contains(":") {
            guard let (bytes, scope) = Self.parse6(description[...]) else { return nil }
            self.init(bytes: bytes, scope: scope)
        } else {
            guard let bytes = Self.parse4(description[...]) else { return nil }
            self.init(bytes: bytes)
        }
    }

    private static func parse4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // "010" is 8 to some readers and 10 to others.
            guard part.allSatisfy({ $0.isASCII && $0.isNumber }), part == "0" || !part.hasPrefix("0"),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func parse6(_ text: Substring) -> ([UInt8], UInt32)? {
        let halves = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var scope: UInt32 = 0
        if halves.count == 2 {
            guard let number = UInt32(halves[1]) else { return nil }
            scope = number
        }
        let address = String(halves[0])
        guard let gap = address.firstRange(of: "::") else {
            guard let groups = groups(of: address, mayEndByVersion4: true), groups.count == 16 else { return nil }
            return (groups, scope)
        }
        let front = groups(of: String(address[..<gap.lowerBound]), mayEndByVersion4: false)
        let back = groups(of: String(address[gap.upperBound...]), mayEndByVersion4: true)
        guard let front, let back, front.count + back.count <= 14 else { return nil }
        return (front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back, scope)
    }

    /// The bytes of "2001:db8", or of "ffff:1.2.3.4".
    private static func groups(of text: String, mayEndByVersion4: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (number, part) in parts.enumerated() {
            if mayEndByVersion4, number == parts.count - 1, part.contains(".") {
                guard let last = parse4(part) else { return nil }
                return bytes + last
            }
            guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
            else {
                return nil
            }
            bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
        }
        return bytes
    }

    /// As it is usually written: the longest row of zeros of version 6 as "::" (RFC 5952).
    public var description: String {
        let bytes = self.bytes
        guard isVersion6 else { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let suffix = scope == 0 ? "" : "%\(scope)"
        if groups[..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff {
            return "::ffff:" + bytes[12...].map(String.init).joined(separator: ".") + suffix
        }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return text(0..<8) + suffix }
        return text(0..<best.lowerBound) + "::" + text(best.upperBound..<8) + suffix
    }
}
