/// A task's value, of one that does not suspend.
@Sendable
func awaitValue(count: Int, size: Int) async throws -> Reading {
    try await create(count: count, size: size)
}

/// From the main actor to an actor of the global pool and back.
@Sendable @MainActor
func awaitHop(count: Int, size: Int) async throws -> Reading {
    let counter = Counter()
    var last = 0
    let time = await ContinuousClock().measure {
        for _ in 0..<count { last = await counter.next() }
    }
    try check(last, is: count)
    return Reading(time, operations: count)
}

private actor Counter {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
