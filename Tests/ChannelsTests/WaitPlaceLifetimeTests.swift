import Channels
import Tasklets
import Testing

/// A blocked tasklet keeps the channel it waits at, from its own frame.
struct WaitPlaceLifetimeTests {
    private final class Watch {
        weak var channel: Channel<Int>?

        func make() -> Channel<Int> {
            let made = Channel<Int>(name: "temporary")
            channel = made
            return made
        }
    }

    @Test func receivingFromAChannelThatNobodyElseHolds() throws {
        try Scheduler.scope {
            let watch = Watch()
            let tasklet = Tasklet { _ = try watch.make().receive() }
            try Tasklet.run()
            #expect(watch.channel != nil)
            #expect(watch.channel?.balance == -1)
            try tasklet.kill()
            #expect(watch.channel == nil)
        }
    }

    @Test func sendingToAChannelThatNobodyElseHolds() throws {
        try Scheduler.scope {
            let watch = Watch()
            let value = Tasklet { try watch.make().send(1) }
            let error = Tasklet { try watch.make().send(throwing: ChannelError.closed) }
            try Tasklet.run()
            #expect(watch.channel?.balance == 1)
            try value.kill()
            try error.kill()
            #expect(watch.channel == nil)
        }
    }
}
