// Work on two threads. `share()` says that another thread is going to use a channel: so main waits for the new threads, and no
// deadlock is reported before they have begun. `runUntilDone` keeps a thread until its tasklets have ended.
import Foundation
import TaskletKit

let jobs = Channel<Int>(name: "jobs")
let results = Channel<Int>(name: "results")
jobs.share()
results.share()

/// The number of steps that a number takes to come down to 1.
func steps(_ start: Int) -> Int {
    var (number, steps) = (start, 0)
    while number != 1 {
        number = number.isMultiple(of: 2) ? number / 2 : 3 * number + 1
        steps += 1
    }
    return steps
}

for thread in 1...2 {
    Thread.detachNewThread { [jobs, results] in
        do {
            Tasklet(name: "worker \(thread)") {
                while let job = try jobs.next() { try results.send(steps(job)) }
            }
            try Tasklet.runUntilDone()
        } catch {
            print("worker \(thread):", error)
        }
    }
}

Tasklet(name: "jobs") {
    try jobs.send(contentsOf: 1...1_000)
    jobs.finish()
}
var longest = 0
for _ in 1...1_000 { longest = max(longest, try results.receive()) }
print("at most", longest, "steps")
