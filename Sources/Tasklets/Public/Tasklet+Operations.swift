/// What one tasklet does to another.
extension Tasklet {
    /// Whether the tasklet belongs to the calling thread's scheduler.
    private var isOwn: Bool { SchedulerCore.currentIfAny == record.scheduler }

    /// Puts a paused tasklet at the end of its run queue; no effect on a queued one.
    ///
    /// From another thread: queued in the tasklet's own thread, which wakes if it sleeps.
    ///
    /// - Throws: ``TaskletError/blocked``, ``TaskletError/dead``; ``TaskletError/threadNotInitialised`` when the
    ///   tasklet's thread has ended.
    public func insert() throws(TaskletError) {
        let core = record.scheduler
        try record.insideGate { isForeign throws(TaskletError) in
            if core.isEnded { throw .threadNotInitialised }
            try core.checkResumable(record)
            guard record.state == .paused else { return }
            core.resume(record)
            if isForeign { core.wake() }
        }
    }

    /// Takes a queued tasklet out of its run queue: it is paused then. No effect on a paused or dead one.
    ///
    /// - Throws: ``TaskletError/removeBlocked``, ``TaskletError/removeCurrent``.
    public func remove() throws(TaskletError) {
        let core = record.scheduler
        try record.insideGate { _ throws(TaskletError) in
            switch record.state {
            case .blocked: throw .removeBlocked
            case .dead, .paused: return
            case .queued:
                if record == core.head { throw .removeCurrent }
                core.unlink(record)
                core.pause(record)
            }
        }
    }

    /// Runs this tasklet next; the caller stays queued.
    ///
    /// A *paused* tasklet is put right in front of the caller, which goes on once it yields or ends. To reach a
    /// *queued* one the whole queue is turned: those behind it run before the caller, those before it wait.
    ///
    /// From another thread: queued behind that thread's current tasklet, and the caller goes on at once.
    ///
    /// - Throws: ``TaskletError/blocked``, ``TaskletError/dead``, ``TaskletError/switchTrap``;
    ///   ``TaskletError/noThread`` when the tasklet's thread has ended; what is sent to the caller meanwhile.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func run() throws {
        let core = record.scheduler
        if isOwn { return try core.jump(to: record, leaving: false) }
        try record.insideGate { _ in
            if core.isEnded { throw TaskletError.noThread }
            try core.checkResumable(record)
            if record == core.head { return }
            if record.state == .queued {
                core.unlink(record)
            } else {
                core.resume(record)
                core.unlink(record)
            }
            core.insertBehindHead(record)
            core.wake()
        }
    }

    /// Runs this tasklet next; the caller leaves the queue and is paused. No effect on oneself.
    ///
    /// - Throws: as ``run()-swift.method``; ``TaskletError/otherThread`` for a tasklet of another thread.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func `switch`() throws {
        let core = record.scheduler
        guard isOwn else { throw core.insideGate { _ in core.isEnded } ? TaskletError.noThread : .otherThread }
        try core.jump(to: record, leaving: true)
    }

    /// Ends the tasklet: throws ``TaskletExit`` in it, where it waits, so that its cleanup runs.
    ///
    /// Dead tasklets are left alone. One that never ran does not run. One that catches `TaskletExit` lives on.
    ///
    /// - Parameter pending: `false` jumps to the tasklet at once, as ``run()-swift.method`` does; `true` lets it find
    ///   the error when its turn comes.
    /// - Throws: ``TaskletError/switchTrap``; what is sent to the caller meanwhile; `TaskletExit` for oneself.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func kill(pending: Bool = false) throws {
        try raise(TaskletExit(), pending: pending)
    }

    /// Throws `error` in the tasklet, where it waits. A blocked one leaves its channel, a value it was sending is lost.
    ///
    /// A later error replaces one that was not delivered yet. A tasklet of another thread finds it when its turn comes.
    ///
    /// - Parameter pending: `false` jumps to the tasklet at once; `true` lets it find the error when its turn comes.
    /// - Throws: ``TaskletError/throwToDead`` (but not for a `TaskletExit`), ``TaskletError/switchTrap``; what is sent
    ///   to the caller meanwhile; `error` itself for oneself.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func raise(_ error: any Error, pending: Bool = false) throws {
        let core = record.scheduler
        if isOwn { return try core.raise(error, in: record, pending: pending) }
        try core.raiseFromOutside(error, in: record)
    }
}
