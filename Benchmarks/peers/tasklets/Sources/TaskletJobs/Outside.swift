import Hub
import Tasklets

/// An async function that does not suspend.
func awaitValue(count: Int, size: Int) throws -> Reading {
    var sum = 0
    let time = try ContinuousClock().measure {
        for _ in 0..<count { sum += try Tasklet.await { await one() } }
    }
    try check(sum, is: count)
    return Reading(time, operations: count)
}

/// An async function that goes to an actor of the global pool and comes back.
func awaitHop(count: Int, size: Int) throws -> Reading {
    let counter = Counter()
    var last = 0
    let time = try ContinuousClock().measure {
        for _ in 0..<count { last = try Tasklet.await { await counter.next() } }
    }
    try check(last, is: count)
    return Reading(time, operations: count)
}

/// A function on a native thread of the hub's.
func offloaded(count: Int, size: Int) throws -> Reading {
    var sum = 0
    let time = try ContinuousClock().measure {
        for _ in 0..<count { sum += try offload { 1 } }
    }
    try check(sum, is: count)
    return Reading(time, operations: count)
}

private func one() async -> Int { 1 }

private actor Counter {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
