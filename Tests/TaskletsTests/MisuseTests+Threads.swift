import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

extension MisuseTests {
    struct OfOtherThreads {
        @Test func aTaskletOfAnotherThreadCanBeQueuedButNotSwitchedTo() throws {
            let tasklets = Locked<[Tasklet]>([])
            let ranOnItsTestThread = Atomic<Int>(0)
            let (made, go, ended) = (
                DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
            )
            try withExtendedLifetime(ranOnItsTestThread) {
                Thread.detachNewThread {
                    let own = pthread_self()
                    let count = {
                        if pthread_equal(own, pthread_self()) != 0 { ranOnItsTestThread.add(1, ordering: .relaxed) }
                    }
                    tasklets.withLock { all in all = (0..<2).map { _ in Tasklet(scheduled: false, count) } }
                    made.signal()
                    go.wait()
                    try! Tasklet.run()
                    ended.signal()
                }
                made.wait()
                let all = tasklets.withLock { $0 }
                #expect(throws: TaskletError.otherThread) { try all[0].switch() }
                try all[0].run()
                try all[1].insert()
                #expect(ranOnItsTestThread.load(ordering: .relaxed) == 0)
                go.signal()
                ended.wait()
                #expect(ranOnItsTestThread.load(ordering: .relaxed) == 2)
            }
        }

        @Test func aTaskletOfAnEndedThreadRefusesEverything() throws {
            let living = Tracked.Counter()
            let tasklets = Locked<[Tasklet]>([])
            let thread = Thread {
                let tracked = Tracked(living)
                let parked = Tasklet(name: "parked") {
                    try withExtendedLifetime(tracked) { try Tasklet.scheduleRemove() }
                }
                let neverRan = Tasklet(name: "never ran", scheduled: false) { withExtendedLifetime(tracked) {} }
                let empty = Tasklet(name: "empty")
                let ended = Tasklet(name: "ended") {}
                try! Tasklet.run()
                tasklets.withLock { $0 = [.main, parked, neverRan, empty, ended] }
            }
            thread.startAndWait {
                let all = tasklets.withLock { $0 }
                return !all.isEmpty && all.allSatisfy { $0.scheduler == nil }
            }
            #expect(living.count == 0)
            for tasklet in tasklets.withLock({ $0 }) {
                #expect(throws: TaskletError.threadNotInitialised) { try tasklet.insert() }
                #expect(throws: TaskletError.noThread) { try tasklet.run() }
                #expect(throws: TaskletError.noThread) { try tasklet.switch() }
                #expect(throws: TaskletError.throwToDead) { try tasklet.raise(Failure()) }
                try tasklet.kill()
                try tasklet.kill(pending: true)
                try tasklet.remove()
                #expect(throws: TaskletError.threadNotInitialised) { try tasklet.setup() }
                try tasklet.bind {}
                #expect(throws: TaskletError.threadNotInitialised) { try tasklet.setup() }
                let areFalse = !tasklet.isAlive && !tasklet.isBlocked && !tasklet.isScheduled && !tasklet.isPaused
                #expect(areFalse && !tasklet.isCurrent)
                tasklet.blockTrap = true
                #expect(tasklet.blockTrap && tasklet.next == nil && tasklet.previous == nil)
                #expect("\(tasklet)".contains(tasklet.name))
            }
            #expect("\(TaskletError.noThread)".hasSuffix("make the tasklet anew where it is to run."))
        }

        /// The last handle of an ended thread's tasklet that has got a new function releases that function.
        @Test func aFunctionBoundAfterTheEndIsReleased() {
            let living = Tracked.Counter()
            let box = Locked<Tasklet?>(nil)
            let thread = Thread { box.withLock { $0 = Tasklet(name: "late") } }
            thread.startAndWait { box.withLock { $0 != nil && $0?.scheduler == nil } }
            let tracked = Tracked(living)
            #expect(throws: Never.self) { try box.withLock { try $0?.bind { withExtendedLifetime(tracked) {} } } }
            withExtendedLifetime(tracked) { #expect(living.count == 1) }
            box.withLock { $0 = nil }
        }

        /// A tasklet must not leave its stack by ending its thread. If it does, the others' cleanup runs all the same.
        @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer reports what is lost"))
        func endingTheThreadInsideATaskletEndsTheOthers() async {
            await #expect(processExitsWith: .success) {
                try synchronously {
                    setHangAlarm()
                    let log = Log()
                    let thread = Thread {
                        Tasklet(name: "other") {
                            defer { log.add("other defer") }
                            while true { try Tasklet.schedule() }
                        }
                        Tasklet(name: "quits") {
                            try Tasklet.schedule()
                            pthread_exit(nil)
                        }
                        try? Tasklet.run()
                    }
                    thread.startAndWait { !log.lines.isEmpty }
                    guard log.lines == ["other defer"] else { fatalError("\(log.lines)") }
                    Tasklet { log.add("after") }
                    try Tasklet.run()
                    guard log.lines.last == "after" else { fatalError("\(log.lines)") }
                }
            }
        }
    }

    struct AcrossAwait {
        @Test func aHandleCarriedToAnotherThread() async throws {
            let tasklet = await FirstThread().perform {
                Tasklet(name: "left behind", scheduled: false) {}
            }
            await SecondThread().perform {
                #expect(throws: TaskletError.otherThread) { try tasklet.switch() }
                // Queued on the thread that made it, which nobody runs.
                #expect(throws: Never.self) { try tasklet.run() }
                #expect(tasklet.isScheduled && tasklet.isAlive)
                #expect(!Scheduler.current.runQueue.contains(tasklet))
                // What gives way here is this thread's main tasklet, alone in its ring.
                #expect(throws: Never.self) { try Tasklet.run() }
                #expect(throws: Never.self) { try Tasklet.schedule() }
                #expect(tasklet.isScheduled)
            }
            // On its own thread it runs.
            await FirstThread().perform {
                #expect(throws: Never.self) { try Tasklet.run() }
            }
            #expect(!tasklet.isAlive)
        }

        @Test func anAsyncFunctionUsesTaskletsInAScope() async throws {
            await Task.yield()
            let sum = try Scheduler.scope {
                let numbers = (1...3).map { number in
                    Tasklet.spawn {
                        try Tasklet.schedule()
                        return number
                    }
                }
                return try Promise.all(numbers).reduce(0, +)
            }
            await Task.yield()
            #expect(sum == 6)
        }

        @Test func aScopeBetweenTwoAwaitsLeavesNothingBehind() async throws {
            for actor in [FirstThread(), FirstThread()] {
                let ran = await actor.perform {
                    var ran = 0
                    try? Scheduler.scope {
                        for _ in 0..<3 { Tasklet { ran += 1 } }
                        try Tasklet.run()
                    }
                    return ran
                }
                await Task.yield()
                #expect(ran == 3)
            }
        }
    }
}

/// Runs closures on a thread of its own: two actors, two threads that are never the same.
private final class ThreadExecutor: SerialExecutor {
    private let jobs = Locked<[UnownedJob]>([])
    private let arrived = DispatchSemaphore(value: 0)

    init() {
        Thread.detachNewThread { [self] in
            while true {
                arrived.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        arrived.signal()
    }
}

private actor FirstThread {
    private static let executor = ThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    func perform<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }
}

private actor SecondThread {
    private static let executor = ThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    func perform<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }
}
