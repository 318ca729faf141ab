import Channels
import Synchronization
import Tasklets
import TestSupport
import Testing

/// What another thread does while the own one is at work elsewhere.
struct InboxTests {
    @Test func messagesOfOneThreadArriveInTheirOrder() throws {
        try Scheduler.scope {
            let channels = (0..<10).map { _ in Channel<Int>() }
            var order: [Int] = []
            for (number, channel) in channels.enumerated() {
                channel.share()
                Tasklet {
                    _ = try channel.receive()
                    order.append(number)
                }
            }
            try Tasklet.schedule()
            // Until it has ended this thread does not look at its inbox.
            TestThread { for channel in channels.reversed() { try! channel.send(1) } }.join()
            try Tasklet.run()
            #expect(order == (0..<10).reversed())
        }
    }

    /// Who has been met is in the queue for everybody, also before its thread has noticed.
    @Test func anOperationFromOutsideSeesWhatWasSentBefore() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            channel.share()
            let receiver = Tasklet { _ = try channel.receive() }
            try Tasklet.schedule()
            let faults = Mutex<[String]>([])
            TestThread {
                try! channel.send(1)
                if receiver.isBlocked { faults.withLock { $0.append("it is still blocked") } }
                do { try receiver.insert() } catch { faults.withLock { $0.append("insert() throws \(error)") } }
            }.join()
            #expect(faults.withLock { $0 } == [])
            try Tasklet.run()
            #expect(!receiver.isAlive)
        }
    }
}
