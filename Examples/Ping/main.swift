// A tasklet that receives and then sends on the same channel does not answer itself: its send waits for a receiver, and
// run() returns, since nobody is left to run.

import Channels
import Tasklets

let channel = Channel<String>(name: "ping")

let ping = Tasklet(name: "ping") {
    while true {
        _ = try channel.receive()
        print("PING")
        try channel.send("from ping")
        print("never printed")
    }
}

print("before send")
try channel.send("start")
print("send returned, senders that wait:", channel.balance)

try Tasklet.run()
print("run returned, still waiting:", channel.waiting.map(\.name))
ping.cancel()
