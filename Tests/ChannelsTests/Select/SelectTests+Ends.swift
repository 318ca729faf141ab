import Channels
import Tasklets
import TestSupport
import Testing

/// Closed channels, errors that are sent, and what refuses or ends the wait.
extension SelectTests {
    // MARK: The end of a channel, errors

    @Test func theClauseOfAClosedChannelIsReady() throws {
        try Scheduler.scope {
            let (open, closed) = (Channel<Int>(), Channel<Int>())
            closed.close()
            func choose(_ kind: Int) throws -> String {
                try select {
                    open.onReceive { "received \($0)" }
                    if kind == 0 { closed.onReceive { "received \($0)" } }
                    if kind == 1 { closed.onNext { "next \($0 ?? -1)" } }
                    if kind == 2 { closed.onSend(1) { "sent" } }
                    otherwise { "otherwise" }
                }
            }
            #expect(throws: ChannelError.closed) { try choose(0) }
            #expect(try choose(1) == "next -1")
            #expect(throws: ChannelError.closed) { try choose(2) }
            #expect(try choose(3) == "otherwise")
            // One that is ready comes first where it is listed first.
            Tasklet { try open.send(5) }
            try Tasklet.run()
            #expect(try choose(0) == "received 5")
        }
    }

    @Test func finishWakesASelect() throws {
        try Scheduler.scope {
            let (a, b) = (Channel<Int>(), Channel<Int>())
            var log: [String] = []
            Tasklet {
                do {
                    try select {
                        a.onReceive { _ in log.append("a") }
                        b.onReceive { _ in log.append("b") }
                    }
                } catch { log.append("\(error as? ChannelError == .closed)") }
            }
            Tasklet {
                try select {
                    a.onReceive { _ in log.append("a") }
                    b.onNext { log.append("end \($0 == nil)") }
                }
            }
            Tasklet { try select { b.onSend(1) { log.append("sent") } } }
            try Tasklet.schedule()
            // The sender has met the first one.
            #expect(log == ["b"])
            b.finish()
            try Tasklet.run()
            #expect(log == ["b", "sent", "end true"])
            #expect([a, b].map(\.balance) == [0, 0])
        }
    }

    @Test(arguments: [true, false])
    func aSentErrorIsThrownOutOfTheSelect(isWaiting: Bool) throws {
        struct Mine: Error {}
        try Scheduler.scope {
            let (a, b) = (Channel<Int>(), Channel<Int>())
            var caught: (any Error)?
            func receiver() {
                Tasklet {
                    do {
                        try select {
                            a.onReceive { _ in }
                            b.onReceive { _ in }
                        }
                    } catch { caught = error }
                }
            }
            func sender() { Tasklet { try b.send(throwing: Mine()) } }
            if isWaiting { receiver() } else { sender() }
            try Tasklet.schedule()
            if isWaiting { sender() } else { receiver() }
            try Tasklet.run()
            #expect(caught is Mine)
            #expect([a, b].map(\.balance) == [0, 0])
        }
    }

    // MARK: What refuses or ends the wait

    enum End: CaseIterable { case kill, raise, cancel, blockTrap, cancelledBefore }

    @Test(arguments: End.allCases)
    func nothingIsLeftWhenTheWaitEnds(end: End) throws {
        struct Mine: Error {}
        let counter = Tracked.Counter()
        try Scheduler.scope {
            let (values, numbers) = (Channel<Tracked>(), Channel<Int>())
            var caught: (any Error)?
            let waiter = Tasklet {
                if end == .blockTrap { Tasklet.current.blockTrap = true }
                if end == .cancelledBefore { Tasklet.current.cancel() }
                do {
                    try select {
                        values.onSend(Tracked(counter)) {}
                        numbers.onReceive { _ in }
                        values.onReceive { _ in }
                        after(.seconds(3600)) {}
                    }
                } catch { caught = error }
            }
            try Tasklet.schedule()
            switch end {
            case .kill: try waiter.kill()
            case .raise: try waiter.raise(Mine())
            case .cancel:
                waiter.cancel()
                try Tasklet.run()
            case .blockTrap: break
            case .cancelledBefore: try Tasklet.run()
            }
            #expect([values.balance, numbers.balance] == [0, 0])
            switch end {
            case .kill: #expect(caught is TaskletExit)
            case .raise: #expect(caught is Mine)
            case .cancel, .cancelledBefore: #expect(caught is CancellationError)
            case .blockTrap: #expect(caught as? TaskletError == .blockTrap)
            }
            #expect(!waiter.isAlive)
        }
        #expect(counter.count == 0)
    }

    @Test func aValueThatIsNotSentIsReleasedOnce() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope {
            let (a, b) = (Channel<Tracked>(), Channel<Tracked>())
            Tasklet {
                try select {
                    a.onSend(Tracked(counter)) {}
                    b.onSend(Tracked(counter)) {}
                }
            }
            try Tasklet.schedule()
            #expect(counter.count == 2)
            var received: Tracked? = try b.receive()
            try Tasklet.run()
            #expect(counter.count == 1)
            #expect(isKnownUniquelyReferenced(&received))
            received = nil
            #expect(counter.count == 0)
            try select {
                a.onSend(Tracked(counter)) {}
                b.onSend(Tracked(counter)) {}
                otherwise {}
            }
            #expect(counter.count == 0)
        }
    }

    /// A receiver is the only owner of what it got, also while the body of the sender's clause runs.
    @Test func theValueMoves() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope {
            let (values, done) = (Channel<Tracked>(), Channel<Void>())
            var received: Tracked?
            Tasklet { try select { values.onSend(Tracked(counter)) { try done.receive() } } }
            Tasklet { received = try values.receive() }
            Tasklet { _ = try values.send(Tracked(counter), within: .seconds(1)) }
            try Tasklet.schedule()
            #expect(isKnownUniquelyReferenced(&received))
            received = try values.receive()
            #expect(isKnownUniquelyReferenced(&received))
            try done.send(())
        }
        #expect(counter.count == 0)
    }
}
