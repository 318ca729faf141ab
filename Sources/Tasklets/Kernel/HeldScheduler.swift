import CTasklets

/// A scheduler that its thread enters, leaves with the tasklets where they are, and enters again: a scope in pieces.
///
///     let held = HeldScheduler()
///     held.enter { Tasklet { … } }
///     try held.enter { try Tasklet.run() }      // others of the thread may run between the two
///     if let lost = held.end() { throw lost }
///
/// While it is left nothing of it runs: its timers wait too, and what other threads send it stays in its inbox. Main is
/// whoever has entered it, and is in its body; so it never waits while the scheduler is left. It ends with its thread at
/// the latest.
package final class HeldScheduler {
    private let scheduler: Scheduler
    package var core: SchedulerCore { scheduler.core }

    /// Makes a scheduler for the calling thread, which does not enter it yet.
    ///
    /// - Parameter clock: what its tasklets sleep by; `nil` is the clock of the present scheduler.
    package init(clock: TaskletClock? = nil) {
        let outer = SchedulerCore.current
        let core = SchedulerCore()
        core.fields.virtualTime = clock.map { $0.virtualTime } ?? outer.fields.virtualTime
        core.main.inheritLocals(fromCurrentOf: outer)
        core.makeClaim()
        scheduler = Scheduler(claimed: core)
        SchedulerRegistry.addHeld(core)
    }

    deinit {
        endKeepingOrigin()?.report(at: "a scheduler that nobody had ended")
    }

    /// Runs `body` with the caller as the main tasklet. The thread's present scheduler waits meanwhile.
    package func enter<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outer = core.takeThread()
        defer {
            SchedulerRegistry.leave(core, for: outer)
            SchedulerCore.setCurrent(outer)
        }
        return try body()
    }

    /// Ends every tasklet that is still alive, and then the scheduler. Without effect when it has ended.
    ///
    /// - Returns: the first error that left a tasklet meanwhile.
    package func end() -> (any Error)? { endKeepingOrigin()?.error }

    func endKeepingOrigin() -> LostError? {
        if core.isEnded { return nil }
        let outer = core.takeThread()
        defer { SchedulerCore.setCurrent(outer) }
        return core.end()
    }
}

extension SchedulerCore {
    /// Has the thread go over to this scheduler, which it has left.
    ///
    /// - Returns: the scheduler that waits now.
    func takeThread() -> SchedulerCore {
        let outer = SchedulerCore.current
        guard fields.threadNumber == thread_number() else {
            fatalError("A scheduler was entered on another thread than its own.")
        }
        guard !isEnded, fields.isLeft else {
            fatalError("A scheduler was entered that has ended or is entered already.")
        }
        // Main stands on another stack than the last time.
        if attention.contains(.sanitizer) { unsafe main.fiber.sanitizer.pointee = unsafe stack_sanitizer() }
        SchedulerRegistry.enter(self, from: outer)
        SchedulerCore.setCurrent(self)
        return outer
    }
}
