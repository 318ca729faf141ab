import CTasklets
import Hub
import Tasklets
import TestSupport
import Testing

/// The number of the calling thread. Not pthread_self: the compiler takes that for the same after a suspension.
private func threadNumber() -> Int32 { thread_number() }

private struct Failure: Error, Equatable {}

/// Has no executor of its own, so it follows the task's.
private actor Counter {
    private(set) var count = 0
    private(set) var threads: Set<Int32> = []

    func add() -> Int {
        threads.insert(threadNumber())
        count += 1
        return count
    }
}

private final class NotSendable {
    var value: Int

    init(_ value: Int) {
        self.value = value
    }
}

@concurrent private func somewhere() async -> Int32 { threadNumber() }

@Suite(.hangAlarm) struct AsyncAwaitTests {
    @Test func whatDoesNotSuspendIsDoneAtOnce() async throws {
        try await inScopeOfOwnThread {
            var log: [String] = []
            Tasklet { log.append("another") }
            let here = threadNumber()
            let there = try Tasklet.await { threadNumber() }
            #expect(there == here)
            log.append("awaited")
            try Tasklet.run()
            #expect(log == ["awaited", "another"])
        }
    }

    /// Nonisolated functions and actors stay on the thread, whether the function suspends or not.
    @Test func theFunctionStaysOnTheThread() async throws {
        try await inScopeOfOwnThread {
            let here = threadNumber()
            let counter = Counter()
            let threads = try Tasklet.await {
                var threads = [threadNumber()]
                threads.append(await somewhere())
                await Task.yield()
                threads.append(threadNumber())
                _ = await counter.add()
                threads.append(threadNumber())
                try await Task.sleep(for: .milliseconds(1))
                threads.append(threadNumber())
                threads += await counter.threads
                async let child = somewhere()
                threads.append(await child)
                await withTaskGroup(of: Int32.self) { group in
                    for _ in 0..<3 { group.addTask { await somewhere() } }
                    for await thread in group { threads.append(thread) }
                }
                return threads
            }
            #expect(threads.allSatisfy { $0 == here })
            #expect(threads.count == 10)
        }
    }

    @Test func itLeavesForWhereItIsSentAndComesBack() async throws {
        try await inScopeOfOwnThread {
            let here = threadNumber()
            let (away, back) = try Tasklet.await {
                let away = await Task.detached { threadNumber() }.value
                return (away, threadNumber())
            }
            #expect(away != here)
            #expect(back == here)
        }
    }

    @Test func othersRunMeanwhile() async throws {
        try await inScopeOfOwnThread {
            var log: [String] = []
            let isEnough = Promise<Void>()
            let awaited = Tasklet.spawn {
                try Tasklet.await { try await isEnough.value() }
                log.append("awaited")
            }
            Tasklet {
                for turn in 1...3 {
                    log.append("turn \(turn)")
                    try Tasklet.schedule()
                }
                isEnough.fulfill(())
            }
            try awaited.value()
            #expect(log == ["turn 1", "turn 2", "turn 3", "awaited"])
        }
    }

