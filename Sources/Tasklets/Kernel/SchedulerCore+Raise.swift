/// Errors from outside: kill, raise (WhoRunsWhen, "Errors and kill").
extension SchedulerCore {
    /// Throws `error` in `target`, a tasklet of this scheduler: at once by jumping to it, or when its turn comes.
    func raise(_ error: any Error, in target: TaskletRecord, pending: Bool) throws {
        try beginOperation()
        let attention = enter()
        touch(target, attention)
        if !pending { try checkCallback(attention) }
        let me = visibleCurrent
        if target == me {
            leave()
            throw error
        }
        if target.state == .dead {
            leave()
            if error is TaskletExit { return }
            throw TaskletError.throwToDead
        }
        if !pending {
            if isEnding(me, attention) { try refuseAtEnd() }
            try checkTrap(attention)
        }
        let replaced = deliver(error, to: target)
        // Kept until we are outside the gate: its deinit may run the program's code.
        defer { withExtendedLifetime(replaced) {} }
        // One whose place has to finish first goes on later, with the error.
        if pending || target.state == .blocked { return leave() }
        moveToFront(target)
        transfer(from: me, attention: attention, at: .fixed)
        try goOn(me)
    }

    /// The same from another thread: always pending, since nobody can jump there.
    func raiseFromOutside(_ error: any Error, in target: TaskletRecord) throws {
        let replaced: (any Error)? = try insideGate { _ in
            if target.state == .dead {
                if error is TaskletExit { return nil }
                throw TaskletError.throwToDead
            }
            let replaced = deliver(error, to: target)
            wake()
            return replaced
        }
        withExtendedLifetime(replaced) {}
    }

    /// Ends the wait of a blocked tasklet, or of a paused one that has begun, by an error. The tasklet goes to the end of the
    /// ring. Without effect on one that is queued, has not begun, or is inside run().
    ///
    /// - Returns: the error that was in the slot and is lost. To be released outside the gate.
    func endWait(of target: TaskletRecord, by error: any Error) -> (any Error)? {
        switch target.state {
        case .dead, .queued: return nil
        case .paused where target.isInsideRun || !target.hasFrames: return nil
        case .blocked:
            // Met by another thread meanwhile: the wait has ended well, and the value must not be lost.
            if withdraw(target) == .tooLate { return nil }
            return put(error, into: target)
        case .paused: return put(error, into: target)
        }
    }

    /// Puts the error into the tasklet's slot and queues the tasklet if it waits or is paused.
    ///
    /// - Returns: the error that was in the slot and is lost.
    func deliver(_ error: any Error, to target: TaskletRecord) -> (any Error)? {
        if target.state == .blocked { withdraw(target) }
        return put(error, into: target)
    }

    private func put(_ error: any Error, into target: TaskletRecord) -> (any Error)? {
        let replaced = target.takeError()
        target.setError(error)
        if target.state == .paused { resume(target) }
        return replaced
    }

    /// A later error replaces one that was not delivered yet.
    @usableFromInline
    package func replaceError(of target: TaskletRecord, by error: any Error) {
        if let former = target.takeError() { discard(former) }
        target.setError(error)
    }

    /// Sends an error that left a tasklet's body to the innermost caller of run(), or to main; it runs next.
    func deliverUncaught(_ error: any Error) {
        let target = waker
        touch(target, attention)
        if let replaced = deliver(error, to: target) { discard(replaced) }
        // Not if its place has to finish something first: it goes on later.
        if target.state == .queued { head = target } else if head == nil { wakeSomebodyAtEnd() }
    }
}
