import CTasklets

/// What happens when no tasklet of the scheduler is runnable (WhoRunsWhen, "When nobody is left to run"). This file holds
/// the whole policy; the order is:
///
///     1. the inbox: what other threads have made ready
///     2. what has happened outside: timers that are due, the event source
///     3. sleep, as long as a wait is pending that ends from outside: a timer, the event source, a promised thread while there is
///        any in the process. A virtual clock jumps to the next timer instead
///     4. the waker goes on: the innermost run() returns, or a paused main is resumed; runUntilDone() sleeps before that
///        as in 5
///     5. sleep, if a thread that is able to run shares a place where somebody waits, or a daemon wait is pending
///     6. a deadlock
extension SchedulerCore {
    /// Who is woken when the ring is empty: the innermost caller of run(), or main; at the end, the one who ends it.
    var waker: TaskletRecord { fields.ender ?? innermostRunner ?? main }

    /// Whether a wait is pending that ends without the tasklets of this scheduler, sooner or later.
    var isKept: Bool { isKeptByOutside || (fields.promisedWaits > 0 && mayBeComeTo) }

    private var isKeptByOutside: Bool {
        fields.outsideWaits > 0 || (fields.eventSource.map { $0.pending > 0 } ?? false) || isLimitAwaited
    }

    /// Whether what was announced may still come: another thread is there, or a daemon wait may end. Asks the system, which takes
    /// a microsecond or two, when no other thread has a scheduler. While orders are explored an announcement is believed.
    private var mayBeComeTo: Bool {
        SchedulerRegistry.isAnotherThere || fields.daemonWaits > 0 || fields.chooser != nil || !thread_is_only_one()
    }

    /// Whether there is something to look for outside: a wait, or work of the event source.
    var looksOutside: Bool {
        fields.outsideWaits + fields.daemonWaits > 0 || (fields.timers.map { $0.limits > 0 } ?? false)
            || (fields.eventSource.map { $0.pending > 0 } ?? false)
    }

    /// Fills the empty ring by the policy above. False when it is a deadlock.
    func wakeSomebody() -> Bool {
        if attention.contains(.exploring) { fields.chooser?.nobodyIsRunnable(in: self) }
        if attention.contains(.watched) { endWatchedTurn() }
        unlinkMarker()
        var isByTimer = false
        // What has ended a sleep may be something for which nobody waits yet.
        var hasSlept = false
        while true {
            if attention.contains(.inbox) { takeInbox() }
            if looksOutside || hasSlept { collect() }
            if head != nil { break }
            let waker = self.waker
            let isPaused = waker.state == .paused
            let isKept = self.isKept
            let mayShare =
                isPaused
                ? waker.fields.runsUntilDone && mayGoOnUntilDone : fields.sharedWaits + fields.daemonWaits > 0
            if isKept || mayShare {
                if resumeBudgetOwnerIfDue() { break }
                if !isHost, jump(to: nextDeadline) {
                    isByTimer = true
                    continue
                }
                let reach = isKept ? .promised : sleepReach
                hasSlept = true
                if let world = fields.world {
                    if sleep(in: world, reach: reach, until: nextDeadline) { continue }
                } else if sleep(reach: reach) || isKept {
                    continue
                }
            }
            guard isPaused else {
                if attention.contains(.exploring) { fields.chooser?.isDeadlocked(in: self) }
                return false
            }
            isByTimer = false
            resume(waker)
            break
        }
        if attention.contains(.exploring) { fields.chooser?.somebodyIsRunnable(byTimer: isByTimer, in: self) }
        linkMarkerIfNeeded()
        return true
    }

    /// Called by a tasklet that has just left the ring empty by a wait. When nobody is left to end that, the wait ends with
    /// a deadlock error.
    @usableFromInline @inline(never)
    func findWork(for me: TaskletRecord) {
        if wakeSomebody() { return }
        let error = DeadlockError(reason: .deadlock, scheduler: self)
        // Not if another thread was faster: the tasklet is in the ring then.
        guard withdraw(me) == .done else { return }
        me.error = error
        append(me)
        tellRunnable()
    }

    private func tellRunnable() {
        if attention.contains(.exploring) { fields.chooser?.somebodyIsRunnable(byTimer: false, in: self) }
    }

