import CTasklets
import Synchronization

/// How a tasklet whose wait was ended on another thread comes home, and how a thread sleeps until one does.
extension SchedulerCore {
    /// Leaves a tasklet of this scheduler to be queued by its own thread, and wakes that thread.
    ///
    /// Called on another thread, which holds the lock of the wait place it took the tasklet from.
    @usableFromInline
    package func post(_ tasklet: TaskletRecord) {
        unsafe lock_acquire(fields.inboxLock)
        tasklet.next = nil
        if let last = fields.lastArrived {
            last.next = tasklet
        } else {
            fields.firstArrived = tasklet
        }
        fields.lastArrived = tasklet
        setAttention(.inbox, true)
        wakeInsideLock()
        unsafe lock_release(fields.inboxLock)
    }

    /// Queues what other threads have posted, in the order of its arrival.
    func takeInbox() {
        unsafe lock_acquire(fields.inboxLock)
        var arrived = fields.firstArrived
        fields.firstArrived = nil
        fields.lastArrived = nil
        setAttention(.inbox, false)
        unsafe lock_release(fields.inboxLock)
        while let tasklet = arrived {
            arrived = tasklet.next
            queue(tasklet)
        }
    }

    /// Wakes the thread because something was queued for it through the gate.
    func wake() {
        unsafe lock_acquire(fields.inboxLock)
        wakeInsideLock()
        unsafe lock_release(fields.inboxLock)
    }

    private func wakeInsideLock() {
        guard fields.isAsleep else { return }
        setAsleep(false)
        unsafe lock_wake(fields.inboxLock)
        fields.eventSource?.interrupt()
    }

    // MARK: What the registry asks and tells, while it holds its lock

    /// Falls asleep, unless something has arrived.
    func markAsleep(reach: Reach) -> Bool {
        unsafe lock_acquire(fields.inboxLock)
        defer { unsafe lock_release(fields.inboxLock) }
        guard fields.firstArrived == nil else { return false }
        setAsleep(true)
        fields.sleepReach = reach
        return true
    }

    func markAwake() {
        unsafe lock_acquire(fields.inboxLock)
        setAsleep(false)
        unsafe lock_release(fields.inboxLock)
    }

    /// Whether this scheduler may still do something for others: it runs, or waits for a thread that will come.
    var isHopeful: Bool {
        if fields.isSuspended { return false }
        unsafe lock_acquire(fields.inboxLock)
        defer { unsafe lock_release(fields.inboxLock) }
        return !fields.isAsleep || fields.sleepReach == .promised
    }

    /// Under the lock of the inbox.
    func setAsleep(_ isAsleep: Bool) {
        if fields.isAsleep == isAsleep { return }
        fields.isAsleep = isAsleep
        SchedulerRegistry.awakeThreads.add(isAsleep ? -1 : 1, ordering: .relaxed)
    }

    /// Wakes the thread with a deadlock error.
    func giveDeadlockVerdict() {
        unsafe lock_acquire(fields.inboxLock)
        fields.isDeadlockVerdict = true
        wakeInsideLock()
        unsafe lock_release(fields.inboxLock)
    }
}
