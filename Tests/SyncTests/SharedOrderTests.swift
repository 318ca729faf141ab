import Channels
import Sync
import Tasklets
import TestSupport
import Testing

/// Who is woken when at a line that another thread has used.
struct SharedOrderTests {
    @Test(arguments: [false, true]) func thoseWokenTogetherComeInTheOrderOfWaiting(isShared: Bool) throws {
        try Scheduler.scope {
            let event = Event()
            let never = Channel<Int>()
            if isShared { TestThread { _ = event.isSet }.join() }
            var log: [String] = []
            Tasklet {
                try event.wait()
                log.append("a")
            }
            Tasklet {
                try select {
                    event.onSet { log.append("b") }
                    never.onReceive { _ in }
                }
            }
            Tasklet {
                try event.wait()
                log.append("c")
            }
            try Tasklet.schedule()
            event.set()
            Tasklet { log.append("made later") }
            try Tasklet.run()
            #expect(log == ["a", "b", "c", "made later"])
        }
    }

    /// An element that a closed queue refuses is seen by nobody.
    @Test func aClosedQueueShowsNothing() throws {
        try Scheduler.scope {
            let queue = Queue<Int>(capacity: 2)
            var seen: [Int] = []
            Tasklet { seen.append(try queue.peek()) }
            try Tasklet.schedule()
            queue.close()
            #expect(throws: ChannelError.closed) { try queue.send(7) }
            #expect(!queue.trySend(8))
            try Tasklet.schedule()
            #expect(seen == [])
            let peeker = try #require(Scheduler.current.tasklets.last)
            try peeker.kill()
        }
    }
}
