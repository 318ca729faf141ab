// A program that ends while tasklets of its main thread are blocked, paused, queued and not yet begun.
// Ends by returning from main, or by exit(0) when its argument is "exit".

import Channels
import Foundation
import Tasklets

func waiter(_ name: String, _ wait: @escaping () throws -> Void) {
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

func main() throws {
    let c = Channel<Int>()
    waiter("Q1") { _ = try c.receive() }
    waiter("Q2") { try Tasklet.scheduleRemove() }
    waiter("Q3") { while true { try Tasklet.schedule() } }
    try Tasklet.schedule()
    waiter("N") { while true { try Tasklet.schedule() } }
    print("main ends")
}

try main()
if CommandLine.arguments.dropFirst().first == "exit" { exit(0) }
