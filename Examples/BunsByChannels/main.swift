// The same with tasklets: a consumer waits at its channel, and runs as soon as a bun is sent.

import Channels
import Tasklets

func consumer(_ name: String) -> Channel<Int> {
    let buns = Channel<Int>()
    Tasklet(name: name) {
        print("--->starting eating buns...")
        while let bun = try buns.next() { print("[\(name)] is eating bun \(bun)") }
    }
    return buns
}

let consumers = [consumer("c1"), consumer("c2")]
try Tasklet.run()  // until both wait
for bun in 1...5 {
    for buns in consumers { try buns.send(bun) }
    print("[producer] is making bun \(bun)")
}
for buns in consumers { buns.finish() }
try Tasklet.runUntilDone()
