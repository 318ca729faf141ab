/// A sequence whose elements are made when they are asked for, which is what an `AsyncStream` has for generators.
@Sendable
func generator(count: Int, size: Int) async throws -> Reading {
    nonisolated(unsafe) var next = 0
    let numbers = AsyncStream<Int> {
        guard next < count else { return nil }
        defer { next += 1 }
        return next
    }
    var sum = 0
    let time = await ContinuousClock().measure {
        for await number in numbers { sum += number }
    }
    try check(sum, is: count * (count - 1) / 2)
    return Reading(time, operations: count)
}
