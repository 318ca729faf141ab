import CTasklets
import Synchronization

/// What other threads leave for a scheduler: tasklets whose wait they have ended, and jobs. And how a thread sleeps until
/// something comes.
extension SchedulerCore {
    /// Leaves a tasklet of this scheduler to be queued by its own thread, and wakes that thread.
    ///
    /// - Parameter poster: the scheduler of the calling thread, which may hold the lock of the line it took the tasklet from.
    ///   A sleeping thread is woken after that lock has been released, or it would wait for the lock at once.
    @usableFromInline
    package func post(_ tasklet: TaskletRecord, from poster: SchedulerCore) {
        if let world = poster.fields.world { world.seam(in: poster, isBeginning: false) }
        unsafe lock_acquire(fields.inboxLock)
        add(tasklet)
        let isToBeWoken = fields.isAsleep
        if isToBeWoken { setAsleep(false) }
        let source = isToBeWoken ? fields.eventSource : nil
        unsafe lock_release(fields.inboxLock)
        guard isToBeWoken else { return }
        // The claim keeps its memory, although its thread may end before it is woken.
        borrowClaim()
        poster.wakePostedThread()
        poster.fields.postedThread = self
        poster.fields.postedSource = source
    }

    /// Wakes the thread for which this one has left something.
    @usableFromInline
    package func wakePostedThread() {
        guard let core = fields.postedThread else { return }
        let source = fields.postedSource
        fields.postedThread = nil
        fields.postedSource = nil
        unsafe lock_wake(core.fields.inboxLock)
        core.fields.world?.wake(core)
        source?.interrupt()
        core.dropClaim()
    }

    /// Runs `job` on the scheduler's own thread, in the order of arrival among all that other threads leave for it: at once
    /// if that thread sleeps, else when its next operation begins. May be called on a thread without a scheduler.
    ///
    /// - Parameter job: called inside the gate. It must not switch, nor run the program's code; to run that, it makes a
    ///   tasklet by `addTasklet`.
    /// - Returns: false when the scheduler has ended; `job` is not called then.
    package func post(_ job: @escaping @Sendable () -> Void) -> Bool {
        unsafe lock_acquire(fields.inboxLock)
        defer { unsafe lock_release(fields.inboxLock) }
        if fields.isInboxClosed { return false }
        // A record without a tasklet, as the marker is.
        let record = TaskletRecord(scheduler: self)
        record.setBody(TaskletBody(function: job))
        add(record)
        wakeInsideLock()
        return true
    }

    private func add(_ record: TaskletRecord) {
        record.next = nil
        if let last = fields.lastArrived {
            last.next = record
        } else {
            fields.firstArrived = record
        }
        fields.lastArrived = record
        setAttention(.inbox, true)
    }

    /// Queues the tasklets and does the jobs that other threads have left, in the order of their arrival. Inside the gate:
    /// another thread takes what is in front of the first job, which is for this one.
    func takeInbox() {
        let isOwn = SchedulerCore.currentIfAny == self
        while let record = takeFirstArrived(jobsToo: isOwn) {
            if record.isJob { run(record) } else { queue(record) }
        }
    }

    private func takeFirstArrived(jobsToo: Bool) -> TaskletRecord? {
        unsafe lock_acquire(fields.inboxLock)
        defer { unsafe lock_release(fields.inboxLock) }
        guard let first = fields.firstArrived, jobsToo || !first.isJob else { return nil }
        fields.firstArrived = first.next
        if first.next == nil {
            fields.lastArrived = nil
            setAttention(.inbox, false)
        }
        return first
    }

    private func run(_ job: TaskletRecord) {
        let function = job.takeFunction()!
        job.free()
        try! function()
        // What it holds may be the program's.
        discard(function)
    }

    /// The scheduler has ended: from now on nothing is taken.
    func closeInbox() {
        unsafe lock_acquire(fields.inboxLock)
        fields.isInboxClosed = true
        unsafe lock_release(fields.inboxLock)
        takeInbox()
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
        endSleep()
    }

    private func endSleep() {
        unsafe lock_wake(fields.inboxLock)
        fields.world?.wake(self)
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

extension TaskletRecord {
    /// Whether the record is a job in an inbox, and no tasklet.
    fileprivate var isJob: Bool { state == .dead && fields.body != nil }
}
