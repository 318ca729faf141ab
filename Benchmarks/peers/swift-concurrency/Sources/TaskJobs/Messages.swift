import AsyncAlgorithms

/// The sum of the numbers below `count`.
private func sumBelow(_ count: Int) -> Int { count * (count - 1) / 2 }

@Sendable
func stream(count: Int, size: Int) async throws -> Reading {
    let numbers = AsyncChannel<Int>()
    var sum = 0
    let time = await ContinuousClock().measure {
        Task {
            for n in 0..<count { await numbers.send(n) }
            numbers.finish()
        }
        for await n in numbers { sum += n }
    }
    try check(sum, is: sumBelow(count))
    return Reading(time, operations: count)
}

@Sendable
func string(count: Int, size: Int) async throws -> Reading {
    let lines = AsyncChannel<String>()
    let line = String(repeating: "forty characters that lie on the heap...", count: 1)
    var sum = 0
    let time = await ContinuousClock().measure {
        Task {
            for _ in 0..<count { await lines.send(line) }
            lines.finish()
        }
        for await line in lines { sum += line.utf8.count }
    }
    try check(sum, is: 40 * count)
    return Reading(time, operations: count)
}

@Sendable
func pingPong(count: Int, size: Int) async throws -> Reading {
    let there = AsyncChannel<Int>()
    let back = AsyncChannel<Int>()
    var sum = 0
    let time = await ContinuousClock().measure {
        Task { for await n in there { await back.send(n + 1) } }
        var answers = back.makeAsyncIterator()
        for n in 0..<count / 2 {
            await there.send(n)
            sum += await answers.next()!
        }
        there.finish()
    }
    try check(sum, is: sumBelow(count / 2) + count / 2)
    return Reading(time, operations: count)
}

@Sendable
func ring(count: Int, size: Int) async throws -> Reading {
    let channels = (0..<size).map { _ in AsyncChannel<Int>() }
    let tasks = channels.indices.map { index in
        Task {
            var passed = 0
            for await left in channels[index] {
                if left == 0 {
                    for channel in channels { channel.finish() }
                    break
                }
                passed += 1
                await channels[(index + 1) % size].send(left - 1)
            }
            return passed
        }
    }
    var passed = 0
    let time = await ContinuousClock().measure {
        await channels[0].send(count)
        for task in tasks { passed += await task.value }
    }
    try check(passed, is: count)
    return Reading(time, operations: count)
}

@Sendable
func fanIn(count: Int, size: Int) async throws -> Reading {
    let numbers = AsyncChannel<Int>()
    var sum = 0
    let time = await ContinuousClock().measure {
        for _ in 0..<size {
            Task { for n in 0..<count / size { await numbers.send(n) } }
        }
        var received = numbers.makeAsyncIterator()
        for _ in 0..<count { sum += await received.next()! }
    }
    try check(sum, is: size * sumBelow(count / size))
    return Reading(time, operations: count)
}

@Sendable
func broadcast(count: Int, size: Int) async throws -> Reading {
    let channels = (0..<size).map { _ in AsyncChannel<Int>() }
    let rounds = count / size
    let tasks = channels.map { channel in
        Task {
            var sum = 0
            for await n in channel { sum += n }
            return sum
        }
    }
    // Behind all tasks in the queue: they wait by then.
    await Task.yield()
    // A message has been received when `send` returns.
    let time = await ContinuousClock().measure {
        for round in 1...rounds {
            for channel in channels { await channel.send(round) }
        }
    }
    var sum = 0
    for (channel, task) in zip(channels, tasks) {
        channel.finish()
        sum += await task.value
    }
    try check(sum, is: size * (sumBelow(rounds) + rounds))
    return Reading(time, operations: count)
}
