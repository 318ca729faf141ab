import Foundation
import Synchronization
import Tasklets
import Testing

extension MisuseTests {
    struct InsideCallbacks {
        /// Each operation that would switch throws, and the run goes on as if it had not been called.
        @Test func everythingThatWouldSwitchThrows() throws {
            try Scheduler.scope {
                let paused = Tasklet(name: "paused", scheduled: false) {}
                let operations: [(String, () throws -> Void)] = [
                    ("schedule", { try Tasklet.schedule() }),
                    ("scheduleRemove", { try Tasklet.scheduleRemove() }),
                    ("run()", { try Tasklet.run() }),
                    ("run(switches:)", { try Tasklet.run(switches: 1) }),
                    ("run(for:)", { try Tasklet.run(for: .zero) }),
                    ("run", { try paused.run() }),
                    ("switch", { try paused.switch() }),
                    ("kill", { try paused.kill() }),
                    ("raise", { try paused.raise(Failure()) }),
                ]
                for (name, operation) in operations {
                    var errors: [TaskletError?] = []
                    var log: [String] = []
                    for name in ["a", "b"] { Tasklet(name: name) { log.append(name) } }
                    Scheduler.current.scheduleCallback = { _, _ in
                        do { try operation() } catch { errors.append(error as? TaskletError) }
                    }
                    try Tasklet.run()
                    Scheduler.current.scheduleCallback = nil
                    #expect(errors == [.switchTrap, .switchTrap, .switchTrap], "\(name)")
                    #expect(log == ["a", "b"], "\(name)")
                    #expect(paused.isPaused, "\(name)")
                }
            }
        }

        @Test func theTwoThatAreSwitchingCannotBeRemovedNorBound() throws {
            try Scheduler.scope {
                var log: [String] = []
                var errors: [TaskletError?] = []
                func attempt(_ operation: () throws -> Void) {
                    do { try operation() } catch { errors.append(error as? TaskletError) }
                }
                Tasklet(name: "a") {
                    try Tasklet.schedule()
                    log.append("a")
                }
                Tasklet(name: "b") { log.append("b") }
                Scheduler.current.scheduleCallback = { previous, next in
                    guard previous.name == "a", next.name == "b" else { return }
                    attempt { try next.remove() }
                    attempt { try next.bind {} }
                    attempt { try previous.bind {} }
                }
                try Tasklet.run()
                #expect(errors == [.removeCurrent, .bindCurrent, .scheduled])
                #expect(log == ["b", "a"])
            }
        }

        @Test func whoHasJustGivenWayMayBeRemoved() throws {
            try Scheduler.scope {
                var log: [String] = []
                let a = Tasklet(name: "a") {
                    try Tasklet.schedule()
                    log.append("a")
                }
                Tasklet(name: "b") { log.append("b") }
                Scheduler.current.scheduleCallback = { previous, next in
                    if previous.name == "a", next.name == "b" { try? previous.remove() }
                }
                try Tasklet.run()
                Scheduler.current.scheduleCallback = nil
                #expect(log == ["b"])
                #expect(a.isPaused)
                try a.run()
                #expect(log == ["b", "a"])
            }
        }

        @Test func aHandleDroppedThereEndsItsTaskletLater() throws {
            try Scheduler.scope {
                var log: [String] = []
                var parked: Tasklet? = Tasklet {
                    defer { log.append("cleaned") }
                    try Tasklet.scheduleRemove()
                }
                try Tasklet.run()
                #expect(parked?.isPaused == true)
                Tasklet { log.append("next") }
                Scheduler.current.scheduleCallback = { _, _ in
                    if parked != nil {
                        parked = nil
                        log.append("dropped")
                    }
                }
                try Tasklet.run()
                Scheduler.current.scheduleCallback = nil
                #expect(log == ["dropped", "next", "cleaned"])
            }
        }

        @Test func aScopeThereIsASchedulerOfItsOwn() throws {
            try Scheduler.scope {
                var log: [String] = []
                for name in ["a", "b"] { Tasklet(name: name) { log.append(name) } }
                Scheduler.current.scheduleCallback = { _, next in
                    try? Scheduler.scope {
                        Tasklet { log.append("before \(next.name)") }
                        try Tasklet.run()
                    }
                }
                try Tasklet.run()
                Scheduler.current.scheduleCallback = nil
                #expect(log == ["before a", "a", "before b", "b", "before main"])
            }
        }

        /// The error handler runs in the dying tasklet, outside of any switch: it may do everything.
        @Test func theErrorHandlerMaySwitch() throws {
            try Scheduler.scope {
                var log: [String] = []
                Scheduler.current.errorHandler = { error in
                    log.append("handler of \(Tasklet.current.name)")
                    try Tasklet.schedule()
                    log.append("handler ends")
                }
                Tasklet(name: "a") { throw Failure() }
                Tasklet(name: "b") { log.append("b") }
                try Tasklet.run()
                #expect(log == ["handler of a", "b", "handler ends"])
                Scheduler.current.errorHandler = { _ in
                    let me = Tasklet.current
                    try withExtendedLifetime(me) { try Tasklet.scheduleRemove() }
                }
                let paused = Tasklet(name: "c") { throw Failure() }
                try Tasklet.run()
                #expect(paused.isPaused)
                try paused.kill()
                #expect(!paused.isAlive)
            }
        }
    }
}
