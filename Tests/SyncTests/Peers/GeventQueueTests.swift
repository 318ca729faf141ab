import Channels
import Sync
import Tasklets
import Testing

/// What gevent's users rely on in queues and channels. docs/PeerCases.md lists all cases.
struct GeventQueueTests {
    private let log = Log()

    // MARK: Operations that never wait

    /// The end handler of a tasklet must not switch, as a callback of gevent's loop must not.
    @Test func tryWorksWhereNothingMaySwitch() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>(capacity: 1)
            var sent: [Bool] = []
            Tasklet {}.onEnd { sent = [queue.trySend(2), queue.trySend(3)] }
            try Tasklet.run()
            #expect(sent == [true, false])
            var received: [Int?] = []
            Tasklet {}.onEnd { received = [try? queue.tryReceive(), try? queue.tryReceive()] }
            try Tasklet.run()
            #expect(received == [2, nil])
        }
    }

    @Test func tryServesThoseThatWait() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>(capacity: 1)
            let receiver = Tasklet.spawn { try queue.receive() }
            try Tasklet.schedule()
            Tasklet {}.onEnd { queue.trySend(10) }
            #expect(try receiver.value() == 10)
            #expect(queue.count == 0)

            try queue.send(1)
            let sender = Tasklet.spawn { try queue.send(2) }
            try Tasklet.schedule()
            var received: Int?
            Tasklet {}.onEnd { received = try? queue.tryReceive() }
            try sender.value()
            #expect(received == 1)
            #expect(try queue.receive() == 2)
        }
    }

    // MARK: Those that give up

    @Test func aReceiverWhoseTimeIsUpTakesNothing() throws {
        try withVirtualTime { () throws -> Void in
            let queue = Queue<String>(capacity: 1)
            Tasklet {
                log.note("receiver") {
                    try withTimeout(.zero, throwing: Interruption()) { log.note(try queue.receive()) }
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["receiver: Interruption()"])
            try queue.send("kept")
            #expect(try queue.receive() == "kept")
        }
    }

    @Test func ofTwoReceiversOneGivesUp() throws {
        try withVirtualTime { () throws -> Void in
            let queue = Queue<String>()
            Tasklet {
                log.note("short") {
                    try withTimeout(.milliseconds(1), throwing: Interruption()) { _ = try queue.receive() }
                }
            }
            Tasklet { log.note("long") { log.note(try queue.receive()) } }
            try Tasklet.sleep(for: .milliseconds(100))
            try queue.send("value")
            try Tasklet.run()
            #expect(log.lines == ["short: Interruption()", "value", "long: done"])
        }
    }

    @Test func whenAllReceiversHaveGivenUpTheElementStays() throws {
        try withVirtualTime { () throws -> Void in
            let queue = Queue<String>()
            let waits = (0..<2).map { _ in Tasklet.spawn { try queue.receive(within: .milliseconds(1)) } }
            #expect(try Promise.all(waits) == [nil, nil])
            try queue.send("value")
            #expect(queue.count == 1)
            #expect(try queue.receive() == "value")
        }
    }

    @Test func anElementOutlivesItsSender() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<String>(capacity: 1)
            let sender = Tasklet { try queue.send("sent") }
            try Tasklet.run()
            #expect(!sender.isAlive)
            #expect(try queue.receive() == "sent")
        }
    }

    /// As many have a result as elements were sent.
    @Test func eachElementServesOneReceiver() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>()
            let receivers = (0..<4).map { _ in Tasklet.spawn { try queue.receive() } }
            try Tasklet.schedule()
            var served: [Int] = []
            for number in 0..<4 {
                try queue.send(number)
                try Tasklet.schedule()
                served.append(receivers.count { $0.result != nil })
            }
            #expect(served == [1, 2, 3, 4])
            #expect(try Promise.all(receivers) == [0, 1, 2, 3])
        }
    }

    // MARK: Time limits

    /// A receive and a send that wait for a time only say so by their result, after exactly that time.
    @Test(arguments: ["fifo", "lifo", "priority", "channel"])
    func aWaitForATimeOnlyTellsThatItIsUp(kind: String) throws {
        try withVirtualTime { () throws -> Void in
            if kind == "channel" {
                let channel = Channel<Int>()
                #expect(try channel.receive(within: .milliseconds(10)) == nil)
                #expect(try !channel.send(1, within: .milliseconds(10)))
            } else {
                let orders: [String: Queue<Int>.Order] = ["fifo": .fifo, "lifo": .lifo, "priority": .priority { $0 }]
                let queue = Queue<Int>(capacity: 1, order: orders[kind]!)
                #expect(try queue.receive(within: .milliseconds(10)) == nil)
                try queue.send(1)
                #expect(try !queue.send(2, within: .milliseconds(10)))
                #expect(queue.count == 1)
                #expect(try queue.receive() == 1)
            }
            #expect(milliseconds() == 20)
        }
    }

    /// The limit of the block around it comes first, and is not taken for the time of the wait.
    @Test func theTimeOfTheBlockAroundEndsAWaitForATimeOnly() throws {
        let long = Duration.seconds(1)
        let waits: [String: () throws -> Void] = [
            "queue, receive": { _ = try Queue<Int>().receive(within: long) },
            "queue, send": {
                let queue = Queue<Int>(capacity: 1)
                try queue.send(1)
                try queue.send(2, within: long)
            },
            "channel, receive": { _ = try Channel<Int>().receive(within: long) },
            "channel, send": { try Channel<Int>().send(1, within: long) },
            "promise": { _ = try Promise<Int>().value(within: long) },
            "all promises": { _ = try Promise.all([Promise<Int>(), Promise<Int>()], within: long) },
            "first promise": { _ = try Promise.first(of: [Promise<Int>(), Promise<Int>()], within: long) },
            "select": {
                let event = Event()
                try select {
                    event.onSet {}
                    after(long) {}
                }
            },
            "block": { try withTimeout(long, orElse: ()) { try Semaphore(0).acquire() } },
        ]
        for (name, wait) in waits {
            try withVirtualTime { () throws -> Void in
                #expect(throws: Interruption.self, "\(name)") {
                    try withTimeout(.milliseconds(1), throwing: Interruption(), wait)
                }
                #expect(milliseconds() == 1, "\(name)")
            }
        }
    }

    @Test func aPeekInVainIsADeadlock() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>(name: "empty")
            let error = try #require(throws: DeadlockError.self) { try queue.peek() }
            #expect(error.waiters.map(\.description) == ["tasklet 'main' waits in peek on queue 'empty'"])
            #expect(queue.line.first == nil)
        }
    }

    // MARK: Work that is done, and the end

    @Test func withoutWorkJoinReturnsAtOnce() throws {
        try Scheduler.scope { () throws -> Void in
            Tasklet { log.note("another") }
            try Queue<Int>().join()
            #expect(log.lines.isEmpty, "it has not given way")
            let queue = Queue<Int>(capacity: 1)
            Tasklet { try queue.send(1) }
            #expect(try queue.receive() == 1)
            #expect(queue.unfinished == 1)
            queue.taskDone()
            #expect(queue.unfinished == 0)
            try queue.join()
        }
    }

    @Test(arguments: ["fifo", "lifo", "priority"]) func aFinishedQueueGivesWhatIsInside(order: String) throws {
        try withVirtualTime { () throws -> Void in
            let orders: [String: Queue<String>.Order] = ["fifo": .fifo, "lifo": .lifo, "priority": .priority(\.count)]
            let queue = Queue<String>(order: orders[order]!)
            try queue.send("L")
            #expect(queue.trySend("O"))
            queue.finish()
            queue.finish()
            #expect(throws: ChannelError.closed) { try queue.send("E") }
            #expect(!queue.trySend("W"))
            #expect(throws: ChannelError.closed) { try queue.send("W", within: .seconds(1)) }
            for _ in 0..<2 {
                #expect(["L", "O"].contains(try queue.receive()))
                queue.taskDone()
            }
            try queue.join()
            #expect(throws: ChannelError.closed) { try queue.receive() }
            #expect(throws: ChannelError.closed) { try queue.tryReceive() }
            #expect(throws: ChannelError.closed) { try queue.receive(within: .seconds(1)) }
            #expect(throws: ChannelError.closed) { try queue.peek() }
            #expect(milliseconds() == 0)
        }
    }

    /// What gevent's immediate shutdown does: those that join go on although the work was dropped.
    @Test func aFinishedQueueMayBeEmptiedAtOnce() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<String>()
            try queue.send(contentsOf: ["L", "O"])
            Tasklet { log.note("join") { try queue.join() } }
            try Tasklet.schedule()
            queue.finish()
            while try queue.next() != nil { queue.taskDone() }
            try Tasklet.run()
            #expect(log.lines == ["join: done"])
            #expect(queue.isClosed)
        }
    }

    // MARK: Channels

    /// The sender and the receiver take turns in the order that gevent's have.
    @Test func twoThatMeetTakeTurns() throws {
        try Scheduler.scope { () throws -> Void in
            let channel = Channel<String>()
            Tasklet { for _ in 1...2 { log.note(try channel.receive()) } }
            log.note("sending")
            try channel.send("hello")
            log.note("sent hello")
            try channel.send("world")
            log.note("sent world")
            #expect(log.take() == ["sending", "hello", "sent hello", "world", "sent world"])

            Tasklet {
                for word in ["hello", "world"] {
                    log.note("sending \(word)")
                    try channel.send(word)
                }
                log.note("sent world")
            }
            log.note("waiting")
            for _ in 1...2 { log.note(try channel.receive()) }
            #expect(log.lines == ["waiting", "sending hello", "hello", "sending world", "world"])
            try Tasklet.schedule()
            #expect(log.lines.last == "sent world")
        }
    }

    @Test func aSenderGoesOnWhenItHasBeenReceived() throws {
        try Scheduler.scope { () throws -> Void in
            let channel = Channel<String>()
            let sender = Tasklet.spawn { try channel.send("hi") }
            try Tasklet.schedule()
            #expect(sender.result == nil)
            #expect(channel.balance == 1)
            let receiver = Tasklet.spawn { try channel.receive() }
            #expect(try receiver.value() == "hi")
            try sender.value()
            #expect(channel.balance == 0)
        }
    }

    /// Where gevent puts StopIteration into a channel.
    @Test func finishEndsALoopThatReceives() throws {
        try Scheduler.scope { () throws -> Void in
            let channel = Channel<Int>()
            Tasklet { channel.finish() }
            var received: [Int] = []
            while let number = try channel.next() { received.append(number) }
            #expect(received.isEmpty)
        }
    }
}
