import Channels
import Tasklets
import TestSupport
import Testing

/// Operations that do not wait, or not longer than they are told to.
struct TryAndWithinTests {
    // MARK: Try

    @Test(arguments: [ChannelPreference.receiver, .neither, .sender], [false, true])
    func aTryNeverGivesWay(preference: ChannelPreference, schedulesAll: Bool) throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            channel.preference = preference
            channel.schedulesAll = schedulesAll
            var log: [String] = []
            Tasklet { log.append("received \(try channel.receive())") }
            try Tasklet.schedule()
            Tasklet { log.append("another") }
            #expect(channel.trySend(1))
            log.append("tried")
            try Tasklet.run()
            #expect(log == ["tried", "another", "received 1"])

            log = []
            Tasklet {
                try channel.send(2)
                log.append("sent")
            }
            try Tasklet.schedule()
            Tasklet { log.append("another") }
            #expect(try channel.tryReceive() == 2)
            log.append("tried")
            try Tasklet.run()
            #expect(log == ["tried", "another", "sent"])
        }
    }

    @Test func withoutAPartnerATryIsInVain() throws {
        let channel = Channel<Int>()
        #expect(try channel.tryReceive() == nil)
        #expect(!channel.trySend(1))
        #expect(channel.balance == 0)
    }

    @Test func aTryAtAClosedChannel() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { try channel.send(1) }
            try Tasklet.run()
            channel.close()
            // Drained first.
            #expect(try channel.tryReceive() == 1)
            #expect(throws: ChannelError.closed) { try channel.tryReceive() }
            #expect(!channel.trySend(1))
        }
    }

    @Test func aTryThrowsASentError() throws {
        struct Mine: Error {}
        try Scheduler.scope {
            let channel = Channel<Int>()
            let sender = Tasklet { try channel.send(throwing: Mine()) }
            try Tasklet.schedule()
            #expect(throws: Mine.self) { try channel.tryReceive() }
            #expect(channel.balance == 0)
            try Tasklet.run()
            #expect(!sender.isAlive)
        }
    }

    /// It does not switch, so nothing that forbids a switch stands in its way.
    @Test func aTryWorksWhereNothingMaySwitch() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            var received: [Int] = []
            for _ in 0..<3 { Tasklet { received.append(try channel.receive()) } }
            try Tasklet.run()
            Scheduler.current.switchTrap(1)
            #expect(channel.trySend(1))
            Scheduler.current.switchTrap(-1)
            var wasSent = false
            Scheduler.current.scheduleCallback = { _, _ in
                if !wasSent { wasSent = channel.trySend(2) }
            }
            Tasklet {}
            try Tasklet.schedule()
            Scheduler.current.scheduleCallback = nil
            Tasklet.current.cancel()
            #expect(channel.trySend(3))
            try Tasklet.runUntilDone()
            #expect(received == [1, 2, 3])
        }
    }

    @Test func aValueThatWasNotSentIsReleased() throws {
        let counter = Tracked.Counter()
        let channel = Channel<Tracked>()
        #expect(!channel.trySend(Tracked(counter)))
        #expect(try !channel.send(Tracked(counter), within: .zero))
        #expect(try !channel.send(Tracked(counter), within: .milliseconds(1)))
        #expect(counter.count == 0)
    }

    // MARK: Within

    @Test func timeIsUp() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            let start = ContinuousClock.now
            let received = try channel.receive(within: .milliseconds(5))
            let wasSent = try channel.send(1, within: .milliseconds(5))
            #expect(received == nil && !wasSent)
            #expect(ContinuousClock.now - start >= .milliseconds(10))
            #expect(channel.balance == 0)
        }
    }

    @Test func aPartnerComesInTime() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { try channel.send(1) }
            #expect(try channel.receive(within: .seconds(3600)) == 1)
            var received: Int?
            Tasklet { received = try channel.receive() }
            #expect(try channel.send(2, within: .seconds(3600)))
            // The timers have gone with the waits: the scope would last an hour.
            try Tasklet.run()
            #expect(received == 2)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(-1)])
    func noTimeIsUpAtTheFirstWait(duration: Duration) throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { try channel.send(1) }
            try Tasklet.run()
            #expect(try channel.receive(within: duration) == 1)
            var received: Int?
            Tasklet { received = try channel.receive() }
            try Tasklet.run()
            #expect(try channel.send(2, within: duration))
            #expect(received == 2)
            // Without a partner it gives way once.
            var log: [String] = []
            Tasklet { log.append("another") }
            #expect(try channel.receive(within: duration) == nil)
            log.append("time is up")
            Tasklet { log.append("another") }
            #expect(try !channel.send(3, within: duration))
            log.append("time is up")
            #expect(log == ["another", "time is up", "another", "time is up"])
        }
    }

    @Test func whatReceiveAndSendThrowIsThrown() throws {
        struct Mine: Error {}
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { try channel.send(throwing: Mine()) }
            #expect(throws: Mine.self) { try channel.receive(within: .seconds(1)) }
            channel.close()
            #expect(throws: ChannelError.closed) { try channel.receive(within: .seconds(1)) }
            #expect(throws: ChannelError.closed) { try channel.send(1, within: .seconds(1)) }
            Tasklet.current.blockTrap = true
            defer { Tasklet.current.blockTrap = false }
            #expect(throws: TaskletError.blockTrap) { try channel.receive(within: .seconds(1)) }
            channel.open()
            #expect(throws: TaskletError.blockTrap) { try channel.send(1, within: .seconds(1)) }
            #expect(throws: TaskletError.blockTrap) { try channel.send(1, within: .zero) }
        }
    }

    @Test func theEarliestOfSeveralTimesWins() throws {
        try Scheduler.scope(clock: .virtual) {
            let channel = Channel<Int>()
            let start = Scheduler.current.now
            let chosen = try select {
                after(.seconds(3600)) { 0 }
                channel.onReceive { $0 }
                after(.milliseconds(2)) { 2 }
                after(.milliseconds(2)) { 3 }
                after(.milliseconds(50)) { 4 }
            }
            #expect(chosen == 2)
            #expect(start.duration(to: Scheduler.current.now) == .milliseconds(2))
        }
    }

    /// On a virtual clock all is exact: who comes in time, who does not, and in which order they go on.
    @Test func timesOfAVirtualClock() throws {
        var log: [String] = []
        try Scheduler.scope(clock: .virtual) {
            let channel = Channel<Int>()
            let start = Scheduler.current.now
            func note(_ text: String) { log.append("\(start.duration(to: Scheduler.current.now)) \(text)") }
            Tasklet { note("a \(String(describing: try channel.receive(within: .seconds(1))))") }
            Tasklet { note("b \(String(describing: try channel.receive(within: .seconds(3))))") }
            Tasklet { note("c \(String(describing: try channel.receive(within: .seconds(1))))") }
            Tasklet {
                try Tasklet.sleep(for: .seconds(2))
                note("sent \(try channel.send(7, within: .seconds(1)))")
                note("sent \(try channel.send(8, within: .seconds(3600)))")
            }
            try Tasklet.runUntilDone()
        }
        #expect(
            log == [
                "1.0 seconds a nil", "1.0 seconds c nil", "2.0 seconds b Optional(7)", "2.0 seconds sent true",
                "3602.0 seconds sent false",
            ]
        )
    }

    /// A time limit of a block ends a select as it ends every wait.
    @Test func aTimeLimitEndsASelect() throws {
        try Scheduler.scope(clock: .virtual) {
            let (a, b) = (Channel<Int>(), Channel<Int>())
            #expect(throws: TimeoutError.self) {
                try withTimeout(.seconds(1)) {
                    try select {
                        a.onReceive { _ in }
                        b.onSend(1) {}
                        after(.seconds(2)) {}
                    }
                }
            }
            #expect([a, b].map(\.balance) == [0, 0])
            let received = try a.receive(within: .seconds(1))
            #expect(received == nil)
        }
    }
}
