/// Something that tasklets wait at: a channel, a lock, the timers, a socket.
///
/// The kernel asks a place only what it needs to end a wait from outside and to report it.
package protocol WaitPlace: AnyObject {
    /// Takes a waiting entry out. Inside the gate of its scheduler.
    func withdraw(_ entry: WaitEntry) -> Withdrawal

    /// What the tasklet waits for, as in "receive on channel 'jobs'".
    func describe(_ entry: WaitEntry) -> String

    /// What kind of deadlock it is when main waits here and the last runnable tasklet has ended.
    func deadlockReason(of entry: WaitEntry) -> DeadlockError.Reason

    /// Who waits before and behind the entry.
    func neighbours(of entry: WaitEntry) -> (previous: WaitEntry?, next: WaitEntry?)

    /// Those who alone can end the wait, since they hold what the tasklet waits for: the holder of a lock. None where
    /// anybody can. Inside the gate of the entry's scheduler.
    func holders(of entry: WaitEntry) -> [Holder]
}

extension WaitPlace {
    package func deadlockReason(of entry: WaitEntry) -> DeadlockError.Reason { .mainWaiting }

    package func neighbours(of entry: WaitEntry) -> (previous: WaitEntry?, next: WaitEntry?) { (nil, nil) }

    package func holders(of entry: WaitEntry) -> [Holder] { [] }
}

/// A place that keeps its waiters in a ``WaitLine``: only `describe` is left to write.
package protocol WaitLineOwner: WaitPlace {
    var line: WaitLine { get }
}

extension WaitLineOwner {
    package func withdraw(_ entry: WaitEntry) -> Withdrawal { line.withdraw(entry) }

    package func neighbours(of entry: WaitEntry) -> (previous: WaitEntry?, next: WaitEntry?) {
        line.locked { entry.fields.isLinked ? (entry.fields.previous, entry.fields.next) : (nil, nil) }
    }
}

/// What became of an attempt to take a waiting entry out of its place.
package enum Withdrawal {
    /// It is out: the wait has ended.
    case done
    /// It has been taken out already: as a rule by another thread, and the tasklet is on its way to its run queue.
    case tooLate
    /// It cannot be taken out now, since something outside still uses the waiter's frame. The place wakes it when that is
    /// over, on the tasklet's thread.
    case later
}

/// Who may end a wait.
@usableFromInline
package enum Reach: UInt8 {
    /// Only tasklets of the same scheduler.
    case home
    /// Schedulers of other threads, which have used the place.
    case shared
    /// Also threads that the library does not know yet: somebody said that they will come.
    case promised
    /// The world outside: time, or what an `EventSource` hears of.
    case outside
    /// The same, but run() does not wait for it.
    case daemon
}
