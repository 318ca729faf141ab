import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

struct CancellationTests {
    @Test func everyWaitOfACancelledTaskletThrows() throws {
        try Scheduler.scope {
            let never = Channel<Int>()
            var errors: [any Error] = []
            let tasklet = Tasklet {
                for _ in 0..<3 {
                    do { _ = try never.receive() } catch { errors.append(error) }
                }
                do { try never.send(1) } catch { errors.append(error) }
                do { try Tasklet.sleep(for: .seconds(3600)) } catch { errors.append(error) }
                do { try Tasklet.scheduleRemove() } catch { errors.append(error) }
            }
            try Tasklet.schedule()
            tasklet.cancel()
            #expect(errors.isEmpty, "the canceller goes on")
            #expect(never.balance == 0)
            try Tasklet.run()
            #expect(errors.count == 6)
            #expect(errors.allSatisfy { $0 is CancellationError })
            #expect(!tasklet.isAlive)
        }
    }

    @Test func aRefusedWaitGivesWay() throws {
        try Scheduler.scope {
            let never = Channel<Int>()
            var rounds = 0
            var hasRun = false
            let loop = Tasklet {
                while !hasRun, rounds < 1000 {
                    _ = try? never.receive()
                    rounds += 1
                }
            }
            loop.cancel()
            Tasklet { hasRun = true }
            try Tasklet.run()
            #expect(hasRun)
            #expect(rounds < 5)
        }
    }

    @Test func aMeetingIsNoWait() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            channel.preference = .neither
            var got: Int?
            Tasklet { try channel.send(5) }
            let receiver = Tasklet { got = try channel.receive() }
            receiver.cancel()
            try Tasklet.run()
            #expect(got == 5)
        }
    }

    @Test func aShieldLetsCleanupWait() throws {
        try Scheduler.scope {
            let never = Channel<Int>()
            let log = Channel<String>()
            var isCancelledInside = true
            let tasklet = Tasklet {
                defer {
                    try? withCancellationShield {
                        isCancelledInside = Tasklet.isCancelled
                        try log.send("clean")
                        try withCancellationShield { try log.send("nested") }
                        try log.send("still shielded")
                    }
                }
                _ = try? never.receive()
            }
            try Tasklet.schedule()
            tasklet.cancel()
            #expect(try (1...3).map { _ in try log.receive() } == ["clean", "nested", "still shielded"])
            #expect(!isCancelledInside)
        }
    }

    @Test func aShieldedWaitIsNotEnded() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            var got: Int?
            var error: (any Error)?
            let tasklet = Tasklet {
                got = try withCancellationShield { try channel.receive() }
                do { _ = try channel.receive() } catch let caught { error = caught }
            }
            try Tasklet.schedule()
            tasklet.cancel()
            #expect(tasklet.isBlocked)
            try channel.send(3)
            try Tasklet.run()
            #expect(got == 3)
            #expect(error is CancellationError)
        }
    }

    @Test func workAsksForItself() throws {
        try Scheduler.scope {
            #expect(!Tasklet.isCancelled)
            try Tasklet.checkCancellation()
            var steps = 0
            var error: (any Error)?
            let worker = Tasklet {
                do {
                    while true {
                        try Tasklet.checkCancellation()
                        steps += 1
                        try Tasklet.schedule()
                    }
                } catch let caught { error = caught }
            }
            for _ in 0..<3 { try Tasklet.schedule() }
            worker.cancel()
            try Tasklet.run()
            #expect(steps == 3)
            #expect(error is CancellationError)
        }
    }

    @Test func aRecordUsedAgainIsNotCancelled() throws {
        try Scheduler.scope {
            for _ in 0..<3 {
                let never = Channel<Int>()
                Tasklet { try? withCancellationShield { _ = try never.receive() } }
                try Tasklet.schedule()
                try Scheduler.current.tasklets.last!.kill()
                let cancelled = Tasklet { _ = try never.receive() }
                cancelled.blockTrap = false
                try Tasklet.schedule()
                cancelled.cancel()
                try Tasklet.run()
                #expect(!cancelled.isAlive)
            }
            var state: [Bool] = []
            for _ in 0..<3 { Tasklet { state.append(Tasklet.isCancelled) } }
            try Tasklet.run()
            #expect(state == [false, false, false])
        }
    }

    @Test func aTaskletThatEndsByItsCancellationEndsQuietly() throws {
        try Scheduler.scope {
            let never = Channel<Int>()
            var handled = 0
            Scheduler.current.errorHandler = { _ in handled += 1 }
            let tasklet = Tasklet { _ = try never.receive() }
            try Tasklet.schedule()
            tasklet.cancel()
            try Tasklet.run()
            #expect(!tasklet.isAlive)
            #expect(handled == 0)
            #expect(Scheduler.current.lastUncaughtError == nil)
            tasklet.cancel()
        }
    }

    @Test func aCancellationErrorOfOneThatIsNotCancelledIsAnError() throws {
        try Scheduler.scope {
            let child = Tasklet.spawn { try Tasklet.sleep(for: .seconds(3600)) }
            Tasklet { try child.value() }
            try Tasklet.schedule()
            child.tasklet?.cancel()
            #expect(throws: CancellationError.self) { try Tasklet.run() }
        }
    }

    @Test func anErrorOfACancelledTaskletIsAnError() throws {
        try Scheduler.scope {
            let tasklet = Tasklet {
                do { try Tasklet.sleep(for: .seconds(3600)) } catch { throw TaskletError.dead }
            }
            try Tasklet.schedule()
            tasklet.cancel()
            #expect(throws: TaskletError.dead) { try Tasklet.run() }
        }
    }

    @Test func anotherThreadMayCancel() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                let jobs = Channel<Int>(name: "jobs")
                let worker = Tasklet { _ = try jobs.receive() }
                jobs.share()
                try Tasklet.schedule()
                Thread.detachNewThread { worker.cancel() }
                // The wait at a promised channel keeps run() until the cancellation comes.
                try Tasklet.run()
                if worker.isAlive { fatalError("the worker waits still") }
            }
        }
    }
}
