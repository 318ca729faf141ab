/// Errors from outside: kill, raise (WhoRunsWhen, "Errors and kill").
extension SchedulerCore {
    /// Throws `error` in `target`, a tasklet of this scheduler: at once by jumping to it, or when its turn comes.
    func raise(_ error: any Error, in target: TaskletRecord, pending: Bool) throws {
        let attention = enter()
        if !pending { try checkCallback(attention) }
        let me = visibleCurrent
        if target == me {
            leave()
            throw error
        }
        if target.place == .dead {
            leave()
            if error is TaskletExit { return }
            throw TaskletError.throwToDead
        }
        if !pending { try checkTrap(attention) }
        deliver(error, to: target)
        if pending { return leave() }
        moveToFront(target)
        transfer(from: me, attention: attention)
        try goOn(me)
    }

    /// The same from another thread: always pending, since nobody can jump there.
    func raiseFromOutside(_ error: any Error, in target: TaskletRecord) throws {
        if target.place == .dead {
            if error is TaskletExit { return }
            throw TaskletError.throwToDead
        }
        deliver(error, to: target)
        wake()
    }

    /// Puts the error into the tasklet's slot and queues the tasklet if it waits or is paused.
    private func deliver(_ error: any Error, to target: TaskletRecord) {
        if target.place == .blocked { _ = withdraw(target) }
        replaceError(of: target, by: error)
        if target.place == .paused { resume(target) }
    }

    /// A later error replaces one that was not delivered yet.
    @usableFromInline
    package func replaceError(of target: TaskletRecord, by error: any Error) {
        if let former = target.takeError() { discard(former) }
        target.error = error
    }

    /// Sends an error that left a tasklet's body to the innermost caller of run(), or to main; it runs next.
    func deliverUncaught(_ error: any Error) {
        let target = waker
        deliver(error, to: target)
        head = target
    }
}
