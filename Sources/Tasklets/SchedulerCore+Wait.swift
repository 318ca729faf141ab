/// Waiting: the one way to park a tasklet at a wait place, and who goes on when nobody is left to run
/// (WhoRunsWhen, "When nobody is left to run").
///
/// A wait place parks a tasklet like this, all inside the gate:
///
///     (throw switchTrap if core.isParkingTrapped)
///     core.unlinkHead(me)
///     core.beginWait(of: me, at: self)
///     (link me into the line, set isInLine …)
///     try core.park(me)
///
/// and makes it ready with `append` or `handOver`, or with `post` when it belongs to another thread.
extension SchedulerCore {
    /// Who is woken when the ring is empty: the innermost caller of run(), or main.
    var waker: TaskletRecord { innermostRunner ?? main }

    /// Whether the switch trap forbids parking: it would switch to another tasklet. A certain deadlock would not.
    @inlinable @inline(__always)
    package func isParkingTrapped(_ attention: Attention) -> Bool {
        attention.contains(.trap) && !isParkingHopeless
    }

    @usableFromInline
    var isParkingHopeless: Bool {
        me.next == me && (waker == me || waker.place == .blocked)
    }

    /// Notes where a tasklet waits, and since when.
    @inlinable @inline(__always)
    package func beginWait(of me: TaskletRecord, at place: AnyObject) {
        me.place = .blocked
        // As any object: every blocking operation comes here, and need not know the protocol.
        unsafe me.fields.waitPlace = Unmanaged.passUnretained(place)
        me.fields.waitStart = timeOfWait
    }

    /// Parks the tasklet that has just joined a line; returns when it has been made ready.
    ///
    /// - Throws: the error that ended the wait, or `DeadlockError` when nobody is left to end it. The tasklet is in
    ///   no line then.
    @inlinable @inline(__always)
    package func park(_ me: TaskletRecord) throws {
        if head == nil { try findWork(for: me) }
        if self.me != me { transfer(from: me, attention: attention) }
        try goOn(me)
    }

    @usableFromInline @inline(never)
    func findWork(for me: TaskletRecord) throws {
        if wakeSomebody() { return }
        let error = DeadlockError(reason: .deadlock, scheduler: self)
        guard withdraw(me) else { return }
        append(me)
        leave()
        throw error
    }

    /// Fills the empty ring: wakes the waker, or sleeps until another thread queues a tasklet.
    /// False when the waker is blocked and nobody could ever queue one: a deadlock.
    func wakeSomebody() -> Bool {
        let waker = self.waker
        if waker.place == .paused {
            resume(waker)
            return true
        }
        let reach = reachOfWaits
        return reach != .home && sleepUntilQueued(reach: reach)
    }

    /// Fills the empty ring after a tasklet's end. A blocked main gets its own kind of deadlock error.
    func wakeSomebodyAtEnd() {
        if wakeSomebody() { return }
        let reason: DeadlockError.Reason = main.isSending ? .mainSending : .mainReceiving
        let error = DeadlockError(reason: reason, scheduler: self)
        if withdraw(main) {
            main.error = error
            append(main)
        }
    }

    /// Takes a blocked tasklet out of its line: it is paused then. False when a partner on another thread was faster:
    /// it is queued then.
    func withdraw(_ tasklet: TaskletRecord) -> Bool {
        guard tasklet.waitPlace!.withdraw(tasklet) else {
            takeMail()
            return false
        }
        tasklet.place = .paused
        return true
    }

    /// How far the waits of this scheduler's blocked tasklets can be seen.
    private var reachOfWaits: Reach {
        var reach = Reach.home
        forEachLiving { tasklet in
            guard tasklet.place == .blocked, let place = tasklet.waitPlace else { return true }
            switch place.reach {
            case .home: return true
            case .shared: reach = .shared
            case .promised: reach = .promised
            }
            return reach != .promised
        }
        return reach
    }
}
