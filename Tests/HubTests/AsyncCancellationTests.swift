import Hub
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Waits until the task is cancelled, and says that it was.
private func untilCancelled(_ wasCancelled: Event) async throws {
    do {
        try await Task.sleep(for: .seconds(3600))
    } catch {
        await wasCancelled.set()
        throw error
    }
}

/// Set once, awaited by async functions and asked by tasklets.
private actor Event {
    private(set) var isSet = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func set() {
        isSet = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func wait() async {
        if isSet { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}

private final class Flag: Sendable {
    let isSet = Atomic(false)
}

@Suite(.hangAlarm) struct AsyncCancellationTests {
    @Test(arguments: ["kill", "cancel", "raise"])
    func endingTheTaskletCancelsTheTask(_ how: String) async throws {
        try await inScopeOfOwnThread {
            let wasCancelled = Event()
            var ending: (any Error)?
            let tasklet = Tasklet {
                do {
                    try Tasklet.await { try await untilCancelled(wasCancelled) }
                } catch {
                    ending = error
                }
            }
            try Tasklet.schedule()
            switch how {
            case "kill": try tasklet.kill()
            case "cancel": tasklet.cancel()
            default: try tasklet.raise(TaskletError.notBound)
            }
            try Tasklet.await { await wasCancelled.wait() }
            #expect(!tasklet.isAlive)
            switch how {
            case "kill": #expect(ending is TaskletExit)
            case "cancel": #expect(ending is CancellationError)
            default: #expect(ending as? TaskletError == .notBound)
            }
        }
    }

    @Test func aTimeLimitCancelsTheTask() async throws {
        try await inScopeOfOwnThread {
            let wasCancelled = Event()
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(5)) { try Tasklet.await { try await untilCancelled(wasCancelled) } }
            }
            try Tasklet.await { await wasCancelled.wait() }
        }
    }

    /// The tasklet leaves at once, and the task goes on by itself.
    @Test func aTaskThatDoesNotHeedCancellationHoldsUpNobody() async throws {
        try await inScopeOfOwnThread {
            let gate = Event()
            let end = Event()
            let tasklet = Tasklet {
                try Tasklet.await {
                    await gate.wait()
                    await end.set()
                }
            }
            try Tasklet.schedule()
            try tasklet.kill()
            #expect(!tasklet.isAlive)
            try Tasklet.await {
                await gate.set()
                await end.wait()
            }
        }
    }

    @Test func aShieldHoldsOffCancellation() async throws {
        try await inScopeOfOwnThread {
            var value = 0
            let tasklet = Tasklet {
                try withCancellationShield {
                    value = try Tasklet.await {
                        try await Task.sleep(for: .milliseconds(5))
                        return 1
                    }
                }
            }
            try Tasklet.schedule()
            tasklet.cancel()
            try Tasklet.run()
            #expect(value == 1)
        }
    }

    @Test func handlersOfACancellationDoNotSwitch() async throws {
        try await inScopeOfOwnThread {
            let refusal = Flag()
            Tasklet { while true { try Tasklet.schedule() } }
            let tasklet = Tasklet {
                try Tasklet.await {
                    try await withTaskCancellationHandler {
                        try await Task.sleep(for: .seconds(3600))
                    } onCancel: {
                        do { try Tasklet.schedule() } catch { refusal.isSet.store(true, ordering: .relaxed) }
                    }
                }
            }
            try Tasklet.schedule()
            try tasklet.kill()
            let wasRefused = refusal.isSet.load(ordering: .relaxed)
            #expect(wasRefused)
        }
    }

    /// What the scope leaves behind is cancelled and ends: on the thread as long as the scope is there, then elsewhere.
    @Test func theEndOfAScopeCancelsWhatIsAwaited() async throws {
        let wasCancelled = Event()
        let gate = Event()
        let end = Event()
        try await inScopeOfOwnThread {
            Tasklet { try Tasklet.await { try await untilCancelled(wasCancelled) } }
            Tasklet {
                try Tasklet.await {
                    await gate.wait()
                    await Task.yield()
                    await end.set()
                }
            }
            try Tasklet.schedule()
        }
        await wasCancelled.wait()
        await gate.set()
        await end.wait()
        #expect(await end.isSet)
    }

    /// One job follows the other, and each needs a tasklet that runs it.
    @Test func cleanupAtTheEndOfAScopeAwaits() async throws {
        let isSaved = Flag()
        try await inScopeOfOwnThread {
            // What runs the jobs is there before the end, and hears of it.
            try Tasklet.await { await Task.yield() }
            Tasklet {
                defer {
                    let result: Void? = try? Tasklet.await {
                        for _ in 0..<3 { await Task.yield() }
                    }
                    isSaved.isSet.store(result != nil, ordering: .relaxed)
                }
                _ = try Promise<Int>().value()
            }
            try Tasklet.schedule()
        }
        let wasSaved = isSaved.isSet.load(ordering: .relaxed)
        #expect(wasSaved)
    }

    /// The tasklet that was to run the jobs is killed before its turn.
    @Test func killingEverybodyLeavesNoTaskStuck() async throws {
        try await inScopeOfOwnThread {
            let end = Event()
            let tasklet = Tasklet {
                try Tasklet.await {
                    await Task.yield()
                    await end.set()
                }
            }
            try Tasklet.schedule()
            for other in Scheduler.current.tasklets where other != Tasklet.current { try other.kill() }
            #expect(!tasklet.isAlive)
            try Tasklet.await { await end.wait() }
        }
    }
}
