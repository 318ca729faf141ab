import CTasklets

/// The end of a tasklet, seen from outside.
extension Tasklet {
    /// Calls `handler` when the tasklet has ended: whatever ended it, also if it never ran. At once if it has ended already.
    ///
    /// ```swift
    /// var living = 0
    /// for name in ["one", "two"] {
    ///     living += 1
    ///     Tasklet(name: name) { try Tasklet.schedule() }.onEnd { living -= 1 }
    /// }
    /// try Tasklet.runUntilDone()
    /// print(living)    // 0
    /// ```
    ///
    /// Handlers are called in the order in which they were given, on the tasklet's stack, which is empty again: its body has
    /// ended and its result is there, ``isAlive`` is false, and it is still ``current``. The next one in the run queue has its
    /// turn afterwards. A handler must not switch: what would throws ``TaskletError/switchTrap``. It may make tasklets, and
    /// whatever makes others ready puts them at the end of the run queue.
    ///
    /// Of a tasklet that is set up again each handler is called once, at the next end. To be called on the tasklet's own thread.
    public func onEnd(_ handler: @escaping () -> Void) {
        let core = record.scheduler
        guard core.fields.threadNumber == thread_number() else {
            fatalError("onEnd of \(self) was called on another thread: call it on the thread that made the tasklet.")
        }
        let hasEnded = record.insideGate { _ in
            if record.fields.hasEnded { return true }
            record.madeExtras.endHandlers.append(handler)
            return false
        }
        if hasEnded { SchedulerCore.current.withoutSwitching(handler) }
    }
}
