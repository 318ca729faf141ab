/// Waiting: the one way to park a tasklet at a wait place, and how a wait ends.
///
/// A place that has a `WaitLine` waits by `line.wait`, which is these steps:
///
///     mayRefuse(me)          throws when the caller may not wait (see `Refusals`)
///     link the entry         the place's affair
///     beginWait(of: me)      out of the ring
///     park(me)               goes on with the others
///
/// A wait ends when its entry has been taken out of its place: by `wake`, which puts the tasklet at the end of its ring, or
/// by `endWait` and `handOver` to go on with it at once. What several entries have besides is in `SchedulerCore+Several`.
extension SchedulerCore {
    /// Takes the running tasklet out of the ring, and notes since when it waits.
    @inlinable @inline(__always)
    package func beginWait(of me: TaskletRecord) {
        unlinkHead(me)
        me.state = .blocked
        me.fields.waitStart = timeOfWait
    }

    /// Parks the tasklet whose wait has begun; returns out of the gate when it has been made ready.
    ///
    /// - Throws: the error that ended the wait, or `DeadlockError` when nobody is left to end it. The tasklet is in
    ///   no line then.
    @inlinable @inline(__always)
    package func park(_ me: TaskletRecord) throws {
        if head == nil { findWork(for: me) }
        if self.me != me { transfer(from: me, attention: attention, at: .wait) }
        try goOn(me)
    }

    /// Ends the wait of an entry that its place has just taken out, on whatever thread the tasklet lives: it is put at the end
    /// of the ring there. Without effect when another entry of the same wait was faster.
    ///
    /// The caller holds no line's lock.
    package func wake(_ entry: WaitEntry) {
        guard entry.claim() || entry.finishLate() else { return }
        let tasklet = entry.tasklet
        if tasklet.scheduler == self { return queue(tasklet) }
        tasklet.scheduler.post(tasklet, from: self)
        wakePostedThread()
    }

    /// Queues a tasklet of this scheduler whose wait has been ended. Not one that never goes on, since the program ends, and
    /// not yet one whose place has to finish something first.
    @inlinable
    func queue(_ tasklet: TaskletRecord) {
        guard tasklet.state == .blocked, endWait(of: tasklet) else { return }
        append(tasklet)
    }

    /// Inside the gate of its scheduler: nothing refers to the tasklet's entries any more. False when a place has to finish
    /// something first; it wakes the tasklet then.
    @inlinable @inline(__always)
    package func endWait(of tasklet: TaskletRecord) -> Bool {
        if tasklet.entry.isOneOfSeveral { return endSeveral(of: tasklet) }
        if tasklet.entry.fields.reach != .home { count(tasklet.entry, reach: .home) }
        return true
    }

    /// Counts the entry as one that ends by `reach`; `home` when it has ended. Inside the gate.
    @usableFromInline
    func count(_ entry: WaitEntry, reach: Reach) {
        changeCount(of: entry.fields.reach, by: -1)
        entry.fields.reach = reach
        changeCount(of: reach, by: 1)
        linkMarkerIfNeeded()
    }

    /// Not by `+=`: another thread may do this, inside the gate, while the owner is outside and changes something in place.
    /// ThreadSanitizer would take both for writes to the scheduler's first field.
    private func changeCount(of reach: Reach, by change: Int) {
        switch reach {
        case .home: break
        case .shared: fields.sharedWaits = fields.sharedWaits + change
        case .promised: fields.promisedWaits = fields.promisedWaits + change
        case .outside: fields.outsideWaits = fields.outsideWaits + change
        case .daemon: fields.daemonWaits = fields.daemonWaits + change
        }
    }

    /// Takes a blocked tasklet out of its place. It is paused then; queued when a partner on another thread was faster; and
    /// still blocked when a place has to finish first.
    @discardableResult
    func withdraw(_ tasklet: TaskletRecord) -> Withdrawal {
        let entry = tasklet.entry
        let withdrawal = entry.isOneOfSeveral ? withdrawSeveral(of: tasklet) : entry.place!.withdraw(entry)
        switch withdrawal {
        case .done:
            _ = endWait(of: tasklet)
            tasklet.state = .paused
        case .tooLate: takeInbox()
        case .later: break
        }
        return withdrawal
    }
}
