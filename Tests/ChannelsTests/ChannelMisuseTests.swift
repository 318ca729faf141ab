import Channels
import Foundation
import Tasklets
import TestSupport
import Testing

/// Wrong uses of channels that a program can reach, and what comes of each (the article "When something is wrong" in
/// `Tasklets` lists them).
enum ChannelMisuseTests {
    // MARK: Callbacks

    struct InsideCallbacks {
        private static func operations(_ channel: Channel<Int>) -> [(String, () throws -> Void)] {
            [
                ("send", { try channel.send(1) }),
                ("send(throwing:)", { try channel.send(throwing: TaskletExit()) }),
                ("send(contentsOf:)", { try channel.send(contentsOf: [1, 2]) }),
                ("receive", { _ = try channel.receive() }),
                ("next", { _ = try channel.next() }),
            ]
        }

        @Test func everyOperationInTheScheduleCallbackThrows() throws {
            try Scheduler.scope {
                let channel = Channel<Int>()
                for (name, operation) in Self.operations(channel) {
                    var errors: [TaskletError?] = []
                    Tasklet {}
                    Scheduler.current.scheduleCallback = { _, _ in
                        do { try operation() } catch { errors.append(error as? TaskletError) }
                    }
                    try Tasklet.run()
                    Scheduler.current.scheduleCallback = nil
                    #expect(errors == [.switchTrap, .switchTrap], "\(name)")
                    #expect(channel.balance == 0, "\(name)")
                }
            }
        }

        @Test func everyOperationInTheChannelCallbackThrows() throws {
            try Scheduler.scope {
                let channel = Channel<Int>()
                let others = Self.operations(Channel<Int>(name: "other")) + Self.operations(channel)
                let switches: [(String, () throws -> Void)] = [
                    ("schedule", { try Tasklet.schedule() }), ("run", { try Tasklet.run() }),
                    ("scheduleRemove", { try Tasklet.scheduleRemove() }),
                ]
                for (name, operation) in others + switches {
                    var errors: [TaskletError?] = []
                    Tasklet { try channel.send(7) }
                    Scheduler.current.channelCallback = { _ in
                        do { try operation() } catch { errors.append(error as? TaskletError) }
                    }
                    #expect(try channel.receive() == 7, "\(name)")
                    Scheduler.current.channelCallback = nil
                    #expect(errors == [.switchTrap, .switchTrap], "\(name)")
                    try Tasklet.run()
                    #expect(channel.balance == 0, "\(name)")
                }
            }
        }

        @Test func aChannelMayBeFinishedInTheScheduleCallback() throws {
            try Scheduler.scope {
                let channel = Channel<Int>()
                var log: [String] = []
                Tasklet(name: "reader") {
                    while let value = try channel.next() { log.append("\(value)") }
                    log.append("end")
                }
                try Tasklet.run()
                Tasklet(name: "other") { log.append("other") }
                Scheduler.current.scheduleCallback = { _, next in if next.name == "other" { channel.finish() } }
                try Tasklet.run()
                Scheduler.current.scheduleCallback = nil
                #expect(log == ["other", "end"])
            }
        }

        @Test func theErrorHandlerMayUseChannels() throws {
            try Scheduler.scope {
                let errors = Channel<String>()
                Scheduler.current.errorHandler = { try errors.send("\($0)") }
                Tasklet { throw ChannelError.closed }
                #expect(try errors.receive() == "\(ChannelError.closed)")
                // Nobody takes this one: its tasklet waits in the handler, until it is killed.
                let waiting = Tasklet { throw ChannelError.closed }
                try Tasklet.run()
                #expect(waiting.isBlocked && errors.balance == 1)
                try waiting.kill()
                #expect(!waiting.isAlive && errors.balance == 0)
            }
        }
    }

    // MARK: Unwinding

    struct WhileUnwinding {
        @Test func aDeferMayWaitForAPartner() throws {
            try Scheduler.scope {
                let farewells = Channel<String>()
                var log: [String] = []
                let tasklet = Tasklet {
                    defer {
                        try? farewells.send("farewell")
                        log.append("sent")
                    }
                    try Tasklet.scheduleRemove()
                }
                try Tasklet.run()
                try tasklet.kill()
                #expect(tasklet.isBlocked)
                #expect(try farewells.receive() == "farewell")
                try Tasklet.run()
                #expect(log == ["sent"])
                #expect(!tasklet.isAlive)
            }
        }

