// The receiver goes on inside the sender's send(); the sender goes to the end of the queue, behind the third tasklet.

import Channels
import Tasklets

let channel = Channel<String>()

Tasklet(name: "receiving") {
    print("receiving: started")
    print("receiving: got", try channel.receive())
    print("receiving: finished")
}

Tasklet(name: "sending") {
    print("sending: started")
    try channel.send("a greeting from sending")
    print("sending: finished")
}

Tasklet(name: "another") {
    print("another: it is my turn before sending goes on")
}

try Tasklet.runUntilDone()
print("run returned")
