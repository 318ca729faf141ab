// A program that ends while tasklets of its main thread are blocked, paused, queued and not yet begun.
// Ends by returning from main, or by exit(0) when its argument is "exit".
//
// With the argument "left", too, which has the tasklets in schedulers that the main thread has left; "left-inside" has it
// end in one of them.

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

/// Ends the program with a tasklet in each of two schedulers that have been left.
///
/// - Parameter isInside: whether it ends inside of a third one.
func endWithSchedulersLeft(isInside: Bool) throws -> Never {
    let schedulers = (1...3).map { _ in HeldScheduler() }
    // Never released: else the last use, before the end of the program, would end them.
    for scheduler in schedulers { _ = unsafe Unmanaged.passRetained(scheduler) }
    for (number, scheduler) in schedulers.enumerated() {
        try scheduler.enter {
            _ = waiter("L\(number + 1)") { _ = try Channel<Int>().receive() }
            _ = Tasklet(name: "driven") { try Tasklet.main.run() }
            try Tasklet.run()
        }
    }
    print("main ends")
    if isInside { schedulers[1].enter { exit(0) } }
    exit(0)
}

switch CommandLine.arguments.dropFirst().first {
case "left": try endWithSchedulersLeft(isInside: false)
case "left-inside": try endWithSchedulersLeft(isInside: true)
default: break
}

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
