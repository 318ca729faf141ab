import Channels
import Sync
import Tasklets
import Testing

struct QueueTests {
    private let log = Log()

    @Test func aSenderGoesOnUntilTheQueueIsFull() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 2)
            Tasklet {
                for n in 1...4 {
                    try queue.send(n)
                    log.note("sent \(n)")
                }
                queue.finish()
            }
            Tasklet {
                while let n = try queue.next() { log.note("got \(n)") }
                log.note("end")
            }
            try Tasklet.run()
            #expect(
                log.lines == [
                    "sent 1", "sent 2", "got 1", "got 2", "got 3", "sent 3", "sent 4", "got 4", "end",
                ]
            )
            #expect(queue.isClosed)
        }
    }

    @Test func aProducerAndAConsumerOfOnePlaceTakeTurns() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            Tasklet {
                for n in 0...2 {
                    log.note("put \(n)")
                    try queue.send(n)
                }
            }
            Tasklet { for _ in 0...2 { log.note("got \(try queue.receive())") } }
            try Tasklet.run()
            #expect(log.lines == ["put 0", "put 1", "got 0", "got 1", "put 2", "got 2"])
        }
    }

    @Test(arguments: [("fifo", [3, 1, 4, 1, 5]), ("lifo", [5, 1, 4, 1, 3]), ("priority", [1, 1, 3, 4, 5])])
    func elementsLeaveInTheOrderOfTheQueue(name: String, expected: [Int]) throws {
        try Scheduler.scope {
            let orders: [String: Queue<Int>.Order] = ["fifo": .fifo, "lifo": .lifo, "priority": .priority { $0 }]
            let queue = Queue<Int>(order: orders[name]!)
            #expect(try queue.send(contentsOf: [3, 1, 4, 1, 5]) == 5)
            #expect(try queue.peek() == expected[0])
            #expect(queue.count == 5)
            queue.finish()
            var received: [Int] = []
            while let element = try queue.next() { received.append(element) }
            #expect(received == expected)
        }
    }

    @Test func elementsOfOneRankLeaveInTheOrderOfTheirComing() throws {
        try Scheduler.scope {
            let queue = Queue<String>(order: .priority { $0.count })
            try queue.send(contentsOf: ["one", "a", "two", "b", "six", "c"])
            queue.finish()
            while let element = try queue.next() { log.note(element) }
            #expect(log.lines == ["a", "b", "c", "one", "two", "six"])
        }
    }

    /// The element is handed over: nobody who comes later gets it.
    @Test func aReceiverThatWaitsGetsItsElement() throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            for name in ["a", "b"] { Tasklet { log.note("\(name) \(try queue.receive())") } }
            try Tasklet.schedule()
            try queue.send(contentsOf: 1...3)
            #expect(queue.count == 1)
            #expect(try queue.receive() == 3)
            #expect(log.lines == [])
            try Tasklet.run()
            #expect(log.lines == ["a 1", "b 2"])
        }
    }

    @Test func peekWaitsAndLeavesTheElement() throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            Tasklet { log.note("saw \(try queue.peek())") }
            Tasklet { log.note("got \(try queue.receive())") }
            Tasklet { log.note("saw \(try queue.peek())") }
            try Tasklet.schedule()
            try queue.send(1)
            try queue.send(2)
            #expect(queue.count == 1)
            try Tasklet.run()
            #expect(log.lines == ["saw 1", "got 1", "saw 2"])
            #expect(try queue.receive() == 2)
        }
    }

    @Test func tryNeverWaits() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1, name: "queue")
            #expect(queue.name == "queue")
            #expect(queue.capacity == 1)
            #expect(try queue.tryReceive() == nil)
            #expect(queue.trySend(1))
            #expect(!queue.trySend(2))
            Tasklet { try queue.send(3) }
            try Tasklet.schedule()
            #expect(try queue.tryReceive() == 1)
            #expect(queue.count == 1)
            queue.close()
            #expect(!queue.trySend(4))
            #expect(try queue.tryReceive() == 3)
            #expect(throws: ChannelError.closed) { try queue.tryReceive() }
            try Tasklet.run()
        }
    }

    // MARK: The end

    @Test func finishWakesReceiversAndServesSenders() throws {
        try Scheduler.scope {
            let empty = Queue<Int>()
            Tasklet { log.note("receive: \(String(describing: try? empty.receive()))") }
            Tasklet { log.note("next: \(String(describing: try empty.next()))") }
            Tasklet { log.note("peek") { _ = try empty.peek() } }
            try Tasklet.schedule()
            empty.finish()
            #expect(empty.isClosing)
            try Tasklet.run()
            #expect(log.take() == ["receive: nil", "next: nil", "peek: closed"])

            let full = Queue<Int>(capacity: 1)
            for n in 1...3 { Tasklet { log.note("send \(n)") { try full.send(n) } } }
            try Tasklet.run()
            full.finish()
            #expect(throws: ChannelError.closed) { try full.send(4) }
            #expect(!full.isClosed)
            while let n = try full.next() { log.note("got \(n)") }
            #expect(full.isClosed)
            try Tasklet.run()
            #expect(log.lines == ["send 1: done", "got 1", "got 2", "got 3", "send 2: done", "send 3: done"])
            #expect(throws: ChannelError.closed) { try full.receive() }
        }
    }

    @Test func closeWakesNobody() throws {
        try Scheduler.scope {
            let queue = Queue<Int>()
            Tasklet { log.note("got \(try queue.receive())") }
            try Tasklet.schedule()
            queue.close()
            try Tasklet.run()
            #expect(log.lines == [])
            try queue.send(1)
            #expect(throws: ChannelError.closed) { try queue.send(2) }
            try Tasklet.run()
            #expect(log.lines == ["got 1"])
        }
    }

    // MARK: Work that is done

    @Test func joinWaitsUntilAllIsDone() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            try queue.join()
            Tasklet { try queue.send(contentsOf: 1...3) }
            try Tasklet.schedule()
            for name in ["a", "b"] { Tasklet { log.note(name) { try queue.join() } } }
            Tasklet {
                for _ in 1...3 {
                    let element = try queue.receive()
                    try Tasklet.schedule()
                    log.note("did \(element)")
                    queue.taskDone()
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["did 1", "did 2", "did 3", "a: done", "b: done"])
        }
    }

    /// Those that wait in join() stand in the same line as the others, and hold up none of them.
    @Test func thoseThatJoinHoldUpNobody() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 1)
            try queue.send(1)
            Tasklet { log.note("join") { try queue.join() } }
            Tasklet { log.note("send 2") { try queue.send(2) } }
            try Tasklet.schedule()
            #expect(try queue.receive() == 1)
            #expect(try queue.receive() == 2)
            Tasklet { log.note("got \(try queue.receive())") }
            try Tasklet.run()
            try queue.send(3)
            for _ in 1...3 { queue.taskDone() }
            try Tasklet.run()
            #expect(log.lines == ["send 2: done", "got 3", "join: done"])
        }
    }
}
