import CTasklets

/// Where a scheduler hears of what happens outside: sockets, processes, jobs of other threads. The scheduler asks it when
/// no tasklet is runnable, and once in some rounds of the run queue otherwise (see `SchedulerCore+Idle` and `+Time`).
///
/// A scheduler without one sleeps until another thread wakes it or a timer is due.
package protocol EventSource: AnyObject {
    /// How many things are awaited for which no tasklet waits: a job that is to be run on this thread, say.
    var pending: Int { get }

    /// Sleeps until something has happened, until `interrupt`, or until `deadline`, a time of `clock_now`; may return
    /// earlier. Out of the gate: other threads may look at the scheduler meanwhile.
    func sleep(until deadline: Int64)

    /// Makes ready what has happened, by `SchedulerCore.wake`. Inside the gate; does not sleep.
    func collect(for core: SchedulerCore)

    /// Ends a `sleep` that is under way, or the next one. From any thread.
    func interrupt()
}

extension SchedulerCore {
    /// - Precondition: nothing is pending in the former source.
    package func setEventSource(_ source: (any EventSource)?) {
        _ = enter()
        unsafe lock_acquire(fields.inboxLock)
        let former = fields.eventSource
        fields.eventSource = source
        unsafe lock_release(fields.inboxLock)
        leave()
        withExtendedLifetime(former) {}
    }

    /// Waits at a place that the world outside ends, one without a ``WaitLine``. The caller is out of the gate, before and
    /// after.
    ///
    /// - Parameters:
    ///   - place: describes the wait, and takes the entry out of it.
    ///   - argument: memory in the caller's frame; the place's affair.
    ///   - isDaemon: whether run() returns although the wait is pending, as for one that listens as long as the program
    ///     lives.
    ///   - isOver: whether there is nothing to wait for any more. Asked, out of the gate, when the wait is going to be refused, as
    ///     one with no time left: whoever asks again and again would never be told otherwise.
    ///   - register: tells the place about the entry, inside the gate. False when there is nothing to wait for any more: what
    ///     was to be waited for may have happened since the caller looked, when it came into the gate.
    /// - Throws: the error that refused the wait or ended it. The place has forgotten the entry then.
    package func waitOutside(
        at place: AnyObject,
        argument: UnsafeMutableRawPointer?,
        isDaemon: Bool = false,
        isOver: () throws -> Bool = { false },
        register: (WaitEntry) -> Bool
    ) throws {
        _ = enter()
        let me = self.me
        if mayRefuse(me) {
            leave()
            if try isOver() { return }
            _ = enter()
        }
        try checkMayWait(me)
        let entry = me.entry
        unsafe entry.fields.place = Unmanaged.passUnretained(place)
        unsafe entry.fields.argument = unsafe argument
        entry.fields.kind = 0
        guard register(entry) else { return leave() }
        count(entry, reach: isDaemon ? .daemon : .outside)
        beginWait(of: me)
        try park(me)
    }
}
