/// What a job prints: nanoseconds for one operation, and where it is asked for, bytes for one tasklet.
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

/// Runs from the first `start` to the last `stop`: all tasklets of a job call both.
final class Stopwatch {
    private let clock = ContinuousClock()
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?

    func start() { if first == nil { first = clock.now } }
    func stop() { last = clock.now }

    var time: Duration { last! - first! }
}

struct WrongResult: Error {
    var found: Int
    var expected: Int
}

/// Every job proves that it has done its work.
func check(_ found: Int, is expected: Int) throws {
    guard found == expected else { throw WrongResult(found: found, expected: expected) }
}
