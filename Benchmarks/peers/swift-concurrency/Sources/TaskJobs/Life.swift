import AsyncAlgorithms
import Foundation
import Synchronization

@Sendable
func create(count: Int, size: Int) async throws -> Reading {
    var ended = 0
    let time = await ContinuousClock().measure {
        for _ in 0..<count { ended += await Task { 1 }.value }
    }
    try check(ended, is: count)
    return Reading(time, operations: count)
}

/// A task that waits is cancelled and awaited.
@Sendable
func kill(count: Int, size: Int) async throws -> Reading {
    let never = AsyncChannel<Int>()
    var cleaned = 0
    var time = Duration.zero
    for _ in 0..<count / size {
        let tasks = (0..<size).map { _ in
            Task {
                for await _ in never {}
                return 1
            }
        }
        // Behind all tasks in the queue: they wait by then.
        await Task.yield()
        time += await ContinuousClock().measure {
            for task in tasks {
                task.cancel()
                cleaned += await task.value
            }
        }
    }
    try check(cleaned, is: count)
    return Reading(time, operations: count)
}

/// Parking is waiting for a continuation, waking is resuming it.
@Sendable
func park(count: Int, size: Int) async throws -> Reading {
    let bed = Bed()
    let sleeper = Task {
        var woken = 0
        for _ in 0..<count {
            await withUnsafeContinuation { continuation in bed.sleeper.withLock { $0 = continuation } }
            woken += 1
        }
        return woken
    }
    var woken = 0
    let time = await ContinuousClock().measure {
        for _ in 0..<count {
            while true {
                if let sleeper = bed.sleeper.withLock({ $0.take() }) {
                    sleeper.resume()
                    break
                }
                await Task.yield()
            }
        }
        woken = await sleeper.value
    }
    try check(woken, is: count)
    return Reading(time, operations: count)
}

private final class Bed: Sendable {
    let sleeper = Mutex<UnsafeContinuation<Void, Never>?>(nil)
}

@Sendable
func parked(count: Int, size: Int) async throws -> Reading {
    let never = AsyncChannel<Int>()
    let before = try residentBytes()
    var bytes = 0
    var ended = 0
    let time = try await ContinuousClock().measure {
        let tasks = (0..<count).map { _ in
            Task {
                for await _ in never {}
                return 1
            }
        }
        // Behind all tasks in the queue: they wait by then.
        await Task.yield()
        bytes = try residentBytes() - before
        never.finish()
        for task in tasks { ended += await task.value }
    }
    try check(ended, is: count)
    return Reading(time, operations: count, bytes: bytes / count)
}

private func residentBytes() throws -> Int {
    let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return Int(words[1])! * sysconf(Int32(_SC_PAGESIZE))
}
