// Two workers take jobs from a queue, and share a printer. Main waits until every job has been done.

import Sync
import Tasklets

let jobs = Queue<String>(capacity: 2, name: "jobs")
let printer = Lock(name: "printer")

for worker in ["Ann", "Ben"] {
    Tasklet(name: worker) {
        while let job = try jobs.next() {
            try printer.withLock {
                print(worker, "begins", job)
                try Tasklet.schedule()  // the other one waits for the printer meanwhile
                print(worker, "ends", job)
            }
            jobs.taskDone()
        }
        print(worker, "goes home")
    }
}

for job in ["a letter", "a poster", "a book", "a map"] {
    try jobs.send(job)
    print("ordered", job)
}
try jobs.join()
print("all is printed")
jobs.finish()
try Tasklet.runUntilDone()
