/// Waiting: the one way to park a tasklet at a wait place, and how a wait ends.
///
/// A place that has a `WaitLine` waits by `line.wait`, which is these steps:
///
///     mayRefuse(me)          throws when the caller may not wait (see `Refusals`)
///     link the entry         the place's affair
///     beginWait(of: me)      out of the ring
///     park(me)               goes on with the others
///
/// and it ends a wait by taking the entry out of its line and queueing the tasklet: by `makeReady`, or by `handOver` to
/// go on with it at once.
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
        if self.me != me { transfer(from: me, attention: attention) }
        try goOn(me)
    }

    /// Queues a tasklet whose entry has just been taken out of its line, on whatever thread it belongs to. The caller
    /// holds the lock of that line, if it is shared.
    @inlinable @inline(__always)
    package func makeReady(_ tasklet: TaskletRecord) {
        guard tasklet.scheduler == self else { return tasklet.scheduler.post(tasklet) }
        queue(tasklet)
    }

    /// Ends the wait of a tasklet of this scheduler. Not of one that never goes on, since the program ends.
    @inlinable @inline(__always)
    func queue(_ tasklet: TaskletRecord) {
        guard tasklet.state == .blocked else { return }
        endCount(of: tasklet)
        append(tasklet)
    }

    /// A wait has ended.
    @inlinable @inline(__always)
    package func endCount(of tasklet: TaskletRecord) {
        if tasklet.fields.reach != .home { count(tasklet, reach: .home) }
    }

    /// Counts the tasklet's wait as one that ends by `reach`; `home` when it has ended. Inside the gate.
    @usableFromInline
    func count(_ tasklet: TaskletRecord, reach: Reach) {
        changeCount(of: tasklet.fields.reach, by: -1)
        tasklet.fields.reach = reach
        changeCount(of: reach, by: 1)
        linkMarkerIfNeeded()
    }

    private func changeCount(of reach: Reach, by change: Int) {
        switch reach {
        case .home: break
        case .shared: fields.sharedWaits += change
        case .promised: fields.promisedWaits += change
        case .outside: fields.outsideWaits += change
        case .daemon: fields.daemonWaits += change
        }
    }

    /// Takes a blocked tasklet out of its place. It is paused then; queued when a partner on another thread was faster; and
    /// still blocked when the place has to finish first.
    @discardableResult
    func withdraw(_ tasklet: TaskletRecord) -> Withdrawal {
        let withdrawal = tasklet.entry.place!.withdraw(tasklet.entry)
        switch withdrawal {
        case .done:
            endCount(of: tasklet)
            tasklet.state = .paused
        case .tooLate: takeInbox()
        case .later: break
        }
        return withdrawal
    }
}
