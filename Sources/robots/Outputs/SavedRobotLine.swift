import Glibc
import RobotWorld

/// Reads a robot's line of a snapshot as ``SnapshotFile`` writes it, a hundred times as fast as any JSON: a world may have a
/// million of them.
///
/// Whatever differs from that form by a byte, or has a value that needs a closer look, is left to the reader of all JSON, which
/// knows what to say of it.
@safe
struct SavedRobotLine {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// - Parameter bytes: Valid as long as this is used.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe self.bytes = bytes
    }

    /// What the line says of a robot in a world in which all have joined; nil where it has another form.
    mutating func savedRobot() -> SavedRobot? {
        guard take("{\"id\": \""), let id = name(), take("\", \"behaviour\": \""), let behaviour = behaviour(),
            take("\", \"x\": "), let x = number(), take(", \"y\": "), let y = number(),
            take(", \"angle\": "), let angle = number(), take(", \"velocity\": "), let velocity = number(),
            take(", \"own\": ["), let ownX = number(), take(", "), let ownY = number(), take(", "),
            let ownAngle = number(), take(", "), let ownVelocity = number(),
            take("], \"collisions\": "), let collisions = count(), take(", \"updates\": "), let updates = count(),
            take(", \"memory\": ["), let memory = memory(), take("}"), unsafe position == bytes.count
        else { return nil }
        let report = Outcome.RobotReport(
            id: id,
            location: Location(x: ownX, y: ownY),
            vector: Vector(angle: ownAngle, velocity: ownVelocity),
            collisions: collisions,
            updates: updates
        )
        let start = Scenario.Start(
            id: id,
            location: Location(x: x, y: y),
            vector: Vector(angle: angle, velocity: velocity),
            behaviour: behaviour
        )
        return SavedRobot(start: start, report: report, memory: memory)
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard unsafe bytes.count - position >= count,
            unsafe memcmp(bytes.baseAddress! + position, text.utf8Start, count) == 0
        else { return false }
        position += count
        return true
    }

    /// Of letters, digits and signs of ASCII, which need no closer look.
    private mutating func name() -> String? {
        let start = position
        while let byte, (0x21...0x7e).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            position += 1
        }
        guard position > start else { return nil }
        return unsafe String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func behaviour() -> Robot.Type? {
        let rest = unsafe bytes[position...]
        for (name, type) in Robot.behaviours where unsafe rest.starts(with: name.utf8) {
            let end = position + name.utf8.count
            guard unsafe end < bytes.count, unsafe bytes[end] == UInt8(ascii: "\"") else { continue }
            position = end
            return type
        }
        return nil
    }

    /// A finite number in the form that Swift has for it, with a point.
    private mutating func number() -> Double? {
        let start = position
        let isNegative = take("-")
        guard let whole = digits(), take(".") else { return nil }
        let fractionStart = position
        var significand: UInt64? = whole
        while let digit {
            significand = significand.flatMap { $0 < SavedRobotLine.largestExact / 10 ? $0 * 10 + digit : nil }
            position += 1
        }
        let places = position - fractionStart
        guard places > 0 else { return nil }
        // Both are exact, so the quotient is rounded once, as it has to be.
        if let significand, byte != UInt8(ascii: "e"), places < SavedRobotLine.powers.count {
            let value = Double(significand) / SavedRobotLine.powers[places]
            return isNegative ? -value : value
        }
        if take("e") {
            _ = take("-") || take("+")
            let exponentStart = position
            while digit != nil { position += 1 }
            guard position > exponentStart else { return nil }
        }
        let text = unsafe String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    private mutating func count() -> Int? {
        digits().map { Int($0) }
    }

    private mutating func memory() -> [UInt64]? {
        if take("]") { return [] }
        var words: [UInt64] = []
        repeat {
            let start = position
            while digit != nil { position += 1 }
            let text = unsafe String(decoding: bytes[start..<position], as: UTF8.self)
            guard let word = UInt64(text), hasNoNeedlessZero(from: start) else { return nil }
            words.append(word)
        } while take(", ")
        return take("]") ? words : nil
    }

    /// A whole number that a double has exactly.
    private mutating func digits() -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while let digit {
            guard value < SavedRobotLine.largestExact / 10 else { return nil }
            value = value * 10 + digit
            position += 1
        }
        return position > start && hasNoNeedlessZero(from: start) ? value : nil
    }

    private func hasNoNeedlessZero(from start: Int) -> Bool {
        unsafe position == start + 1 || bytes[start] != UInt8(ascii: "0")
    }

    private var byte: UInt8? { unsafe position < bytes.count ? bytes[position] : nil }

    private var digit: UInt64? {
        guard let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        return UInt64(byte - UInt8(ascii: "0"))
    }

    /// Those of ten that a double has exactly.
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// Whole numbers up to it are doubles.
    private static let largestExact: UInt64 = 1 << 53
}
