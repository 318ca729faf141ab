// A pool of workers that grows and shrinks while it works: never more than its size at once.

import Channels
import Tasklets

final class Pool {
    private let jobs = Channel<() throws -> Void>(name: "jobs")
    private(set) var size = 0
    private var workers = 0

    init(size: Int) { resize(to: size) }

    /// Workers that are too many end after their present job.
    func resize(to newSize: Int) {
        size = newSize
        while workers < size {
            workers += 1
            Tasklet(name: "worker") {
                defer { self.workers -= 1 }
                while self.workers <= self.size, let job = try self.jobs.next() { try job() }
            }
        }
    }

    /// Waits for a worker that is free.
    func submit(_ job: @escaping () throws -> Void) throws { try jobs.send(job) }

    func finish() { jobs.finish() }
}

try Scheduler.scope(clock: .virtual) {
    let start = Scheduler.current.now
    let pool = Pool(size: 2)
    var running = 0
    var most = 0

    func work() throws {
        running += 1
        most = max(most, running)
        try Tasklet.sleep(for: .seconds(1))
        running -= 1
    }

    func report(_ text: String) {
        print("\(text): at most \(most) at once, after \(start.duration(to: Scheduler.current.now))")
        most = running
    }

    for _ in 1...6 { try pool.submit(work) }
    report("two workers")
    pool.resize(to: 4)
    for _ in 1...12 { try pool.submit(work) }
    report("four workers")
    pool.resize(to: 1)
    for _ in 1...4 { try pool.submit(work) }
    pool.finish()
    try Tasklet.runUntilDone()
    report("one worker in the end")
}
