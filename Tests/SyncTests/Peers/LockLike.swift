import Channels
import Sync
import Tasklets
import Testing

/// Whatever lets one tasklet in at a time: the types made for it, and those that it may be made of.
struct LockLike {
    let acquire: () throws -> Void
    let tryAcquire: () throws -> Bool
    let release: () throws -> Void

    func callAsFunction(_ body: () throws -> Void) throws {
        try acquire()
        defer { #expect(throws: Never.self) { try release() } }
        try body()
    }

    /// One of each kind. Called inside the scope that uses it.
    static let kinds: [String: @Sendable () -> LockLike] = [
        "lock": {
            let lock = Lock()
            return LockLike(acquire: lock.lock, tryAcquire: lock.tryLock, release: lock.unlock)
        },
        "recursive lock": {
            let lock = RecursiveLock()
            return LockLike(acquire: lock.lock, tryAcquire: lock.tryLock, release: lock.unlock)
        },
        "semaphore": {
            let semaphore = Semaphore(1)
            return LockLike(
                acquire: semaphore.acquire,
                tryAcquire: semaphore.tryAcquire,
                release: { semaphore.release() }
            )
        },
        "semaphore with a limit": {
            let semaphore = Semaphore(1, limit: 1)
            return LockLike(
                acquire: semaphore.acquire,
                tryAcquire: semaphore.tryAcquire,
                release: { semaphore.release() }
            )
        },
        "select of a semaphore": {
            let semaphore = Semaphore(1)
            return LockLike(
                acquire: { try select { semaphore.onAcquire {} } },
                tryAcquire: {
                    try select {
                        semaphore.onAcquire { true }
                        otherwise { false }
                    }
                },
                release: { semaphore.release() }
            )
        },
        "room in a queue": {
            let queue = Queue<Int>(capacity: 1)
            return LockLike(
                acquire: { try queue.send(0) },
                tryAcquire: { queue.trySend(0) },
                release: { _ = try queue.tryReceive() }
            )
        },
        "the last room in a queue": {
            let queue = Queue<Int>(capacity: 10)
            for number in 1...9 { queue.trySend(number) }
            return LockLike(
                acquire: { try queue.send(0) },
                tryAcquire: { queue.trySend(0) },
                release: { _ = try queue.tryReceive() }
            )
        },
        "an element of a queue": {
            let queue = Queue<Int>()
            queue.trySend(0)
            return LockLike(
                acquire: { _ = try queue.receive() },
                tryAcquire: { try queue.tryReceive() != nil },
                release: { queue.trySend(0) }
            )
        },
        "a meeting at a channel": {
            let channel = Channel<Int>()
            var isTaken = false
            return LockLike(
                acquire: {
                    if isTaken { return try channel.send(0) }
                    isTaken = true
                },
                tryAcquire: {
                    defer { isTaken = true }
                    return !isTaken
                },
                // Meets the first that waits: it has the lock then.
                release: { if try channel.tryReceive() == nil { isTaken = false } }
            )
        },
    ]
}
