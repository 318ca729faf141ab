import CStackSwitch

/// How a tasklet whose wait was ended on another thread comes home, and how a thread sleeps until one does.
extension SchedulerCore {
    /// Leaves a tasklet of this scheduler to be queued by its own thread, and wakes that thread.
    ///
    /// Called on another thread, which holds the lock of the wait place it took the tasklet from.
    @usableFromInline
    package func post(_ tasklet: TaskletRecord) {
        unsafe stack_door_lock(fields.pointee.door)
        tasklet.next = nil
        if let last = unsafe fields.pointee.lastMail {
            last.next = tasklet
        } else {
            unsafe fields.pointee.firstMail = tasklet
        }
        unsafe fields.pointee.lastMail = tasklet
        setAttention(.mail, true)
        wakeInsideDoor()
        unsafe stack_door_unlock(fields.pointee.door)
    }

    /// Queues what other threads have posted, in the order of its arrival.
    func takeMail() {
        unsafe stack_door_lock(fields.pointee.door)
        var arrived = unsafe fields.pointee.firstMail
        unsafe fields.pointee.firstMail = nil
        unsafe fields.pointee.lastMail = nil
        setAttention(.mail, false)
        unsafe stack_door_unlock(fields.pointee.door)
        while let tasklet = arrived {
            arrived = tasklet.next
            append(tasklet)
        }
    }

    /// Wakes the thread because something was queued for it through the gate.
    func wake() {
        unsafe stack_door_lock(fields.pointee.door)
        wakeInsideDoor()
        unsafe stack_door_unlock(fields.pointee.door)
    }

    private func wakeInsideDoor() {
        guard unsafe fields.pointee.isAsleep else { return }
        unsafe fields.pointee.isAsleep = false
        unsafe stack_door_wake(fields.pointee.door)
    }

    /// Sleeps until the ring has a tasklet; false when nobody is left who could queue one.
    ///
    /// - Precondition: the owner is inside the gate and the ring is empty: `head` is `nil`.
    @inline(never)
    func sleepUntilQueued(reach: Reach) -> Bool {
        while true {
            switch SchedulerRegistry.fallAsleep(self, reach: reach) {
            case .hopeless: return false
            case .mailArrived: break
            case .asleep:
                noteSleep()
                readWaitClock()
                var here = unsafe stack_context()
                unsafe stack_here(&here)
                unsafe fields.pointee.sleepContext = here
                leave()
                unsafe stack_door_lock(fields.pointee.door)
                while unsafe fields.pointee.isAsleep { unsafe stack_door_sleep(fields.pointee.door) }
                unsafe stack_door_unlock(fields.pointee.door)
            }
            enterAgain()
            unsafe fields.pointee.sleepContext = nil
            readWaitClock()
            if let head {
                noteSwitch(to: head)
                return true
            }
            if unsafe fields.pointee.isDeadlockVerdict {
                unsafe fields.pointee.isDeadlockVerdict = false
                return false
            }
        }
    }

    // MARK: What the registry asks and tells, while it holds its lock

    /// Falls asleep, unless mail has come.
    func markAsleep(reach: Reach) -> Bool {
        unsafe stack_door_lock(fields.pointee.door)
        defer { unsafe stack_door_unlock(fields.pointee.door) }
        guard unsafe fields.pointee.firstMail == nil else { return false }
        unsafe fields.pointee.isAsleep = true
        unsafe fields.pointee.sleepReach = reach
        return true
    }

    func markAwake() {
        unsafe stack_door_lock(fields.pointee.door)
        unsafe fields.pointee.isAsleep = false
        unsafe stack_door_unlock(fields.pointee.door)
    }

    /// Whether this scheduler may still do something for others: it runs, or waits for a thread that will come.
    var isHopeful: Bool {
        if unsafe fields.pointee.isSuspended { return false }
        unsafe stack_door_lock(fields.pointee.door)
        defer { unsafe stack_door_unlock(fields.pointee.door) }
        return unsafe !fields.pointee.isAsleep || fields.pointee.sleepReach == .promised
    }

    /// Wakes the thread with a deadlock error.
    func giveDeadlockVerdict() {
        unsafe stack_door_lock(fields.pointee.door)
        unsafe fields.pointee.isDeadlockVerdict = true
        wakeInsideDoor()
        unsafe stack_door_unlock(fields.pointee.door)
    }
}
