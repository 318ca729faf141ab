import Channels
import Exploration
import Sync
import Tasklets
import Testing

/// The wakes between schedulers, in all orders in which two threads could come to them. The programs are small: each operation on
/// something shared has several places at which another thread may come in.
struct HostWakeTests {
    /// Explores a program that makes hosts and returns what has happened when they have ended.
    private func outcomes(
        _ search: Search = .all,
        budget: Budget = .schedules(50_000),
        time: TimeModel = .whenIdle,
        _ program: (_ note: @escaping (String) -> Void) throws -> Void
    ) throws -> Set<String> {
        var seen: Set<String> = []
        let found = try explore(search, budget: budget, time: time) {
            var notes: [String] = []
            try program { notes.append($0) }
            try Tasklet.runUntilDone()
            seen.insert(notes.sorted().joined(separator: " "))
        }
        #expect(found.failures.isEmpty)
        if case .all = search { #expect(found.isComplete, "\(found)") }
        // It is more than the two orders in which hosts may begin.
        #expect(found.schedules > 20, "\(found)")
        return seen
    }

    // MARK: All orders

    @Test func aMessage() throws {
        let seen = try outcomes { note in
            let numbers = Channel<Int>(name: "numbers")
            ExploredHost(name: "sender") { try numbers.send(1) }
            ExploredHost(name: "receiver") { note("\(try numbers.receive())") }
        }
        #expect(seen == ["1"])
    }

    @Test func anAttemptToSend() throws {
        let seen = try outcomes { note in
            let numbers = Channel<Int>(name: "numbers")
            ExploredHost(name: "sender") {
                note(numbers.trySend(1) ? "sent" : "refused")
                numbers.finish()
            }
            ExploredHost(name: "receiver") { note((try numbers.next()).map { "got \($0)" } ?? "end") }
        }
        #expect(seen == ["got 1 sent", "end refused"])
    }

    @Test func anEvent() throws {
        let seen = try outcomes { note in
            let event = Event(name: "ready")
            ExploredHost(name: "waiter") {
                try event.wait()
                note("woken")
            }
            ExploredHost(name: "setter") { event.set() }
        }
        #expect(seen == ["woken"])
    }

    @Test func aLock() throws {
        var inside = 0
        let seen = try outcomes { note in
            inside = 0
            let lock = Lock(name: "x")
            for name in ["a", "b"] {
                ExploredHost(name: name) {
                    try lock.withLock {
                        inside += 1
                        try Tasklet.schedule()
                        note("\(inside)")
                        inside -= 1
                    }
                }
            }
        }
        #expect(seen == ["1 1"])
    }

    @Test func aQueue() throws {
        let seen = try outcomes { note in
            let queue = Queue<Int>(capacity: 1, name: "jobs")
            ExploredHost(name: "sender") { for number in 1...2 { try queue.send(number) } }
            ExploredHost(name: "receiver") { for place in 1...2 { note("\(place):\(try queue.receive())") } }
        }
        #expect(seen == ["1:1 2:2"])
    }

    /// Through the gate of the other scheduler: one that sleeps is woken at once.
    @Test func aTaskletIsInserted() throws {
        let seen = try outcomes { note in
            let made = Event(name: "made")
            var paused: Tasklet?
            let begin = Scheduler.current.now
            ExploredHost(name: "owner") {
                let tasklet = Tasklet(scheduled: false) { note("after \(begin.duration(to: Scheduler.current.now))") }
                paused = tasklet
                made.set()
                try Tasklet.sleep(for: .seconds(1))
            }
            ExploredHost(name: "other") {
                try made.wait()
                try paused?.insert()
                paused = nil
            }
        }
        #expect(seen == ["after 0.0 seconds"])
    }

    // MARK: Up to three departures: what one thread does in the middle of another one's operation

    /// Each sends to the other, or receives from it: both are taken, or none.
    @Test func twoSelectsThatMeet() throws {
        let seen = try outcomes(.departures(upTo: 3)) { note in
            let (a, b) = (Channel<Int>(name: "a"), Channel<Int>(name: "b"))
            ExploredHost(name: "first") {
                try select {
                    a.onSend(1) { note("sent a") }
                    b.onReceive { note("got b \($0)") }
                }
            }
            ExploredHost(name: "second") {
                try select {
                    b.onSend(2) { note("sent b") }
                    a.onReceive { note("got a \($0)") }
                }
            }
        }
        #expect(seen == ["got a 1 sent a", "got b 2 sent b"])
    }

    /// Two threads wake two entries of one wait.
    @Test func twoMeetOneSelect() throws {
        let seen = try outcomes(.departures(upTo: 2)) { note in
            let (a, b) = (Channel<Int>(name: "a"), Channel<Int>(name: "b"))
            ExploredHost(name: "receiver") {
                for place in 1...2 {
                    try select {
                        a.onReceive { note("\(place):a\($0)") }
                        b.onReceive { note("\(place):b\($0)") }
                    }
                }
            }
            ExploredHost(name: "first") { try a.send(1) }
            ExploredHost(name: "second") { try b.send(2) }
        }
        #expect(seen == ["1:a1 2:b2", "1:b2 2:a1"])
    }

    /// A message, and a kill of its receiver from a third scheduler.
    @Test func aKillAndAMessage() throws {
        let seen = try outcomes(.departures(upTo: 2)) { note in
            let numbers = Channel<Int>(name: "numbers")
            let made = Event(name: "made")
            var receiver: Tasklet?
            ExploredHost(name: "owner") {
                receiver = Tasklet(name: "receiver") {
                    do { note("got \(try numbers.receive())") } catch {
                        note("killed")
                        throw error
                    }
                }
                made.set()
                try Tasklet.runUntilDone()
            }
            ExploredHost(name: "sender") { if numbers.trySend(1) { note("sent") } }
            ExploredHost(name: "killer") {
                try made.wait()
                try receiver?.kill()
            }
        }
        // A message to one that is killed before its turn is lost, as between tasklets of one thread.
        #expect(seen == ["killed", "killed sent", "got 1 sent"])
    }

    /// A permit that is handed over to one who is killed goes on to the next.
    @Test func aKillAndAPermit() throws {
        let seen = try outcomes(.departures(upTo: 2)) { note in
            let permits = Semaphore(0, name: "permits")
            let made = Event(name: "made")
            var first: Tasklet?
            ExploredHost(name: "owner") {
                first = Tasklet {
                    try permits.acquire()
                    note("first")
                    permits.release()
                }
                made.set()
                try Tasklet.runUntilDone()
            }
            ExploredHost(name: "killer") {
                try made.wait()
                try first?.kill()
            }
            ExploredHost(name: "releaser") {
                permits.release()
                try permits.acquire()
                note("again")
            }
        }
        #expect(seen == ["again", "again first"])
    }

    /// Each side hears the same of whether the message was taken in time.
    @Test func aTimeoutAndAMessage() throws {
        let seen = try outcomes(.departures(upTo: 3), time: .anytime) { note in
            let numbers = Channel<Int>(name: "numbers")
            ExploredHost(name: "receiver") {
                note(try numbers.receive(within: .seconds(1)).map { "got \($0)" } ?? "late")
            }
            ExploredHost(name: "sender") { note(try numbers.send(1, within: .seconds(1)) ? "sent" : "unsent") }
        }
        #expect(seen == ["got 1 sent", "late unsent"])
    }
}
