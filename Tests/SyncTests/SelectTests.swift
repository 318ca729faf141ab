import Channels
import Sync
import Tasklets
import TestSupport
import Testing

/// The clauses of queues and semaphores, event by event.
struct SelectTests {
    @Test func anElementInsideIsTakenAtOnce() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            let log = Log()
            try queue.send(1)
            Tasklet {
                try queue.send(2)
                log.note("sent 2")
            }
            try Tasklet.schedule()
            try select {
                queue.onReceive { log.note("received \($0)") }
                otherwise { log.note("nothing") }
            }
            // The sender had been waiting for the room.
            #expect(queue.count == 1)
            try Tasklet.run()
            #expect(log.lines == ["received 1", "sent 2"])
        }
    }

    @Test func theFirstListedThatIsReadyIsChosen() throws {
        try Scheduler.scope {
            let (empty, full) = (Queue<Int>(), Queue<Int>(capacity: 1))
            let slots = Semaphore(1)
            try full.send(1)
            let chosen = try select {
                empty.onReceive { _ in "receive" }
                full.onSend(2) { "send" }
                slots.onAcquire { "acquire" }
                full.onReceive { _ in "receive from the full one" }
            }
            #expect(chosen == "acquire")
            #expect(slots.available == 0)
            #expect(full.count == 1)
        }
    }

    @Test func aSelectWaitsInLineWithTheOthers() throws {
        try Scheduler.scope {
            let (queue, other) = (Queue<Int>(), Queue<Int>())
            let log = Log()
            Tasklet { log.note("a \(try queue.receive())") }
            Tasklet {
                try select {
                    other.onReceive { log.note("b from the other \($0)") }
                    queue.onReceive { log.note("b \($0)") }
                }
            }
            Tasklet { log.note("c \(try queue.receive())") }
            try Tasklet.run()
            for number in 1...3 { try queue.send(number) }
            try Tasklet.run()
            #expect(log.lines == ["a 1", "b 2", "c 3"])
            #expect(other.line.fields.count == 0)
        }
    }

    @Test func aReceiverGetsWhatASelectSends() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            let stop = Event()
            let log = Log()
            try queue.send(1)
            Tasklet {
                try select {
                    stop.onSet { log.note("stop") }
                    queue.onSend(2) { log.note("sent") }
                }
            }
            try Tasklet.run()
            #expect(try queue.receive() == 1)
            #expect(queue.count == 1)
            #expect(queue.unfinished == 2)
            try Tasklet.run()
            #expect(try queue.receive() == 2)
            #expect(log.lines == ["sent"])
            #expect(stop.line.fields.count == 0)
        }
    }

    @Test func aSendThatWasNotChosenLeavesNothing() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope {
            let queue = Queue<Tracked>(capacity: 1)
            try queue.send(Tracked(counter))
            let stop = Event()
            Tasklet {
                try select {
                    queue.onSend(Tracked(counter)) { _ = Issue.record("sent") }
                    stop.onSet {}
                }
                #expect(counter.count == 1)
            }
            try Tasklet.run()
            stop.set()
            try Tasklet.run()
            #expect(queue.count == 1)
        }
        #expect(counter.count == 0)
    }

    @Test func ranksHoldForClausesToo() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 2, order: .priority { -$0 })
            try queue.send(contentsOf: [1, 2])
            Tasklet { try select { queue.onSend(3) {} } }
            try Tasklet.run()
            #expect(try queue.receive() == 2)
            #expect(try queue.receive() == 3)
        }
    }

    @Test func anElementOfAKilledSelectGoesToTheNext() throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            let stop = Event()
            let log = Log()
            let first = Tasklet {
                try select {
                    stop.onSet {}
                    queue.onNext { log.note("first \(String(describing: $0))") }
                }
            }
            Tasklet { log.note("second \(try queue.receive())") }
            try Tasklet.run()
            try queue.send(1)
            try first.kill(pending: true)
            try Tasklet.run()
            #expect(log.lines == ["second 1"])
            #expect(queue.count == 0)
        }
    }

    @Test func anElementOfAKilledSelectGoesBackToItsPlace() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            let waiter = Tasklet { try select { queue.onReceive { _ in } } }
            try Tasklet.run()
            try queue.send(1)
            try queue.send(2)
            try waiter.kill()
            #expect(queue.count == 2)
            #expect(try queue.receive() == 1)
            #expect(try queue.receive() == 2)
        }
    }

    @Test func aPermitOfAKilledSelectGoesToTheNext() throws {
        try Scheduler.scope {
            let slots = Semaphore(0)
            let stop = Event()
            let log = Log()
            let first = Tasklet {
                try select {
                    stop.onSet {}
                    slots.onAcquire { log.note("first") }
                }
            }
            Tasklet {
                try slots.acquire()
                log.note("second")
            }
            try Tasklet.run()
            slots.release()
            #expect(slots.available == 0)
            try first.kill(pending: true)
            try Tasklet.run()
            #expect(log.lines == ["second"])
            #expect(slots.available == 0)
        }
    }

    @Test func aCancellationAfterTheHandOverChangesNothing() throws {
        try Scheduler.scope {
            let (queue, slots) = (Queue<Int>(), Semaphore(0))
            let log = Log()
            let receiver = Tasklet {
                try select { queue.onReceive { log.note("received \($0)") } }
                log.note("again") { try select { queue.onReceive { _ in } } }
            }
            let taker = Tasklet { try select { slots.onAcquire { log.note("acquired") } } }
            try Tasklet.run()
            try queue.send(1)
            slots.release()
            receiver.cancel()
            taker.cancel()
            try Tasklet.run()
            #expect(log.lines == ["received 1", "acquired", "again: cancelled"])
        }
    }

    @Test func aCancelledSelectLeavesAllLines() throws {
        try Scheduler.scope {
            let (queue, slots) = (Queue<Int>(), Semaphore(0))
            let log = Log()
            let waiter = Tasklet {
                log.note("select") {
                    try select {
                        queue.onReceive { _ in }
                        slots.onAcquire {}
                    }
                }
            }
            try Tasklet.run()
            waiter.cancel()
            try Tasklet.run()
            #expect(log.lines == ["select: cancelled"])
            try queue.send(1)
            slots.release()
            #expect(queue.count == 1)
            #expect(slots.available == 1)
        }
    }

    /// What comes between the end of the wait and the turn of its tasklet goes to nobody.
    @Test func aClauseThatHasLostGetsNothing() throws {
        try Scheduler.scope {
            let (queue, slots) = (Queue<Int>(), Semaphore(0))
            let stop = Event()
            let log = Log()
            Tasklet {
                try select {
                    queue.onReceive { _ in log.note("received") }
                    slots.onAcquire { log.note("acquired") }
                    stop.onSet { log.note("stopped") }
                }
            }
            try Tasklet.run()
            stop.set()
            try queue.send(1)
            slots.release()
            try Tasklet.run()
            #expect(log.lines == ["stopped"])
            #expect(queue.count == 1)
            #expect(slots.available == 1)
        }
    }

    @Test func severalClausesOfOneQueue() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            let log = Log()
            for name in ["a", "b"] {
                Tasklet {
                    try select {
                        queue.onReceive { log.note("\(name) receive \($0)") }
                        queue.onNext { log.note("\(name) next \($0 ?? 0)") }
                    }
                }
            }
            try Tasklet.run()
            try queue.send(1)
            try Tasklet.run()
            queue.finish()
            #expect(throws: ChannelError.closed) { try Tasklet.run() }
            #expect(log.lines == ["a receive 1"])
            // One of the two is always ready.
            let open = Queue<Int>(capacity: 1)
            let choices = try (0..<2).map { _ in
                try select {
                    open.onReceive { _ in "receive" }
                    open.onSend(1) { "send" }
                }
            }
            #expect(choices == ["send", "receive"])
        }
    }

    @Test func aClosedQueueIsReady() throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            try queue.send(1)
            queue.close()
            #expect(throws: ChannelError.closed) { try select { queue.onSend(2) {} } }
            #expect(try select { queue.onNext { $0 } } == 1)
            #expect(try select { queue.onNext { $0 } } == nil)
            #expect(throws: ChannelError.closed) { try select { queue.onReceive { _ in } } }
        }
    }

    @Test func finishWakesSelectsThatReceive() throws {
        try Scheduler.scope {
            let (queue, other) = (Queue<Int>(), Queue<Int>())
            let log = Log()
            Tasklet {
                log.note("receive") {
                    try select {
                        other.onReceive { _ in }
                        queue.onReceive { _ in }
                    }
                }
            }
            Tasklet { log.note("next \(String(describing: try select { queue.onNext { $0 } }))") }
            Tasklet { log.note("peek") { _ = try queue.peek() } }
            try Tasklet.run()
            queue.finish()
            try Tasklet.run()
            #expect(log.lines == ["receive: closed", "next nil", "peek: closed"])
            #expect(queue.isClosed)
            #expect(other.line.fields.count == 0)
        }
    }

    /// A closed queue takes an element only for a receiver that waits, be it a select.
    @Test func aClosedQueueTakesWhatASelectWaitsFor() throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            let log = Log()
            Tasklet { try select { queue.onReceive { log.note("received \($0)") } } }
            try Tasklet.run()
            queue.close()
            #expect(!queue.isClosed)
            #expect(try select { queue.onSend(1) { true } })
            #expect(!queue.trySend(2))
            try Tasklet.run()
            #expect(log.lines == ["received 1"])
            #expect(queue.isClosed)
        }
    }

    @Test func thoseInFrontSeeWhatASelectGets() throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            let log = Log()
            Tasklet { log.note("sees \(try queue.peek())") }
            Tasklet { try select { queue.onReceive { log.note("gets \($0)") } } }
            Tasklet { log.note("sees too \(try queue.peek())") }
            try Tasklet.run()
            try select { queue.onSend(1) {} }
            try Tasklet.run()
            #expect(log.lines == ["sees 1", "gets 1"])
            try queue.send(2)
            try Tasklet.run()
            #expect(log.lines.last == "sees too 2")
        }
    }

    @Test func withinATime() throws {
        try Scheduler.scope(clock: .virtual) {
            let queue = Queue<Int>(capacity: 1)
            #expect(try queue.receive(within: .seconds(1)) == nil)
            #expect(try queue.receive(within: .zero) == nil)
            #expect(try queue.send(1, within: .zero))
            #expect(try !queue.send(2, within: .seconds(1)))
            #expect(queue.count == 1)
            Tasklet {
                try Tasklet.sleep(for: .seconds(1))
                _ = try queue.receive()
            }
            #expect(try queue.send(3, within: .seconds(2)))
            #expect(try queue.receive(within: .seconds(1)) == 3)
            let slots = Semaphore(0)
            let hasOne = try select {
                slots.onAcquire { true }
                after(.seconds(1)) { false }
            }
            #expect(!hasOne)
            #expect(slots.line.fields.count == 0)
        }
    }

    @Test func aTimeLimitEndsASelect() throws {
        try Scheduler.scope(clock: .virtual) {
            let (queue, slots) = (Queue<Int>(), Semaphore(0))
            #expect(throws: TimeoutError.self) {
                try withTimeout(.seconds(1)) {
                    try select {
                        queue.onReceive { _ in }
                        slots.onAcquire {}
                    }
                }
            }
            #expect(queue.line.fields.count + slots.line.fields.count == 0)
        }
    }

    @Test func aDeadlockNamesAllPlaces() throws {
        let error = #expect(throws: DeadlockError.self) {
            try Scheduler.scope {
                let (jobs, results) = (Queue<Int>(name: "jobs"), Queue<Int>(capacity: 1, name: "results"))
                let slots = Semaphore(0, name: "slots")
                try results.send(1)
                try select {
                    jobs.onNext { _ in }
                    results.onSend(2) {}
                    slots.onAcquire {}
                }
            }
        }
        #expect(
            error?.waiters.map(\.operation) == [
                "receive on queue 'jobs' or send on queue 'results' or acquire of semaphore 'slots'"
            ]
        )
    }

    @Test func aFairSelectTakesTurns() throws {
        try Scheduler.scope {
            let queues = [Queue<String>(), Queue<String>()]
            for (queue, name) in zip(queues, ["a", "b"]) { try queue.send(contentsOf: [name, name]) }
            let turns = SelectRotation()
            let found = try (0..<4).map { _ in
                try select(fair: turns) {
                    queues[0].onReceive { $0 }
                    queues[1].onReceive { $0 }
                }
            }
            #expect(found == ["a", "b", "a", "b"])
        }
    }
}
