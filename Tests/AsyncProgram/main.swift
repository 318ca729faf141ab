// Tasklets of the main thread that await functions of the main actor: nobody else serves its queue.

import Foundation
import Hub
import Tasklets

alarm(600)

var count = 0

@MainActor func add() -> Bool {
    count += 1
    return Thread.isMainThread
}

/// Awaits the main actor in the middle of another's work.
@MainActor func slowly() async throws -> Int {
    try await Task.sleep(for: .milliseconds(5))
    count += 1
    return count
}

for _ in 0..<10 {
    Tasklet {
        for _ in 0..<10 {
            let isMain = try Tasklet.await {
                await Task.yield()
                return await add()
            }
            if !isMain { fatalError("add() ran on another thread") }
        }
    }
}
try Tasklet.run()
print("added", count)
let value = try Tasklet.await { try await slowly() }
print("slowly", value)
try Tasklet.await { await Task.detached { _ = await add() }.value }
print("detached", count)
// A tasklet that leaves does not hold up the queue of the others.
let stuck = Tasklet { try Tasklet.await { try await Task.sleep(for: .seconds(3600)) } }
try Tasklet.schedule()
try Tasklet.await { _ = await add() }
// Nor does one that kills whoever serves the queue.
for server in Scheduler.current.tasklets where server.name == "main queue" { try server.kill() }
try Tasklet.await { _ = await add() }
try stuck.kill()
try Tasklet.run()
// Nothing is awaited any more: the queue of the main actor hides no deadlock.
do { _ = try Promise<Int>().value() } catch is DeadlockError { print("left", count) }
