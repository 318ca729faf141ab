import Foundation
import Tasklets
import TestSupport
import Testing

struct OnEndTests {
    private struct Failure: Error {}

    @Test func handlersAreCalledInOrderAtTheEnd() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let tasklet = Tasklet(name: "worker") {
                try Tasklet.schedule()
                log.append("body")
            }
            tasklet.onEnd { log.append("first of \(Tasklet.current.name), alive: \(tasklet.isAlive)") }
            tasklet.onEnd { log.append("second") }
            Tasklet {
                for _ in 0..<2 {
                    log.append("other")
                    try Tasklet.schedule()
                }
            }
            try Tasklet.run()
            #expect(log == ["other", "body", "first of worker, alive: false", "second", "other"])
            tasklet.onEnd { log.append("at once") }
            #expect(log.last == "at once")
            try Tasklet.run()
            #expect(log.count == 6, "once")
        }
    }

    enum Way: CaseIterable {
        case returns, throwsError, killed, cancelled, killedBeforeItBegins, dropped, droppedBeforeItBegins
        case droppedWithoutFunction, scopeEnds, scopeEndsBeforeItBegins
    }

    @Test(arguments: Way.allCases) func handlersAreCalledWhateverEndsTheTasklet(way: Way) throws {
        let counter = Tracked.Counter()
        var calls = 0
        try Scheduler.scope { () throws -> Void in
            let begins = way != .droppedBeforeItBegins && way != .scopeEndsBeforeItBegins
            var tasklet: Tasklet?
            if way == .droppedWithoutFunction {
                tasklet = Tasklet()
            } else {
                let object = Tracked(counter)
                tasklet = Tasklet(scheduled: begins && way != .killedBeforeItBegins) {
                    defer { withExtendedLifetime(object) {} }
                    if way == .throwsError { throw Failure() }
                    if way != .returns { try Tasklet.scheduleRemove() }
                }
            }
            tasklet!.onEnd { calls += 1 }
            if way == .throwsError {
                #expect(throws: Failure.self) { try Tasklet.run() }
            } else {
                try Tasklet.run()
            }
            switch way {
            case .returns, .throwsError: break
            case .killed, .killedBeforeItBegins: try tasklet!.kill()
            case .cancelled:
                tasklet!.cancel()
                try Tasklet.run()
            case .dropped, .droppedBeforeItBegins, .droppedWithoutFunction: tasklet = nil
            case .scopeEnds, .scopeEndsBeforeItBegins:
                #expect(calls == 0)
                return
            }
            #expect(calls == 1)
            #expect(counter.count == 0)
        }
        #expect(calls == 1)
        #expect(counter.count == 0)
    }

    @Test func aHandlerCannotSwitch() throws {
        try Scheduler.scope { () throws -> Void in
            var errors: [TaskletError?] = []
            var made = false
            let tasklet = Tasklet {}
            let other = Tasklet { try Tasklet.scheduleRemove() }
            tasklet.onEnd {
                for operation in [
                    { try Tasklet.schedule() }, { try Tasklet.sleep(for: .seconds(1)) }, { try Tasklet.run() },
                    { try Tasklet.scheduleRemove() }, { try other.run() }, { _ = try Promise<Int>().value() },
                ] {
                    do { try operation() } catch { errors.append(error as? TaskletError) }
                }
                Tasklet { made = true }
                do { try tasklet.setup() } catch { errors.append(error as? TaskletError) }
            }
            try Tasklet.run()
            #expect(errors == Array(repeating: .switchTrap, count: 6) + [.alive])
            #expect(made)
            // Also when it is called at once.
            var late: TaskletError?
            tasklet.onEnd { do { try Tasklet.schedule() } catch { late = error as? TaskletError } }
            #expect(late == .switchTrap)
            try Tasklet.schedule()
        }
    }

    /// A handler that makes somebody ready: at the end of the ring.
    @Test func aHandlerWakesOthers() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let done = Promise<Void>()
            Tasklet {
                try done.value()
                log.append("woken")
            }
            let worker = Tasklet { log.append("worker") }
            worker.onEnd { done.fulfill(()) }
            Tasklet { log.append("next") }
            try Tasklet.run()
            #expect(log == ["worker", "next", "woken"])
        }
    }

    @Test func theLastOneMayWakeMain() throws {
        try Scheduler.scope { () throws -> Void in
            let done = Promise<Int>()
            Tasklet {}.onEnd { done.fulfill(1) }
            #expect(try done.value() == 1)
            try Tasklet.schedule()
        }
    }

    @Test func aTaskletThatIsSetUpAgainCallsOnlyNewHandlers() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [Int] = []
            let tasklet = Tasklet()
            tasklet.onEnd { log.append(1) }
            #expect(log == [], "it has not ended: it was never set up")
            try tasklet.bind {}
            try tasklet.setup()
            try Tasklet.run()
            #expect(log == [1])
            try tasklet.bind {}
            try tasklet.setup()
            tasklet.onEnd { log.append(2) }
            try Tasklet.run()
            #expect(log == [1, 2])
        }
    }

    @Test func aRecordUsedAgainHasNoHandlers() throws {
        try Scheduler.scope { () throws -> Void in
            var calls = 0
            for _ in 0..<5 {
                Tasklet {}.onEnd { calls += 1 }
                try Tasklet.run()
            }
            for _ in 0..<5 { Tasklet {} }
            try Tasklet.run()
            #expect(calls == 5)
        }
    }

    /// One that never ran, whose last reference goes on another thread: its handlers are called on its own.
    @Test func aReferenceDroppedOnAnotherThreadCallsAtHome() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                alarm(60)
                let home = pthread_self()
                var isHome: Bool?
                // In a box: the other thread is to drop the last reference.
                let box = Smuggled(value: Box(tasklet: Tasklet(scheduled: false) {}))
                box.value.tasklet?.onEnd { isHome = TestThread.isCurrent(home) }
                TestThread { box.value.tasklet = nil }.join()
                while isHome == nil { try Tasklet.schedule() }
                if isHome != true { fatalError("called on another thread") }
            }
        }
    }

    private final class Box {
        var tasklet: Tasklet?

        init(tasklet: Tasklet) {
            self.tasklet = tasklet
        }
    }

    @Test func anotherThreadMayNotAdd() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let tasklet = Tasklet(name: "worker") {}
                TestThread { tasklet.onEnd {} }.join()
            }
        }
        let message = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(message.contains("onEnd of tasklet 'worker'"))
        #expect(message.contains("call it on the thread that made the tasklet."))
    }
}
