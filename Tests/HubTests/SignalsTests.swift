import Channels
import Foundation
import Hub
import Synchronization
import Tasklets
import TestSupport
import Testing

/// One after the other: signals are the process's.
@Suite(.serialized, .hangAlarm) struct SignalsTests {
    /// A signal that comes late, when nobody listens any more, is not to end the tests.
    init() {
        signal(SIGUSR1, SIG_IGN)
        signal(SIGUSR2, SIG_IGN)
    }

    private func handler(of signal: Int32) -> UInt {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return UInt(bitPattern: unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self))
    }

    @Test func signalsComeInOrder() throws {
        try Scheduler.scope {
            let signals = try Hub.signals(.user1, .user2)
            kill(getpid(), SIGUSR1)
            #expect(try signals.receive() == .user1)
            kill(getpid(), SIGUSR2)
            #expect(try signals.receive() == .user2)
        }
    }

    /// A program may end while somebody listens.
    @Test func whoOnlyListensIsNotUnfinished() async throws {
        let result = try await #require(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            try synchronously {
                let signals = try Hub.signals(.user1)
                let listener = Tasklet(name: "listener") { _ = try signals.receive() }
                try Tasklet.schedule()
                precondition(listener.isBlocked)
                exit(0)
            }
        }
        #expect(!String(decoding: result.standardErrorContent, as: UTF8.self).contains("The program has ended"))
    }

    @Test func othersRunWhileOneWaits() throws {
        try Scheduler.scope {
            let signals = try Hub.signals(.user1)
            let received = Tasklet.spawn { try signals.receive() }
            try Tasklet.schedule()
            // Nobody is kept by the wait.
            try Tasklet.run()
            // It may come to any thread.
            kill(getpid(), SIGUSR1)
            #expect(try received.value() == .user1)
        }
    }

    /// Whoever listens keeps nobody; but it may wake somebody who has still to end.
    @Test(arguments: [false, true])
    func runUntilDoneDoesNotWaitForSignals(hasBegun: Bool) throws {
        try Scheduler.scope {
            let signals = try Hub.signals(.user1)
            let names = Channel<String>()
            let listener = Tasklet { while true { try names.send("\(try signals.receive())") } }
            if hasBegun { try Tasklet.schedule() }
            try Tasklet.runUntilDone()
            #expect(listener.isAlive)
            let received = Tasklet.spawn { try names.receive() }
            kill(getpid(), SIGUSR1)
            try Tasklet.runUntilDone()
            #expect(try received.value() == "SIGUSR1" && listener.isAlive)
            // A select that hears a signal as well.
            Tasklet {
                try select {
                    signals.onReceive { _ in }
                    names.onReceive { _ in }
                }
            }
            try listener.kill()
            try Tasklet.runUntilDone()
        }
    }

    @Test func eachListenerGetsEach() throws {
        try Scheduler.scope {
            let first = try Hub.signals(.user1, .user1)
            let second = try Hub.signals(.user2, .user1)
            kill(getpid(), SIGUSR1)
            #expect(try first.receive() == .user1)
            #expect(try second.receive() == .user1)
            kill(getpid(), SIGUSR2)
            #expect(try second.receive() == .user2)
            #expect(try withTimeout(.milliseconds(2), orElse: nil) { try first.receive() } == nil)
        }
    }

    @Test func anotherThreadListens() throws {
        let listens = TestSupport.Signal()
        let thread = TestThread {
            try? Scheduler.scope {
                let signals = try Hub.signals(.user1)
                listens.give()
                #expect(try signals.receive() == .user1)
            }
        }
        listens.wait()
        kill(getpid(), SIGUSR1)
        thread.join()
    }

    @Test func afterTheLastListenerItIsAsBefore() throws {
        try Scheduler.scope {
            let before = handler(of: SIGUSR1)
            let first = try Hub.signals(.user1)
            let during = handler(of: SIGUSR1)
            #expect(during != before)
            do {
                let second = try Hub.signals(.user1)
                withExtendedLifetime(second) {}
            }
            #expect(handler(of: SIGUSR1) == during)
            first.close()
            #expect(handler(of: SIGUSR1) == before)
        }
    }

    @Test func theSchedulersEndIsTheEndOfListening() throws {
        let before = handler(of: SIGUSR1)
        var kept: Signals?
        try Scheduler.scope { kept = try Hub.signals(.user1) }
        #expect(handler(of: SIGUSR1) == before)
        withExtendedLifetime(kept) {}
    }

    @Test func whatCannotBeHeardIsRefused() throws {
        try Scheduler.scope {
            let ports = try HubCore.current().ports as! SystemPorts
            let error = #expect(throws: SystemError.self) { try Hub.signals(.user1, .kill) }
            #expect(error?.description == "listen to SIGUSR1, SIGKILL: Invalid argument")
            for number in [0, -1, 11, 65, 1000] as [Int32] {
                #expect(throws: SystemError.self) { try Hub.signals(SystemSignal(rawValue: number)) }
            }
            #expect(ports.openCount == 0)
        }
    }

    @Test func everyWaitCanBeEnded() throws {
        try Scheduler.scope {
            let signals = try Hub.signals(.user1)
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(2)) { _ = try signals.receive() } }
            let killed = Tasklet { _ = try signals.receive() }
            try Tasklet.schedule()
            try killed.kill()
            #expect(!killed.isAlive)
            Tasklet(name: "first") { _ = try signals.receive() }
            try Tasklet.schedule()
            let second = #expect(throws: HubError.self) { try signals.receive() }
            #expect(second.map { "\($0)" }?.contains("'first'") == true)
            let select = #expect(throws: HubError.self) { try Tasklets.select { signals.onReceive { _ in } } }
            #expect(select.map { "\($0)" }?.contains("'first'") == true)
            for tasklet in Scheduler.current.tasklets where tasklet.name == "first" { try tasklet.kill() }
            let closed = Tasklet.spawn { try signals.receive() }
            try Tasklet.schedule()
            signals.close()
            #expect(throws: SystemError(.closed, "read")) { try closed.value() }
        }
    }

    @Test func aSignalIsAClauseOfASelect() throws {
        try Scheduler.scope {
            let signals = try Hub.signals(.user1)
            func next(within time: Duration) throws -> SystemSignal? {
                try Tasklets.select {
                    signals.onReceive { Optional($0) }
                    after(time) { SystemSignal?.none }
                }
            }
            #expect(try next(within: .milliseconds(2)) == nil)
            kill(getpid(), SIGUSR1)
            #expect(try next(within: .seconds(100)) == .user1)
            Tasklet { kill(getpid(), SIGUSR1) }
            let signal = try Tasklets.select { signals.onReceive { $0 } }
            #expect(signal == .user1)
        }
    }

    @Test func manySignalsFromOtherThreads() throws {
        try Scheduler.scope {
            let signals = try Hub.signals(.user1)
            // Not a fixed number: of two in a row one may be missing.
            let isOver = Atomic(false)
            let threads = (0..<4).map { _ in
                TestThread { while !isOver.load(ordering: .relaxed) { kill(getpid(), SIGUSR1) } }
            }
            // Others come and go meanwhile.
            for _ in 0..<200 {
                let other = try Hub.signals(.user1, .user2)
                other.close()
                #expect(try signals.receive() == .user1)
            }
            isOver.store(true, ordering: .relaxed)
            for thread in threads { thread.join() }
        }
    }
}
