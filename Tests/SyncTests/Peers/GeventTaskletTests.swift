import Channels
import Sync
import Tasklets
import Testing

/// What gevent's users rely on in greenlets: states, links, waiting for the end, kills. docs/PeerCases.md lists all cases.
struct GeventTaskletTests {
    private let log = Log()

    // MARK: States

    @Test(arguments: [false, true]) func theStatesFromTheStartToTheEnd(fails: Bool) throws {
        try withVirtualTime { () throws -> Void in
            let promise = Tasklet.spawn {
                try Tasklet.sleep(for: .milliseconds(10))
                if fails { throw Interruption() }
                return 5
            }
            let tasklet = promise.tasklet!
            tasklet.onEnd { log.note("end") }
            func expectState(
                isAlive: Bool,
                isScheduled: Bool,
                isBlocked: Bool,
                _ place: SourceLocation = #_sourceLocation
            ) {
                #expect(tasklet.isAlive == isAlive, sourceLocation: place)
                #expect(tasklet.isScheduled == isScheduled, sourceLocation: place)
                #expect(tasklet.isBlocked == isBlocked, sourceLocation: place)
                #expect((promise.result != nil) == !isAlive, sourceLocation: place)
                #expect(log.lines == (isAlive ? [] : ["end"]), sourceLocation: place)
            }
            try tasklet.remove()
            expectState(isAlive: true, isScheduled: false, isBlocked: false)
            for _ in 1...2 {
                try tasklet.insert()
                expectState(isAlive: true, isScheduled: true, isBlocked: false)
            }
            try Tasklet.schedule()
            expectState(isAlive: true, isScheduled: true, isBlocked: true)
            try Tasklet.sleep(for: .milliseconds(20))
            expectState(isAlive: false, isScheduled: false, isBlocked: false)
            if fails {
                #expect(throws: Interruption.self) { try promise.value() }
            } else {
                #expect(try promise.value() == 5)
            }
            #expect(throws: TaskletError.dead, "it cannot begin again") { try tasklet.insert() }
        }
    }

    // MARK: Links

    /// The end of a tasklet passes its result on, to promises and queues, also when it has ended long ago.
    @Test(arguments: [false, true]) func itsEndPassesTheResultOn(fails: Bool) throws {
        try Scheduler.scope { () throws -> Void in
            let source = Tasklet.spawn {
                if fails { throw Interruption() }
                return 100
            }
            for _ in 1...3 {
                let (both, onlyErrors) = (Promise<Int>(), Promise<Int>())
                let ended = Queue<Promise<Int>>(capacity: 1)
                source.tasklet?.onEnd {
                    switch source.result! {
                    case .success(let value): both.fulfill(value)
                    case .failure(let error):
                        both.fail(error)
                        onlyErrors.fail(error)
                    }
                }
                source.tasklet?.onEnd { ended.trySend(source) }
                let first = try ended.receive()
                if fails {
                    for promise in [both, onlyErrors, first] {
                        #expect(throws: Interruption.self) { try promise.value() }
                    }
                } else {
                    #expect(try both.value() == 100)
                    #expect(try first.value() == 100)
                    #expect(onlyErrors.result == nil)
                }
            }
        }
    }

    /// A handler must not wait for a partner: it makes a tasklet that does.
    @Test func theirEndsMeetOneThatReceives() throws {
        try Scheduler.scope { () throws -> Void in
            let channel = Channel<Int>()
            for number in 101...103 {
                let promise = Tasklet.spawn { number }
                promise.tasklet?.onEnd { Tasklet { try channel.send(try promise.value()) } }
            }
            #expect(try (1...3).map { _ in try channel.receive() } == [101, 102, 103])
        }
    }

    /// The links of one that is killed are called as well, and see that there is no value.
    @Test func aKillCallsTheLinks() throws {
        try withVirtualTime { () throws -> Void in
            let promise = Tasklet.spawn { try Tasklet.sleep(for: .seconds(1)) }
            promise.tasklet?.onEnd {
                if case .failure(let error) = promise.result { log.note(Log.word(for: error)) }
            }
            try Tasklet.schedule()
            try promise.tasklet?.kill()
            #expect(log.lines == ["cancelled"])
            #expect(milliseconds() == 0)
        }
    }

    // MARK: Waiting for the end

    @Test func aTimeForTheEnd() throws {
        try withVirtualTime { () throws -> Void in
            let promise = Tasklet.spawn {
                try Tasklet.sleep(for: .milliseconds(82))
                return 49
            }
            #expect(try promise.value(within: .milliseconds(35)) == nil)
            #expect(try Promise.all([promise], within: .milliseconds(5)) == nil)
            #expect(milliseconds() == 40)
            #expect(try promise.value(within: .seconds(10)) == 49)
            #expect(milliseconds() == 82)
        }
    }

    /// The error that came first is thrown, whatever the order of the list; a later wait for all sees the rest.
    @Test func theEarliestErrorIsThrown() throws {
        struct Late: Error {}
        try withVirtualTime { () throws -> Void in
            let late = Tasklet.spawn {
                try Tasklet.sleep(for: .milliseconds(100))
                throw Late()
            }
            let early = Tasklet.spawn { throw Interruption() }
            #expect(throws: Interruption.self) { try Promise.all([late, early] as [Promise<Void>]) }
            #expect(milliseconds() == 0)
            #expect(throws: Late.self) { try late.value() }
            #expect(milliseconds() == 100)
        }
    }

