import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Errors that carry objects: each is released once, and outside the kernel, so that a `deinit` may use tasklets.
struct ErrorLifetimeTests {
    @Test func anUncaughtErrorIsReleased() throws {
        let released = Locked(0)
        try Scheduler.scope {
            var caught = 0
            for _ in 0..<10 {
                Tasklet {
                    try Tasklet.schedule()
                    throw AtDeinit { released.withLock { $0 += 1 } }
                }
                do {
                    try Tasklet.run()
                } catch is AtDeinit {
                    caught += 1
                }
            }
            #expect(caught == 10)
        }
        // Scheduler.lastUncaughtError goes with the scope.
        #expect(released.withLock { $0 } == 10)
    }

    @Test func aReplacedErrorIsReleasedOutsideTheKernel() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                var log: [String] = []
                let tasklet = Tasklet(name: "victim") {
                    defer { log.append("ended") }
                    while true { try Tasklet.schedule() }
                }
                let other = Tasklet(name: "other") { while true { try Tasklet.schedule() } }
                try Tasklet.schedule()
                try tasklet.raise(
                    AtDeinit {
                        // Gives everybody a turn.
                        try? Tasklet.schedule()
                        log.append("released")
                    },
                    pending: true
                )
                try tasklet.kill()
                #expect(!tasklet.isAlive)
                #expect(log.sorted() == ["ended", "released"])
                #expect(Scheduler.current.tasklets.count == 2)
                try other.kill()
                #expect(Scheduler.current.tasklets.count == 1)
            }
        }
    }

    /// A dying tasklet's error replaces one that main has not got yet, and that one's `deinit` gives way.
    @Test func anErrorReplacedByAnUncaughtOneIsReleasedOutsideTheKernel() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            try Scheduler.scope {
                var turns = 0
                let main = Tasklet.main
                Tasklet(name: "dying") {
                    try main.raise(AtDeinit { try? Tasklet.schedule() }, pending: true)
                    throw TaskletError.dead
                }
                Tasklet(name: "counter") {
                    while turns < 10 {
                        turns += 1
                        try Tasklet.schedule()
                    }
                }
                #expect(throws: TaskletError.dead) { try Tasklet.schedule() }
                try Tasklet.run()
                #expect(turns == 10)
                #expect(Scheduler.current.tasklets.count == 1)
            }
        }
    }

    @Test func aReplacedErrorOfAnotherThreadsTaskletMayUseThatTasklet() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let main = Tasklet.current
                let done = DispatchSemaphore(value: 0)
                Thread.detachNewThread {
                    try! main.raise(AtDeinit { _ = main.isAlive }, pending: true)
                    try! main.raise(TaskletError.dead, pending: true)
                    done.signal()
                }
                done.wait()
                Tasklet {}
                #expect(throws: TaskletError.dead) { try Tasklet.schedule() }
            }
        }
    }

    @Test func anErrorThatComesTooLateDoesNotHitTheNextBody() throws {
        try Scheduler.scope {
            let started = DispatchSemaphore(value: 0)
            let killed = DispatchSemaphore(value: 0)
            let tasklet = Tasklet(name: "twice") {
                started.signal()
                killed.wait()
            }
            Thread.detachNewThread {
                started.wait()
                try! tasklet.kill()
                killed.signal()
            }
            try Tasklet.run()
            #expect(!tasklet.isAlive)
            var ran = false
            try tasklet.bind { ran = true }
            try tasklet.setup()
            try Tasklet.run()
            #expect(ran)
        }
    }

    /// Errors from another thread while the tasklet takes the former one.
    @Test func errorsFromAnotherThreadAreCountedRight() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let released = Atomic<Int>(0)
            let count = 100_000
            try withExtendedLifetime(released) {
                try Scheduler.scope {
                    let isDone = Atomic<Bool>(false)
                    try withExtendedLifetime(isDone) {
                        Tasklet(name: "other") {
                            while !isDone.load(ordering: .relaxed) { try Tasklet.schedule() }
                        }
                        let target = Tasklet.main
                        Thread.detachNewThread {
                            for _ in 0..<count { try! target.raise(AtDeinit { released.add(1, ordering: .relaxed) }) }
                            isDone.store(true, ordering: .relaxed)
                        }
                        while !isDone.load(ordering: .relaxed) { try? Tasklet.schedule() }
                        try? Tasklet.schedule()
                        try Tasklet.run()
                    }
                }
                #expect(released.load(ordering: .relaxed) == count)
            }
        }
    }
}
