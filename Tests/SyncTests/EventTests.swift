import Channels
import Sync
import Tasklets
import Testing

struct EventTests {
    @Test func setWakesAllInOrderAndGoesOn() throws {
        try Scheduler.scope {
            let log = Log()
            let event = Event(name: "event")
            for name in ["a", "b", "c"] { Tasklet { log.note(name) { try event.wait() } } }
            Tasklet {
                event.set()
                log.note("set")
                try Tasklet.schedule()
                log.note("after")
            }
            Tasklet { log.note("last") }
            try Tasklet.run()
            #expect(log.lines == ["set", "last", "a: done", "b: done", "c: done", "after"])
        }
    }

    @Test func aSetEventLetsPassWithoutASwitch() throws {
        try Scheduler.scope {
            let log = Log()
            let event = Event()
            event.set()
            event.set()
            #expect(event.isSet)
            Tasklet { log.note("other") }
            log.note("main") { try event.wait() }
            #expect(log.lines == ["main: done"])
            event.clear()
            #expect(!event.isSet)
            Tasklet { log.note("waiter") { try event.wait() } }
            try Tasklet.run()
            #expect(log.lines == ["main: done", "other"])
            event.set()
            try Tasklet.run()
            #expect(log.lines.last == "waiter: done")
        }
    }

    @Test func thoseThatWereWokenGoOnAlthoughItIsCleared() throws {
        try Scheduler.scope {
            let log = Log()
            let event = Event()
            Tasklet { log.note("before") { try event.wait() } }
            try Tasklet.schedule()
            event.set()
            event.clear()
            Tasklet { log.note("behind") { try event.wait() } }
            try Tasklet.run()
            #expect(log.lines == ["before: done"])
        }
    }

    @Test func oneThatWaitsNoMoreIsNotWoken() throws {
        try Scheduler.scope {
            let log = Log()
            let event = Event()
            let tasklets = ["a", "b", "c"].map { name in Tasklet { log.note(name) { try event.wait() } } }
            try Tasklet.schedule()
            try tasklets[1].kill()
            event.set()
            try Tasklet.run()
            #expect(log.lines == ["b: killed", "a: done", "c: done"])
        }
    }

    @Test func itMayBeAClauseOfASelect() throws {
        try Scheduler.scope(clock: .virtual) {
            let log = Log()
            let (jobs, shutdown) = (Channel<Int>(), Event(name: "shutdown"))
            func choose() throws -> String {
                try select {
                    jobs.onReceive { "job \($0)" }
                    shutdown.onSet { "shutdown" }
                    after(.seconds(1)) { "time" }
                }
            }
            Tasklet { for _ in 0..<4 { log.note(try choose()) } }
            try Tasklet.schedule()
            try jobs.send(1)
            try Tasklet.sleep(for: .milliseconds(1_500))
            shutdown.set()
            try Tasklet.run()
            // A set event stays so.
            #expect(log.lines == ["job 1", "time", "shutdown", "shutdown"])
            #expect(jobs.balance == 0)
        }
    }

    @Test func aDeadlockNamesTheEventToo() throws {
        let error = #expect(throws: DeadlockError.self) {
            try Scheduler.scope {
                let (jobs, shutdown) = (Channel<Int>(name: "jobs"), Event(name: "shutdown"))
                try select {
                    jobs.onReceive { _ in }
                    shutdown.onSet {}
                }
            }
        }
        #expect(
            error?.waiters.map(\.operation) == ["receive on channel 'jobs' or wait for event 'shutdown'"]
        )
    }
}
