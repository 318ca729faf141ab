import CTasklets

/// The scheduler that a native thread gets which works for tasklets: the hub's `offload`. It is made when a job first uses
/// tasklets, and ends with that job: an idle thread must not look like one that could still end somebody's wait.
extension SchedulerCore {
    /// Whether the calling tasklet is the main one of such a scheduler, where nobody may wait.
    static func isMainOfWorker(_ me: TaskletRecord) -> Bool {
        me.scheduler.fields.isOfWorker && me == me.scheduler.main && me.scheduler.outer == nil
    }

    /// Ends the calling thread's scheduler if the thread is a worker and has one. Says so of tasklets that are left, and of an error
    /// that their end gave.
    ///
    /// - Parameter job: what has ended, for that report.
    package static func endThatOfWorker(after job: @autoclosure () -> String) {
        guard worker_is_here(), let core = currentIfAny else { return }
        var left: [String] = []
        _ = core.enter()
        core.forEachLiving { tasklet in
            if tasklet != core.main { left.append(tasklet.origin.description) }
            return true
        }
        core.leave()
        if !left.isEmpty {
            report(
                "\(job()) has left \(left.joined(separator: ", ")) behind, which is ended now. A native thread runs tasklets only "
                    + "inside Tasklet.run() or Scheduler.scope { … }: end them there."
            )
        }
        core.end()?.report(at: job())
        setCurrent(nil)
    }
}
