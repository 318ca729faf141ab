// A program that ends while tasklets of its main thread are blocked, paused, queued and not yet begun.
// Ends by returning from main, or by exit(0) when its argument is "exit".

import Channels
import Foundation
import Tasklets

func waiter(_ name: String, _ wait: @escaping () throws -> Void) -> Tasklet {
    Tasklet(name: name) {
        defer { print("\(name) finally") }
        do {
            try wait()
        } catch let exit as TaskletExit {
            print("\(name) TaskletExit")
            throw exit
        }
    }
}

// What hangs is ended by the system.
alarm(600)

let c = Channel<Int>()
// Kept, since a paused tasklet ends with its last reference.
var tasklets: [Tasklet] = []
tasklets.append(waiter("Q1") { _ = try c.receive() })
tasklets.append(waiter("Q2") { try Tasklet.scheduleRemove() })
tasklets.append(waiter("Q3") { while true { try Tasklet.schedule() } })
try Tasklet.schedule()
tasklets.append(waiter("N") { while true { try Tasklet.schedule() } })
print("main ends")
if CommandLine.arguments.dropFirst().first == "exit" { exit(0) }
