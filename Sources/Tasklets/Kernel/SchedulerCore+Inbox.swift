import CStackSwitch
import Synchronization

/// How a tasklet whose wait was ended on another thread comes home, and how a thread sleeps until one does.
extension SchedulerCore {
    /// Leaves a tasklet of this scheduler to be queued by its own thread, and wakes that thread.
    ///
    /// Called on another thread, which holds the lock of the wait place it took the tasklet from.
    @usableFromInline
    package func post(_ tasklet: TaskletRecord) {
        unsafe stack_door_lock(fields.door)
        tasklet.next = nil
        if let last = fields.lastArrived {
            last.next = tasklet
        } else {
            fields.firstArrived = tasklet
        }
        fields.lastArrived = tasklet
        setAttention(.inbox, true)
        wakeInsideDoor()
        unsafe stack_door_unlock(fields.door)
    }

    /// Queues what other threads have posted, in the order of its arrival.
    func takeInbox() {
        unsafe stack_door_lock(fields.door)
        var arrived = fields.firstArrived
        fields.firstArrived = nil
        fields.lastArrived = nil
        setAttention(.inbox, false)
        unsafe stack_door_unlock(fields.door)
        while let tasklet = arrived {
            arrived = tasklet.next
            queue(tasklet)
        }
    }

    /// Wakes the thread because something was queued for it through the gate.
    func wake() {
        unsafe stack_door_lock(fields.door)
        wakeInsideDoor()
        unsafe stack_door_unlock(fields.door)
    }

    private func wakeInsideDoor() {
        guard fields.isAsleep else { return }
        setAsleep(false)
        unsafe stack_door_wake(fields.door)
        fields.eventSource?.interrupt()
    }

    // MARK: What the registry asks and tells, while it holds its lock

    /// Falls asleep, unless something has arrived.
    func markAsleep(reach: Reach) -> Bool {
        unsafe stack_door_lock(fields.door)
        defer { unsafe stack_door_unlock(fields.door) }
        guard fields.firstArrived == nil else { return false }
        setAsleep(true)
        fields.sleepReach = reach
        return true
    }

    func markAwake() {
        unsafe stack_door_lock(fields.door)
        setAsleep(false)
        unsafe stack_door_unlock(fields.door)
    }

    /// Whether this scheduler may still do something for others: it runs, or waits for a thread that will come.
    var isHopeful: Bool {
        if fields.isSuspended { return false }
        unsafe stack_door_lock(fields.door)
        defer { unsafe stack_door_unlock(fields.door) }
        return !fields.isAsleep || fields.sleepReach == .promised
    }

    /// Under the door's lock.
    func setAsleep(_ isAsleep: Bool) {
        if fields.isAsleep == isAsleep { return }
        fields.isAsleep = isAsleep
        SchedulerRegistry.awakeThreads.add(isAsleep ? -1 : 1, ordering: .relaxed)
    }

    /// Wakes the thread with a deadlock error.
    func giveDeadlockVerdict() {
        unsafe stack_door_lock(fields.door)
        fields.isDeadlockVerdict = true
        wakeInsideDoor()
        unsafe stack_door_unlock(fields.door)
    }
}