    @Test func errorsComeThrough() async throws {
        try await inScopeOfOwnThread {
            #expect(throws: Failure.self) { try Tasklet.await { throw Failure() } }
            #expect(throws: Failure.self) {
                try Tasklet.await {
                    await Task.yield()
                    throw Failure()
                }
            }
            #expect(throws: Failure.self) {
                try Tasklet.await { try await Task.detached { throw Failure() }.value }
            }
        }
    }

    @Test func whatIsNotSendableGoesInAndComesOut() async throws {
        try await inScopeOfOwnThread {
            let object = NotSendable(1)
            let same = try Tasklet.await {
                await Task.yield()
                object.value += 1
                return object
            }
            #expect(same.value == 2)
        }
    }

    @Test func manyAwaitsInManyTasklets() async throws {
        try await inScopeOfOwnThread {
            let counter = Counter()
            var sum = 0
            for number in 0..<100 {
                Tasklet(name: "awaiter \(number)") {
                    for turn in 0..<100 {
                        sum += try Tasklet.await {
                            if turn % 3 == 0 { await Task.yield() }
                            if turn % 25 == 0 { _ = await Task.detached { await counter.add() }.value }
                            return turn
                        }
                    }
                }
            }
            try Tasklet.run()
            #expect(sum == 100 * 4950)
            let count = try Tasklet.await { await counter.count }
            #expect(count == 400)
        }
    }

    @Test func aLoopOfAwaitsThatNeedNotWaitStarvesNobody() async throws {
        try await inScopeOfOwnThread {
            var turns = 0
            Tasklet {
                while true {
                    turns += 1
                    try Tasklet.schedule()
                }
            }
            for _ in 0..<1000 { try Tasklet.await {} }
            #expect(turns > 0)
        }
    }

    @Test func severalThreadsAwaitAtOnce() async throws {
        let counter = Counter()
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    try await inScopeOfOwnThread {
                        let here = threadNumber()
                        for _ in 0..<10 {
                            Tasklet {
                                for _ in 0..<20 {
                                    let there = try Tasklet.await {
                                        _ = await counter.add()
                                        await Task.yield()
                                        return threadNumber()
                                    }
                                    #expect(there == here)
                                }
                            }
                        }
                        try Tasklet.run()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await counter.count == 800)
    }

    // MARK: What is refused

    @Test func insideTheFunctionNothingSwitches() async throws {
        try await inScopeOfOwnThread {
            Tasklet { while true { try Tasklet.schedule() } }
            let errors = try Tasklet.await {
                var errors: [(any Error)?] = []
                func record(_ body: () throws -> Void) {
                    do {
                        try body()
                        errors.append(nil)
                    } catch { errors.append(error) }
                }
                for _ in 0..<2 {
                    synchronouslyTryToSwitch(record)
                    await Task.yield()
                }
                return errors
            }
            #expect(errors.count == 10)
            #expect(errors.allSatisfy { $0 as? TaskletError == .switchTrap }, "\(errors)")
        }
    }

    /// Even where the caller is alone, so that waiting would be a deadlock.
    @Test func insideTheFunctionNothingSwitchesAlone() async throws {
        try await inScopeOfOwnThread {
            let error = try Tasklet.await {
                do {
                    try synchronouslyWait()
                    return nil as (any Error)?
                } catch {
                    return error
                }
            }
            #expect(error as? TaskletError == .switchTrap)
        }
    }

    @Test func aScopeInsideTheFunctionIsFine() async throws {
        try await inScopeOfOwnThread {
            let sum = try Tasklet.await {
                await Task.yield()
                let sum = try Scheduler.scope {
                    let numbers = (1...3).map { number in
                        Tasklet.spawn {
                            try Tasklet.await {
                                await Task.yield()
                                return number
                            }
                        }
                    }
                    return try numbers.reduce(0) { try $0 + $1.value() }
                }
                await Task.yield()
                return sum
            }
            #expect(sum == 6)
        }
    }

    @Test func trapsRefuseAnAwait() async throws {
        try await inScopeOfOwnThread {
            var hasBegun = false
            Tasklet.current.blockTrap = true
            #expect(throws: TaskletError.blockTrap) { try Tasklet.await {} }
            Tasklet.current.blockTrap = false
            let tasklet = Tasklet {
                nonisolated(unsafe) let begin = { hasBegun = true }
                try Tasklet.await { begin() }
            }
            tasklet.cancel()
            try Tasklet.run()
            #expect(!hasBegun)
            #expect(!tasklet.isAlive)
        }
    }

    // MARK: Reports

    @Test func reportsNameTheCall() async throws {
        try await inScopeOfOwnThread {
            let tasklet = Tasklet(name: "reader") {
                try Tasklet.await { try await Task.sleep(for: .seconds(3600)) }
            }
            let line = #line - 2
            try Tasklet.schedule()
            let dump = Scheduler.current.dump()
            #expect(dump.contains("waits in await of an async function, called at \(#fileID):\(line) for "), "\(dump)")
            try tasklet.kill()
        }
    }

    // MARK: Tasks beside

    @Test func aTaskBesideStaysOnTheScheduler() async throws {
        try await inScopeOfOwnThread {
            let here = threadNumber()
            let inside = try Tasklet.await {
                await Task.yield()
                let promise = Hub.task(name: "beside") { await somewhere() }
                return try await promise.value()
            }
            #expect(inside == here)
            let outside = try Hub.task { await somewhere() }.value()
            #expect(outside == here)
        }
    }

    @Test func theErrorOfATaskBesideIsNotLost() async throws {
        await #expect(throws: Failure.self) {
            try await inScopeOfOwnThread {
                Hub.task {
                    await Task.yield()
                    throw Failure()
                }
                try Tasklet.run()
            }
        }
    }
}

/// What would switch, each once.
private func synchronouslyTryToSwitch(_ record: (() throws -> Void) -> Void) {
    record { try Tasklet.schedule() }
    record { try Tasklet.sleep(for: .milliseconds(1)) }
    record { _ = try Promise<Int>().value() }
    record { try Tasklet.await { await Task.yield() } }
    record { try Tasklet.run() }
}

private func synchronouslyWait() throws { _ = try Promise<Int>().value() }