    /// A tasklet without a promise is waited for by its end.
    @Test func theEndOfATaskletWithoutAResult() throws {
        try withVirtualTime { () throws -> Void in
            let end = Event()
            Tasklet { try Tasklet.sleep(for: .milliseconds(10)) }.onEnd { end.set() }
            try end.wait()
            #expect(milliseconds() == 10)
        }
    }

    // MARK: Kills

    enum Moment: CaseIterable {
        case paused, queued, sleeping
    }

    /// Kills or raises an error in a tasklet at each moment of its life; its body does not go on, and a second time does no harm.
    @Test(arguments: Moment.allCases, [false, true]) func itIsEnded(at moment: Moment, pending: Bool) throws {
        for isKill in [true, false] {
            try withVirtualTime { () throws -> Void in
                let promise = Tasklet.spawn {
                    if moment == .sleeping { try Tasklet.sleep(for: .seconds(10)) }
                    log.note("goes on")
                }
                let tasklet = promise.tasklet!
                tasklet.onEnd { log.note("end") }
                switch moment {
                case .paused: try tasklet.remove()
                case .queued: break
                case .sleeping: try Tasklet.schedule()
                }
                func end() throws {
                    if isKill {
                        try tasklet.kill(pending: pending)
                    } else {
                        try tasklet.raise(Interruption(), pending: pending)
                    }
                }
                try end()
                if pending { try Tasklet.schedule() }
                #expect(!tasklet.isAlive)
                if isKill {
                    try end()
                    #expect(throws: CancellationError.self) { try promise.value() }
                } else {
                    #expect(throws: TaskletError.throwToDead) { try end() }
                    #expect(throws: Interruption.self) { try promise.value() }
                }
                try Tasklet.run()
                #expect(log.take() == ["end"])
                #expect(milliseconds() == 0)
            }
        }
    }

    /// An error of the caller's reaches one that only gives way, which may catch it and end well.
    @Test(arguments: [false, true]) func anErrorReachesOneThatGivesWay(pending: Bool) throws {
        try Scheduler.scope { () throws -> Void in
            let promise = Tasklet.spawn {
                do { while true { try Tasklet.schedule() } } catch is Interruption { return "caught" }
            }
            try Tasklet.schedule()
            try promise.tasklet?.raise(Interruption(), pending: pending)
            try Tasklet.schedule()
            #expect(try promise.value() == "caught")
        }
    }

    /// Each kill is thrown once, and one that catches everything goes on. In gevent a second kill does nothing.
    @Test func oneThatCatchesEverythingLivesOn() throws {
        try withVirtualTime { () throws -> Void in
            var shots = 0
            let undead = Tasklet {
                while true {
                    do { try Tasklet.sleep(for: .seconds(1)) } catch is Interruption { return } catch { shots += 1 }
                }
            }
            try Tasklet.schedule()
            #expect(shots == 0)
            for number in 1...3 {
                try undead.kill(pending: true)
                try undead.kill(pending: true)
                #expect(shots == number - 1)
                try Tasklet.schedule()
                #expect(shots == number, "two that were not delivered yet are one")
            }
            #expect(undead.isAlive)
            try undead.raise(Interruption())
            #expect(!undead.isAlive)
        }
    }

    /// After a cancellation it cannot wait any more.
    @Test func oneThatCatchesEverythingCannotWaitAfterACancellation() throws {
        try withVirtualTime { () throws -> Void in
            var shots = 0
            let undead = Tasklet {
                while shots < 5 {
                    do { try Tasklet.sleep(for: .seconds(1)) } catch { shots += 1 }
                }
            }
            try Tasklet.schedule()
            undead.cancel()
            try Tasklet.run()
            #expect(shots == 5)
            #expect(milliseconds() == 0)
        }
    }

    /// Cleanup after a kill may take longer than the one that kills wants to wait. One that has not begun has no cleanup.
    @Test(arguments: [false, true]) func cleanupMayTakeLongerThanOneWaits(haveBegun: Bool) throws {
        try withVirtualTime { () throws -> Void in
            let promises = (0..<2).map { _ in
                Tasklet.spawn {
                    do { try Tasklet.sleep(for: .milliseconds(1500)) } catch {
                        try Tasklet.sleep(for: .seconds(1))
                        throw error
                    }
                }
            }
            if haveBegun { try Tasklet.schedule() }
            let ends = promises.map { promise in
                let end = Event()
                promise.tasklet?.onEnd { end.set() }
                return end
            }
            for promise in promises { try promise.tasklet?.kill(pending: true) }
            let haveEnded = try withTimeout(.milliseconds(500), orElse: false) {
                for end in ends { try end.wait() }
                return true
            }
            #expect(haveEnded == !haveBegun)
            #expect(promises.allSatisfy { $0.tasklet!.isAlive == haveBegun })
            #expect(milliseconds() == (haveBegun ? 500 : 0))
            for end in ends { try end.wait() }
            #expect(milliseconds() == (haveBegun ? 1000 : 0))
        }
    }
}