        /// Nobody comes: the next kill ends the wait, and the rest of the cleanup runs.
        @Test func aDeinitThatWaitsInVainMayBeKilledAgain() throws {
            final class Farewell {
                let say: () -> Void
                init(_ say: @escaping () -> Void) { self.say = say }
                deinit { say() }
            }
            try Scheduler.scope {
                let farewells = Channel<String>()
                var log: [String] = []
                let tasklet = Tasklet {
                    let local = Farewell {
                        do { try farewells.send("farewell") } catch { log.append("\(type(of: error))") }
                    }
                    try withExtendedLifetime(local) { try Tasklet.scheduleRemove() }
                }
                try Tasklet.run()
                try tasklet.kill()
                #expect(tasklet.isBlocked)
                try tasklet.kill()
                #expect(!tasklet.isAlive)
                #expect(log == ["TaskletExit"])
                #expect(farewells.balance == 0)
            }
        }

        @Test func aDeferThatWaitsInVainDoesNotOutliveTheScope() throws {
            var log: [String] = []
            try Scheduler.scope {
                let silent = Channel<Int>()
                Tasklet {
                    defer {
                        do { _ = try silent.receive() } catch { log.append("\(type(of: error))") }
                    }
                    _ = try silent.receive()
                }
                try Tasklet.run()
            }
            // The scope's end has killed it twice.
            #expect(log == ["TaskletExit"])
        }
    }

    // MARK: Scopes and threads

    struct ElsewhereThanMade {
        /// The partner cannot come: its scheduler waits for the scope to end. That is a deadlock, not a hang.
        @Test func waitingInsideAScopeForATaskletOutside() async {
            await #expect(processExitsWith: .success) {
                setHangAlarm()
                try Scheduler.scope {
                    let channel = Channel<Int>(name: "outer")
                    Tasklet(name: "outer") { try channel.send(1) }
                    do {
                        _ = try Scheduler.scope { try channel.receive() }
                        fatalError("received inside")
                    } catch let error as DeadlockError {
                        guard error.waiters.map(\.operation) == ["receive on channel 'outer'"] else {
                            fatalError("\(error)")
                        }
                    }
                    guard channel.balance == 0, try channel.receive() == 1 else { fatalError("lost") }
                }
            }
        }

        /// Who already waits outside can be met from inside, and goes on after the scope.
        @Test func meetingATaskletOutsideFromInsideAScope() throws {
            try Scheduler.scope {
                let channel = Channel<Int>()
                var log: [String] = []
                Tasklet {
                    try channel.send(1)
                    log.append("sender goes on")
                }
                try Tasklet.schedule()
                try Scheduler.scope {
                    #expect(try channel.receive() == 1)
                    log.append("received")
                    try Tasklet.run()
                }
                try Tasklet.run()
                #expect(log == ["received", "sender goes on"])
            }
        }

        @Test func aChannelOutlivesTheThreadAndTheScopeThatMadeIt() throws {
            let box = Locked<Channel<Int>?>(nil)
            let made = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                box.withLock { $0 = Channel<Int>(name: "of an ended thread") }
                made.signal()
            }
            made.wait()
            let fromScope = try Scheduler.scope { Channel<Int>(name: "of an ended scope") }
            for channel in [try #require(box.withLock { $0 }), fromScope] {
                try Scheduler.scope {
                    Tasklet { try channel.send(contentsOf: 0..<3) }
                    let values = try (0..<3).map { _ in try channel.receive() }
                    #expect(values == [0, 1, 2])
                    #expect(channel.balance == 0)
                }
            }
        }

        /// Whoever waits at a shared channel and whose thread ends is killed, and is not met any more.
        @Test func whoWaitedOnAnEndedThreadIsGone() async {
            await #expect(processExitsWith: .success) {
                setHangAlarm()
                try Scheduler.scope {
                    let channel = Channel<Int>()
                    guard channel.balance == 0 else { fatalError("somebody waits") }
                    let waits = DispatchSemaphore(value: 0)
                    Thread.detachNewThread {
                        Tasklet { _ = try channel.receive() }
                        try! Tasklet.schedule()
                        waits.signal()
                    }
                    waits.wait()
                    while channel.balance != 0 { sched_yield() }
                    do {
                        try channel.send(1)
                        fatalError("sent to nobody")
                    } catch is DeadlockError {}
                }
            }
        }
    }
}
