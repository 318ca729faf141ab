// An actor is a tasklet with an inbox. Two of them send each other a million messages. The one that has had enough asks the
// other to end by a message; a third, which listens for nothing, is ended from outside.

import Channels
import Tasklets

enum Message {
    case ball(Int, from: Actor)
    case end
}

class Actor {
    private let inbox = Channel<Message>()
    private(set) var tasklet: Tasklet!

    init(name: String) {
        tasklet = Tasklet(name: name) {
            defer { print(name, "has ended") }
            while case let message = try self.inbox.receive() {
                guard case .ball(let number, let sender) = message else { break }
                try self.play(number, with: sender)
            }
        }
    }

    func send(_ message: Message) throws { try inbox.send(message) }

    func play(_ number: Int, with partner: Actor) throws {}
}

final class Player: Actor {
    let last: Int
    private var hits = 0

    init(name: String, last: Int) {
        self.last = last
        super.init(name: name)
    }

    override func play(_ number: Int, with partner: Actor) throws {
        hits += 1
        if number < last {
            try partner.send(.ball(number + 1, from: self))
        } else {
            print(tasklet.name, "got message", number, "after", hits, "hits")
            try partner.send(.end)
            throw TaskletExit()
        }
    }
}

let ping = Player(name: "ping", last: 1_000_000)
let pong = Player(name: "pong", last: 1_000_000)
let onlooker = Actor(name: "onlooker")

Tasklet(name: "referee") { try ping.send(.ball(1, from: pong)) }
try Tasklet.run()
try onlooker.tasklet.kill()
