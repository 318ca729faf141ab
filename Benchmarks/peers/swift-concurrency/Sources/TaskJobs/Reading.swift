/// What a job prints: nanoseconds for one operation, and where it is asked for, bytes for one task.
struct Reading: CustomStringConvertible {
    var nanoseconds: Double
    var bytes: Int?

    init(_ duration: Duration, operations: Int, bytes: Int? = nil) {
        nanoseconds = duration / .nanoseconds(1) / Double(operations)
        self.bytes = bytes
    }

    var description: String {
        if let bytes { "\(nanoseconds) \(bytes)" } else { "\(nanoseconds)" }
    }
}

struct WrongResult: Error {
    var found: Int
    var expected: Int
}

/// Every job proves that it has done its work.
func check(_ found: Int, is expected: Int) throws {
    guard found == expected else { throw WrongResult(found: found, expected: expected) }
}
