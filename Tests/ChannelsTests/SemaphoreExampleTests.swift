import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

// Safe because `permits` is touched between `enter` and `leave` or `wait` only.
extension Semaphore: @unchecked Sendable {}

/// What a type on `WaitLine` gets without writing it: it refuses, ends and reports waits as a channel does, and works
/// between threads.
struct SemaphoreExampleTests {
    private struct Interruption: Error {}

    /// Runs `body` in a tasklet of its own, up to its end or first wait.
    private static func start(_ body: @escaping () throws -> Void) throws -> Tasklet {
        let tasklet = Tasklet(name: "waiter", body)
        try Tasklet.schedule()
        return tasklet
    }

    @Test func theMapShowsThisSemaphore() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let code = try String(contentsOf: folder.appending(path: "Semaphore.swift"), encoding: .utf8)
        let map = try String(contentsOf: folder.appending(path: "../../CONTRIBUTING.md").standardized, encoding: .utf8)
        let start = try #require(code.range(of: "final class")).lowerBound
        #expect(map.contains("```swift\n" + code[start...] + "```\n"))
        // Counted without empty lines and closing braces.
        let lines = code[start...].split(separator: "\n").filter { $0.contains { $0 != "}" && $0 != " " } }
        #expect(lines.count <= 18)
    }

    @Test func permitsAreGivenInOrder() throws {
        try Scheduler.scope {
            let semaphore = Semaphore()
            var log: [Int] = []
            semaphore.release()
            for number in 1...3 {
                Tasklet {
                    try semaphore.acquire()
                    log.append(number)
                }
            }
            try Tasklet.run()
            #expect(log == [1])
            semaphore.release()
            semaphore.release()
            try Tasklet.run()
            #expect(log == [1, 2, 3])
            semaphore.release()
            try semaphore.acquire()
        }
    }

    // MARK: Select

    @Test func itMayBeAClause() throws {
        try Scheduler.scope {
            let (a, b) = (Semaphore(), Semaphore())
            func choose() throws -> String {
                try select {
                    a.onAcquire { "a" }
                    b.onAcquire { "b" }
                    otherwise { "none" }
                }
            }
            b.release()
            #expect(try choose() == "b")
            #expect(try choose() == "none")
            var log: [String] = []
            Tasklet {
                try select {
                    a.onAcquire { log.append("a") }
                    b.onAcquire { log.append("b") }
                    after(.seconds(3600)) { log.append("time") }
                }
            }
            Tasklet {
                try b.acquire()
                log.append("only b")
            }
            try Tasklet.schedule()
            a.release()
            b.release()
            try Tasklet.run()
            #expect(log == ["a", "only b"])
            #expect(try choose() == "none")
        }
    }

    @Test func noPermitIsUsedTwiceBySelects() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let semaphores = (0..<3).map { _ in Semaphore() }
            for semaphore in semaphores { semaphore.line.setPromised(true) }
            let rounds = 3_000
            let acquired = Atomic(0)
            withExtendedLifetime(acquired) {
                TestThread.run(count: 8) { thread in
                    // Half of the threads release, the others acquire as often.
                    if thread % 2 == 0 {
                        for round in 0..<rounds {
                            semaphores[(round + thread) % 3].release()
                            if round % 64 == 0 { sched_yield() }
                        }
                        return
                    }
                    for round in 0..<rounds {
                        let own = (0..<3).map { semaphores[($0 + thread + round) % 3] }
                        try! select { for semaphore in own { semaphore.onAcquire {} } }
                        acquired.add(1, ordering: .relaxed)
                    }
                }
                guard acquired.load(ordering: .relaxed) == 4 * rounds else { fatalError("permits are missing") }
            }
            let isLeft = try semaphores.contains { semaphore in
                try select {
                    semaphore.onAcquire { true }
                    otherwise { false }
                }
            }
            guard !isLeft else { fatalError("a permit is left") }
        }
    }

    // MARK: Refused

    @Test func aBlockTrapRefusesTheWaitOnly() throws {
        try Scheduler.scope {
            let semaphore = Semaphore()
            var errors: [TaskletError?] = []
            let tasklet = try Self.start {
                Tasklet.current.blockTrap = true
                do { try semaphore.acquire() } catch { errors.append(error as? TaskletError) }
                semaphore.release()
                try semaphore.acquire()
            }
            #expect(errors == [.blockTrap])
            #expect(!tasklet.isAlive)
            #expect(semaphore.line.first == nil)
        }
    }

    @Test func theSwitchTrapAndCallbacksRefuseIt() throws {
        try Scheduler.scope {
            let semaphore = Semaphore()
            Tasklet {}
            Scheduler.current.switchTrap(1)
            #expect(throws: TaskletError.switchTrap) { try semaphore.acquire() }
            Scheduler.current.switchTrap(-1)
            var errors: [TaskletError?] = []
            Scheduler.current.scheduleCallback = { _, _ in
                do { try semaphore.acquire() } catch { errors.append(error as? TaskletError) }
            }
            try Tasklet.schedule()
            Scheduler.current.scheduleCallback = nil
            #expect(errors == [.switchTrap, .switchTrap])
            #expect(semaphore.line.first == nil)
        }
    }

    @Test func aCancelledTaskletGetsNoPermit() throws {
        try Scheduler.scope {
            let semaphore = Semaphore()
            var errors: [any Error] = []
            let tasklet = try Self.start {
                for _ in 0..<3 {
                    do { try semaphore.acquire() } catch { errors.append(error) }
                }
            }
            tasklet.cancel()
            #expect(semaphore.line.first == nil)
            try Tasklet.run()
            #expect(errors.count == 3)
            #expect(errors.allSatisfy { $0 is CancellationError })
            // The permit goes to the one who comes, not to the one who has left.
            semaphore.release()
            try semaphore.acquire()
        }
    }

    // MARK: Ended from outside

    @Test(arguments: [false, true]) func aWaitIsEndedByKillAndRaise(byKill: Bool) throws {
        try Scheduler.scope {
            let semaphore = Semaphore()
            var error: (any Error)?
            let tasklet = try Self.start {
                do { try semaphore.acquire() } catch let caught { error = caught }
            }
            #expect(tasklet.isBlocked)
            if byKill { try tasklet.kill() } else { try tasklet.raise(Interruption()) }
            #expect(byKill ? error is TaskletExit : error is Interruption)
            #expect(semaphore.line.first == nil)
            semaphore.release()
            try semaphore.acquire()
        }
    }

    @Test func theEndOfAScopeRunsTheCleanupOfThoseThatWait() throws {
        var log: [Int] = []
        try Scheduler.scope {
            let semaphore = Semaphore()
            for number in 1...3 {
                _ = try Self.start {
                    defer { log.append(number) }
                    try semaphore.acquire()
                }
            }
        }
        #expect(log == [1, 2, 3])
    }

    // MARK: Reported

    @Test func aWaitIsReported() throws {
        try Scheduler.scope {
            let semaphore = Semaphore()
            let first = try Self.start { try semaphore.acquire() }
            let second = try Self.start { try semaphore.acquire() }
            #expect(Scheduler.current.dump().contains("waits in acquire of a semaphore for "))
            #expect(first.next == second)
            #expect(second.previous == first)
            let blocked = try #require(throws: DeadlockError.self) { try semaphore.acquire() }
            #expect(blocked.reason == .deadlock)
            #expect(blocked.waiters.map(\.operation) == Array(repeating: "acquire of a semaphore", count: 3))
            let stuck = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(stuck.waiters.map(\.name) == ["waiter", "waiter"])
            Tasklet {}
            let ended = try #require(throws: DeadlockError.self) { try semaphore.acquire() }
            #expect(ended.reason == .mainWaiting)
        }
    }

    // MARK: Between threads

    @Test func noPermitIsLostOrDoubledBetweenThreads() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let semaphore = Semaphore()
            for _ in 0..<2 { semaphore.release() }
            let inside = Atomic(0)
            let rounds = Atomic(0)
            TestThread.run(count: 4) { _ in
                for _ in 0..<3 {
                    Tasklet {
                        for _ in 0..<100 {
                            try semaphore.acquire()
                            if inside.add(1, ordering: .relaxed).newValue > 2 { fatalError("a third one is inside") }
                            try Tasklet.schedule()
                            inside.subtract(1, ordering: .relaxed)
                            rounds.add(1, ordering: .relaxed)
                            semaphore.release()
                        }
                    }
                }
                do { try Tasklet.runUntilDone() } catch { fatalError("\(error)") }
            }
            let count = rounds.load(ordering: .relaxed)
            guard count == 1200 else { fatalError("\(count) rounds") }
            for _ in 0..<2 { try semaphore.acquire() }
        }
    }

    @Test func aThreadThatSleepsAtItIsWoken() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let semaphore = Semaphore()
            let isThrough = Signal()
            let thread = TestThread {
                do { try semaphore.acquire() } catch { fatalError("\(error)") }
                isThrough.give()
            }
            while semaphore.line.inside({ semaphore.line.first == nil }) { sched_yield() }
            semaphore.release()
            isThrough.wait()
            thread.join()
        }
    }

    /// Both threads sleep at the semaphore: nobody could ever release a permit. The one that falls asleep last is told, and
    /// wakes the other.
    @Test func aDeadlockOfTwoThreadsIsReported() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let semaphore = Semaphore()
            let told = Atomic(0)
            withExtendedLifetime(told) {
                let acquire = { @Sendable in
                    do {
                        try semaphore.acquire()
                    } catch {
                        guard let deadlock = error as? DeadlockError else { fatalError("got \(error)") }
                        guard deadlock.waiters.map(\.operation) == ["acquire of a semaphore"] else {
                            fatalError("\(deadlock)")
                        }
                        told.add(1, ordering: .relaxed)
                        semaphore.release()
                    }
                }
                let thread = TestThread { acquire() }
                while semaphore.line.inside({ semaphore.line.first == nil }) { sched_yield() }
                acquire()
                thread.join()
            }
            guard told.load(ordering: .relaxed) == 1 else { fatalError("\(told.load(ordering: .relaxed)) were told") }
        }
    }
}
