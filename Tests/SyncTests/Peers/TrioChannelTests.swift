import Channels
import Sync
import Tasklets
import Testing

/// What trio's users rely on in memory channels: queues with room, channels without. docs/PeerCases.md lists all cases.
struct TrioChannelTests {
    private let log = Log()

    @Test func aChannelWithRoomFromTheFirstToTheLast() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<String>(capacity: 2)
            #expect(queue.trySend("1"))
            try queue.send("2")
            #expect(!queue.trySend("3"))
            #expect(try queue.receive() == "1")
            #expect(try queue.tryReceive() == "2")
            #expect(try queue.tryReceive() == nil)
            #expect(queue.trySend("last"))
            queue.finish()
            #expect(throws: ChannelError.closed) { try queue.send("too late") }
            #expect(!queue.trySend("too late"))
            queue.finish()
            #expect(queue.isClosing && !queue.isClosed)
            #expect(try queue.tryReceive() == "last")
            #expect(queue.isClosed)
            for _ in 1...2 { #expect(throws: ChannelError.closed) { try queue.receive() } }
            #expect(throws: ChannelError.closed) { try queue.tryReceive() }
        }
    }

    /// There is one end for all that send: whoever knows that all have ended closes it.
    @Test(arguments: [nil, 1, 3]) func theLastOfManyProducersFinishes(capacity: Int?) throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>(capacity: capacity)
            Tasklet {
                try withTaskletGroup(of: Void.self) { group in
                    for number in 0..<10 {
                        try group.add { try queue.send(contentsOf: 3 * number..<3 * (number + 1)) }
                    }
                }
                queue.finish()
            }
            var received: [Int] = []
            while let number = try queue.next() { received.append(number) }
            #expect(received.sorted() == Array(0..<30))
        }
    }

    /// Consumers that wait are served in turn, so that each of them gets something.
    @Test func eachOfManyConsumersIsServed() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>(capacity: 1)
            var received: [Int: [Int]] = [:]
            try withTaskletGroup(of: Void.self) { group in
                for consumer in 0..<5 {
                    try group.add {
                        while let number = try queue.next() { received[consumer, default: []].append(number) }
                    }
                }
                try Tasklet.schedule()
                for number in 0..<10 { try queue.send(number) }
                queue.finish()
            }
            #expect(received.count == 5)
            #expect(received.values.flatMap { $0 }.sorted() == Array(0..<10))
            #expect(received.values.allSatisfy { $0 == $0.sorted() })
        }
    }

    /// Unlike trio's close, that of a queue loses nothing: who waits to send is served when there is room.
    @Test func closingServesSendersThatWait() throws {
        try Scheduler.scope { () throws -> Void in
            let channel = Channel<Int>()
            let queue = Queue<Int>(capacity: 1)
            try queue.send(1)
            Tasklet { log.note("channel") { try channel.send(1) } }
            Tasklet { log.note("queue") { try queue.send(2) } }
            try Tasklet.schedule()
            channel.finish()
            queue.finish()
            #expect(log.lines.isEmpty)
            #expect(try channel.next() == 1)
            #expect(try channel.next() == nil)
            #expect(try queue.next() == 1)
            #expect(try queue.next() == 2)
            #expect(try queue.next() == nil)
            try Tasklet.run()
            #expect(log.lines.sorted() == ["channel: done", "queue: done"])
        }
    }

    /// There is no end for those that receive: a sender whose receiver has failed is cancelled with their group, or reported.
    @Test func aSenderWithoutAReceiver() throws {
        try Scheduler.scope { () throws -> Void in
            let channel = Channel<Int>(name: "numbers")
            #expect(throws: Interruption.self) {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add { log.note("sender") { while true { try channel.send(1) } } }
                    try group.add {
                        _ = try channel.receive()
                        throw Interruption()
                    }
                }
            }
            #expect(log.lines == ["sender: cancelled"])
            #expect(channel.balance == 0)
            Tasklet(name: "sender") { try channel.send(1) }
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            #expect(error.waiters.map(\.description).contains { $0.contains("waits in send on channel 'numbers'") })
        }
    }

    @Test func withoutALimitNoSenderWaits() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>()
            #expect(queue.capacity == nil)
            #expect((0..<1000).allSatisfy { queue.trySend($0) })
            queue.finish()
            var received: [Int] = []
            while let number = try queue.next() { received.append(number) }
            #expect(received == Array(0..<1000))
        }
    }

    @Test func whatCanBeCounted() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>(capacity: 2)
            try queue.send(1)
            #expect(queue.count == 1)
            try withTaskletGroup(of: Void.self) { group in
                try queue.send(2)
                for number in 3...4 { try group.add { try queue.send(number) } }
                try Tasklet.schedule()
                #expect(queue.line.fields.count == 2)
                group.cancelAll()
            }
            #expect(queue.line.fields.count == 0)
            #expect(queue.count == 2, "what was waiting to be sent is lost")
            while try queue.tryReceive() != nil {}
            try withTaskletGroup(of: Void.self) { group in
                try group.add { _ = try queue.receive() }
                try Tasklet.schedule()
                #expect(queue.line.fields.count == 1)
                group.cancelAll()
            }
            #expect(queue.line.fields.count == 0)

            let channel = Channel<Int>()
            try withTaskletGroup(of: Void.self) { group in
                for number in 1...2 { try group.add { try channel.send(number) } }
                try Tasklet.schedule()
                #expect(channel.balance == 2)
                #expect(channel.waiting.count == 2)
                group.cancelAll()
            }
            #expect(channel.balance == 0)
        }
    }

    /// What one has sent oneself may be taken back, unless somebody waits for it; the same holds for room.
    @Test func nobodyTakesWhatIsMeantForOthers() throws {
        try Scheduler.scope { () throws -> Void in
            let queue = Queue<Int>(capacity: 1)
            for number in 1...2 {
                #expect(queue.trySend(number))
                #expect(try queue.tryReceive() == number)
            }
            let receiver = Tasklet.spawn { try queue.receive() }
            try Tasklet.schedule()
            #expect(queue.trySend(3))
            #expect(try queue.tryReceive() == nil)
            #expect(try receiver.value() == 3)

            #expect(queue.trySend(4))
            #expect(!queue.trySend(5))
            Tasklet { try queue.send(6) }
            try Tasklet.schedule()
            #expect(try queue.tryReceive() == 4)
            #expect(!queue.trySend(7), "the room belongs to the one that waits")
            #expect(try queue.receive() == 6)
        }
    }

    @Test func withoutRoomNothingIsKept() throws {
        try Scheduler.scope { () throws -> Void in
            let channel = Channel<Int>()
            #expect(try channel.tryReceive() == nil)
            #expect(!channel.trySend(1))
            let sender = Tasklet.spawn { try channel.send(1) }
            #expect(try channel.receive() == 1)
            try sender.value()
            #expect(try channel.tryReceive() == nil)
        }
    }
}
