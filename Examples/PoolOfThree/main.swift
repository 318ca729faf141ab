// A pool: ten jobs, of which never more than three run at once. The next one begins as soon as one has ended.

import Tasklets

var running = 0
var most = 0
try withTaskletGroup(of: Void.self, limit: 3) { group in
    for job in 1...10 {
        try group.add(name: "job \(job)") {
            running += 1
            most = max(most, running)
            print("job \(job) begins, \(running) running")
            for _ in 0..<job % 3 { try Tasklet.schedule() }
            running -= 1
        }
    }
}
print("at most", most, "at once,", running, "left")
