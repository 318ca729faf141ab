import Actors
import Channels
import Tasklets
import Testing

/// An inbox, and a tasklet that handles one message after the other.
struct ActorTests {
    private enum Order {
        case deposit(Int)
        case balance(Promise<Int>)
        case fail
    }

    private struct Broken: Error {}

    private final class Log {
        var lines: [String] = []
    }

    private final class Account: Actor<Order> {
        let log: Log
        private var balance = 0

        init(name: String, log: Log) throws {
            self.log = log
            try super.init(name: name)
        }

        override func handle(_ order: Order) throws {
            switch order {
            case .deposit(let amount):
                log.lines.append("begin \(amount)")
                try Tasklet.schedule()
                balance += amount
                log.lines.append("end \(amount)")
            case .balance(let answer): answer.fulfill(balance)
            case .fail: throw Broken()
            }
        }
    }

    @Test func oneMessageAfterTheOther() throws {
        try Scheduler.scope {
            let log = Log()
            let account = try Account(name: "account", log: log)
            for amount in 1...3 { Tasklet { try account.tell(.deposit(amount)) } }
            try Tasklet.run()
            #expect(log.lines == ["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"])
            let balance = Promise<Int>()
            try account.tell(.balance(balance))
            #expect(try balance.value() == 6)
        }
    }

    /// What has been sent before is handled; afterwards nothing is taken.
    @Test func whoIsStoppedHandlesWhatWaits() throws {
        try Scheduler.scope {
            let log = Log()
            let account = try Account(name: "account", log: log)
            for amount in 1...2 { Tasklet { try account.tell(.deposit(amount)) } }
            Tasklet { account.stop() }
            try Tasklet.runUntilDone()
            #expect(log.lines == ["begin 1", "end 1", "begin 2", "end 2"])
            #expect(!account.tasklet.isAlive)
            #expect(throws: ChannelError.closed) { try account.tell(.deposit(3)) }
        }
    }

    @Test func anErrorEndsTheActorAndComesOut() throws {
        try Scheduler.scope {
            let account = try Account(name: "account", log: Log())
            Tasklet { try account.tell(.fail) }
            #expect(throws: Broken.self) { try Tasklet.run() }
            #expect(!account.tasklet.isAlive)
        }
    }

    @Test func itKeepsItselfAliveUntilItsEnd() throws {
        try Scheduler.scope {
            weak var witness: Account?
            var inbox: Channel<Order>?
            do {
                let account = try Account(name: "account", log: Log())
                witness = account
                inbox = account.inbox
            }
            try inbox?.send(.deposit(1))
            #expect(witness != nil)
            inbox?.finish()
            try Tasklet.runUntilDone()
            #expect(witness == nil)
        }
    }

    /// Two that tell each other something while they handle a message.
    private final class Partner: Actor<Int> {
        weak var other: Partner?

        override func handle(_ message: Int) throws {
            try Tasklet.schedule()
            try other?.tell(message)
        }
    }

    @Test func aDeadlockNamesBoth() throws {
        try Scheduler.scope {
            let (one, other) = (try Partner(name: "one"), try Partner(name: "other"))
            (one.other, other.other) = (other, one)
            Tasklet { try one.tell(1) }
            Tasklet { try other.tell(1) }
            let error = try #require(throws: DeadlockError.self) { try Tasklet.runUntilDone() }
            let waiters = error.waiters.map(\.description)
            for (name, partner) in [("one", "other"), ("other", "one")] {
                #expect(waiters.contains { $0.contains("'\(name)'") && $0.contains("send on channel '\(partner)'") })
            }
        }
    }

    private final class Silent: Actor<Int> {}

    @Test func anActorThatHandlesNothingEndsTheProcess() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Scheduler.scope { try Silent(name: "silent").tell(1) }
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("Silent has no handle(_:); override it"), "\(message)")
    }
}
