import Channels
import Tasklets

let lines = Channel<String>()

Tasklet(name: "writer") {
    for n in 1...3 { try lines.send("line \(n)") }
    lines.finish()
}

Tasklet(name: "reader") {
    while let line = try lines.next() { print(line) }
}

try Tasklet.runUntilDone()
