import Channels
import Tasklets
import TestSupport
import Testing

/// What reports and callbacks tell of a select.
extension SelectTests {
    @Test func aDeadlockNamesAllPlaces() throws {
        let error = #expect(throws: DeadlockError.self) {
            try Scheduler.scope {
                let (jobs, results) = (Channel<Int>(name: "jobs"), Channel<Int>(name: "results"))
                try select {
                    jobs.onReceive { _ in }
                    results.onSend(1) {}
                }
            }
        }
        #expect(
            error?.waiters.map(\.operation) == ["receive on channel 'jobs' or send on channel 'results'"]
        )
    }

    @Test func aSelectWithoutAClauseWaits() throws {
        let channels: [Channel<Int>] = []
        let error = #expect(throws: DeadlockError.self) {
            try Scheduler.scope { try select { for channel in channels { channel.onReceive { _ in } } } }
        }
        #expect(error?.waiters.map(\.operation) == ["select without a clause"])
        try Scheduler.scope {
            var isKilled = false
            let waiter = Tasklet {
                defer { isKilled = true }
                try select { for channel in channels { channel.onReceive { _ in } } }
            }
            try Tasklet.schedule()
            try waiter.kill()
            #expect(isKilled)
        }
    }

    @Test func theCallbackIsToldOfEachClause() throws {
        try Scheduler.scope {
            let (a, b) = (Channel<Int>(name: "a"), Channel<Int>(name: "b"))
            Tasklet { try b.send(1) }
            try Tasklet.run()
            var events: [String] = []
            Scheduler.current.channelCallback = { event in
                events.append("\(event.channel!) \(event.isSending) \(event.willBlock)")
            }
            try select {
                a.onSend(1) {}
                b.onReceive { _ in events.append("body") }
            }
            Scheduler.current.channelCallback = nil
            #expect(events == ["a true true", "b false false", "body"])
        }
    }

    @Test func inACallbackItIsRefused() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { try channel.send(1) }
            try Tasklet.run()
            var caught: (any Error)?
            Scheduler.current.scheduleCallback = { _, _ in
                do { try select { channel.onReceive { _ in } } } catch { caught = error }
            }
            Tasklet {}
            try Tasklet.schedule()
            Scheduler.current.scheduleCallback = nil
            #expect(caught as? TaskletError == .switchTrap)
            #expect(channel.balance == 1)
        }
    }
}
