import Channels
import Exploration
import Sync
import Tasklets
import Testing

struct TraitTests {
    @Test(.explored(.all)) func bothOrders() throws {
        let channel = Channel<Int>()
        Tasklet { try channel.send(1) }
        Tasklet { try channel.send(2) }
        let sum = try channel.receive() + channel.receive()
        #expect(sum == 3)
    }

    @Test(.tasklets) func aSchedulerOfItsOwn() throws {
        #expect(Tasklet.current.isMain)
        #expect(Scheduler.current.tasklets.count == 1)
        let channel = Channel<Int>()
        Tasklet { try channel.send(1) }
        #expect(try channel.receive() == 1)
        try Tasklet.run()
    }
}
