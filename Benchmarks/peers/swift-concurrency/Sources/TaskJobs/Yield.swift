@Sendable
func yield(count: Int, size: Int) async throws -> Reading {
    try await measureYield(count: count, size: size) {
        await Task.yield()
        return 0
    }
}

@Sendable
func deepYield(count: Int, size: Int) async throws -> Reading {
    try await measureYield(count: count, size: 2) { await yieldDeep(6) - 6 }
}

private func measureYield(count: Int, size: Int, _ yield: @escaping @Sendable () async -> Int) async throws -> Reading {
    let clock = ContinuousClock()
    let tasks = (0..<size).map { _ in
        Task {
            // Everybody has run once before the measurement starts.
            await Task.yield()
            let start = clock.now
            var done = 0
            for _ in 0..<count / size { done += await yield() + 1 }
            return (start: start, stop: clock.now, done: done)
        }
    }
    var first = clock.now + .seconds(3600)
    var last = clock.now
    var done = 0
    for task in tasks {
        let turn = await task.value
        first = min(first, turn.start)
        last = max(last, turn.stop)
        done += turn.done
    }
    try check(done, is: count)
    return Reading(last - first, operations: count)
}

@inline(never)
private func yieldDeep(_ depth: Int) async -> Int {
    if depth == 0 {
        await Task.yield()
        return 0
    }
    return await yieldDeep(depth - 1) + 1
}