    /// Fills the empty ring after a tasklet's end. A blocked main gets its own kind of deadlock error.
    func wakeSomebodyAtEnd() {
        if wakeSomebody() { return }
        // Blocked, or the waker would have been woken.
        let entry = main.entry
        let reason = entry.isOneOfSeveral ? .mainWaiting : entry.place!.deadlockReason(of: entry)
        let error = DeadlockError(reason: reason, scheduler: self)
        if withdraw(main) == .done {
            main.error = error
            append(main)
            tellRunnable()
        }
    }

    /// What others hear of a sleep that only threads, or daemon waits, may end: with one of those it is no deadlock.
    private var sleepReach: Reach { fields.daemonWaits > 0 ? .promised : .shared }

    /// When the thread has to be awake again at the latest.
    private var nextDeadline: Int64? {
        let timer = fields.timers?.nextDeadline
        guard case .until(let budget) = budget, fields.budgetOwner?.state == .paused else { return timer }
        return timer.map { min($0, budget) } ?? budget
    }

    /// The same for a thread that is marked as asleep. One that sleeps for an announced thread alone looks now and then whether
    /// there is any. A last one that has a scheduler wakes it when it ends; of another one nobody hears.
    private var deadlineOfSleep: Int64? {
        guard fields.promisedWaits > 0, !isKeptByOutside, fields.daemonWaits == 0, !SchedulerRegistry.isAnotherThere
        else {
            return nextDeadline
        }
        let look = clock_now() + 1_000_000_000
        return nextDeadline.map { min($0, look) } ?? look
    }

    // MARK: Sleep

    /// Sleeps until another thread makes a tasklet ready, or a deadline comes; may return earlier. False when everybody
    /// else sleeps too, so that nobody could end the sleep.
    ///
    /// - Precondition: the owner is inside the gate and the ring is empty: `head` is `nil`.
    private func sleep(reach: Reach) -> Bool {
        if fields.sharedWaits + fields.promisedWaits > 0, spin() { return true }
        switch SchedulerRegistry.fallAsleep(self, reach: reach) {
        case .hopeless: return false
        case .somethingArrived: return true
        case .asleep: break
        }
        let deadline = deadlineOfSleep ?? .max
        noteSleep()
        readWaitClock()
        standAside { sleepAtInbox(until: deadline) }
        if attention.contains(.watched) { endWatchedTurn() }
        readWaitClock()
        if let head { noteSwitch(to: head) }
        guard fields.isDeadlockVerdict else { return true }
        fields.isDeadlockVerdict = false
        return head != nil
    }

    private func sleepAtInbox(until deadline: Int64) {
        let source = fields.eventSource
        source?.sleep(until: deadline)
        unsafe lock_acquire(fields.inboxLock)
        while source == nil && fields.isAsleep {
            if unsafe !lock_sleep(fields.inboxLock, deadline) { break }
        }
        setAsleep(false)
        unsafe lock_release(fields.inboxLock)
    }

    /// Waits for a thread that is awake without going to sleep: a sleeping thread costs its partner some ten microseconds,
    /// a spinning one less than one. True when something has come.
    ///
    /// How long it spins adapts: longer after each success, shorter after each failure, not at all where there is one
    /// processor only.
    private func spin() -> Bool {
        guard thread_processor_count() > 1, fields.spins > 0, SchedulerRegistry.isAnotherAwake else {
            fields.spins = max(fields.spins, Self.fewestSpins)
            return false
        }
        standAside {
            var left = fields.spins
            while left > 0, attention.isDisjoint(with: [.inbox, .gate]) {
                thread_relax()
                left -= 1
            }
        }
        let hasCome = head != nil
        fields.spins = hasCome ? min(fields.spins * 2, Self.mostSpins) : max(fields.spins / 2, Self.fewestSpins)
        return hasCome
    }

    /// Runs `body` out of the gate while no tasklet runs: other threads see on whose stack this one stands.
    @inline(never)
    func standAside(_ body: () -> Void) {
        var here = unsafe stack_context()
        unsafe stack_here(&here)
        unsafe fields.sleepContext = here
        leave()
        body()
        enterAgain()
        unsafe fields.sleepContext = nil
    }

    /// Some microseconds, and a fraction of one.
    private static let mostSpins: Int32 = 512
    static let fewestSpins: Int32 = 16
}
