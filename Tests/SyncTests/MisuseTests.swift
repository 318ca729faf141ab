import Sync
import Tasklets
import TestSupport
import Testing

/// Programming errors trap with a message that says what to do.
struct MisuseTests {
    private static func expectTrap(
        _ text: String,
        _ result: ExitTest.Result?,
        _ place: SourceLocation = #_sourceLocation
    ) {
        let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(printed.contains(text), sourceLocation: place)
    }

    @Test func aLockTakenTwice() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let lock = Lock(name: "x")
                try lock.withLock { try lock.lock() }
            }
        }
        Self.expectTrap(
            "tasklet 'main' locks lock 'x', which it holds, and would wait for itself. "
                + "Unlock it first, or use a RecursiveLock.",
            result
        )
    }

    @Test func aLockOfAnotherTasklet() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let lock = Lock(name: "x")
                Tasklet(name: "holder") { try lock.lock() }
                try Tasklet.run()
                lock.unlock()
            }
        }
        Self.expectTrap(
            "tasklet 'main' unlocks lock 'x', but tasklet 'holder' (made at SyncTests/MisuseTests.swift:",
            result
        )
        Self.expectTrap(
            "holds it. Only the tasklet that has locked may unlock; a Semaphore may be released by another one.",
            result
        )
    }

    /// Another tasklet has the record of the one that had the lock, and is not taken for it.
    @Test func aLockOfATaskletThatHasEnded() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let lock = RecursiveLock(name: "x")
                Tasklet(name: "careless") { try lock.lock() }
                try Tasklet.run()
                Tasklet(name: "next") { lock.unlock() }
                try Tasklet.run()
            }
        }
        Self.expectTrap("tasklet 'next' (made at SyncTests/MisuseTests.swift:", result)
        Self.expectTrap(
            ") unlocks recursive lock 'x', but tasklet 'careless' (made at SyncTests/MisuseTests.swift:",
            result
        )
    }

    @Test func aLockThatNobodyHolds() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Lock(name: "x").unlock()
        }
        Self.expectTrap("tasklet 'main' unlocks lock 'x', but nobody holds it.", result)
    }

    @Test func aReadWriteLockTakenTwice() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let lock = ReadWriteLock(name: "table")
                try lock.withReadLock { try lock.lockForWriting() }
            }
        }
        Self.expectTrap(
            "tasklet 'main' locks read-write lock 'table', which it holds for reading, and would wait",
            result
        )
    }

    @Test func aReadWriteLockOfOthers() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let lock = ReadWriteLock(name: "table")
                for name in ["a", "b"] { Tasklet(name: name) { try lock.lockForReading() } }
                try Tasklet.run()
                lock.unlock()
            }
        }
        Self.expectTrap(
            "tasklet 'main' unlocks read-write lock 'table', which it does not hold, held by 'a', 'b' for reading.",
            result
        )
    }

    @Test func aConditionWithoutItsLock() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { try Condition(Lock(), name: "changed").wait() }
        }
        Self.expectTrap("A wait for condition 'changed' needs its lock: lock it before", result)
    }

    @Test func aSemaphoreReleasedTooOften() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let semaphore = Semaphore(1, limit: 2, name: "slots")
            semaphore.release()
            semaphore.release()
        }
        Self.expectTrap("semaphore 'slots' is released more often than acquired: its limit is 2.", result)
    }

    @Test func aSemaphoreThatCannotBe() async {
        let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Semaphore(-1)
        }
        Self.expectTrap("A semaphore cannot begin with -1 permits: give it 0 or more.", negative)
        let limited = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Semaphore(3, limit: 2)
        }
        Self.expectTrap("A semaphore of 3 permits cannot have the limit 2: give it 3 or more.", limited)
    }

    @Test func aBarrierForNobody() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Barrier(0) }
        Self.expectTrap("A barrier needs a count of 1 or more, not 0.", result)
    }

    @Test func aQueueWithoutRoom() async {
        let zero = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Queue<Int>(capacity: 0)
        }
        Self.expectTrap("A queue of capacity 0 keeps nothing: use a Channel", zero)
        let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Queue<Int>(capacity: -3)
        }
        Self.expectTrap("A queue cannot have the capacity -3: give it 1 or more, or nil for any number.", negative)
    }

    @Test func moreWorkDoneThanThereWas() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let queue = Queue<Int>(name: "jobs")
                try queue.send(1)
                queue.taskDone()
                queue.taskDone()
            }
        }
        Self.expectTrap(
            "taskDone() of queue 'jobs' is called more often than elements were sent: call it once for each.",
            result
        )
    }
}
