public import Tasklets

/// What a channel does as one place of a select. The rules of a meeting are those of `ChannelCore+Meeting`.
extension ChannelCore {
    /// Out of the gate: the channel may be looked at inside afterwards. Tells the callback of the operation.
    @inlinable @inline(__always)
    func prepareToSelect(_ selection: Selection, sending isSending: Bool) {
        line.prepareToJoin(selection.core)
        if !selection.attention.isEmpty { announceSelected(selection, sending: isSending) }
    }

    @usableFromInline @inline(never)
    func announceSelected(_ selection: Selection, sending isSending: Bool) {
        guard selection.attention.contains(.channelCallback), !selection.attention.contains(.callback) else { return }
        _ = line.enter(selection.core)
        announce(selection.core, sending: isSending)
        line.leave(selection.core)
    }

    /// As `begin`, for a caller that is inside the gate. The lock of a shared line is taken when it returns.
    @inlinable @inline(__always)
    func beginSelected(_ selection: Selection, for wait: Wait) throws -> WaitEntry? {
        line.lock()
        if !selection.attention.isEmpty { try beginSelectedSlowly(selection, for: wait) }
        return partner(whenSending: wait.isSending)
    }

    @usableFromInline @inline(never)
    func beginSelectedSlowly(_ selection: Selection, for wait: Wait) throws {
        // The callback has been called, and others may have run before.
        let attention = selection.attention.subtracting([.channelCallback, .exploring])
        try beginSlowly(selection.core, attention: attention, for: wait)
    }

    /// `meet`, once for all the clauses of a program.
    @usableFromInline @inline(never)
    func meetSelected(_ partner: WaitEntry, _ selection: Selection, sending isSending: Bool) throws {
        try meet(partner, selection.core, sending: isSending)
    }

    /// No partner waits: goes out of the line, and if the channel is closed out of the gate as well.
    @inlinable @inline(__always)
    func isEnd(_ selection: Selection, for wait: Wait) throws -> Bool {
        if fields.isClosing { return try !leaveClosed(selection.core, wait) }
        line.unlock(selection.core)
        return false
    }

    /// Joins the line; or, when another thread has come to a shared one meanwhile, takes the caller's wait together with its
    /// partner's. Inside the gate, the caller is out of the ring.
    ///
    /// - Returns: with a partner the lock of the line is taken: the value is to be moved, then `endMeeting` called.
    @usableFromInline @inline(never)
    func join(
        _ entry: WaitEntry,
        at place: Unmanaged<AnyObject>,
        for wait: Wait,
        _ slot: UnsafeMutableRawPointer,
        _ core: SchedulerCore
    ) -> (SchedulerCore.Joining, partner: WaitEntry?) {
        line.lock()
        if line.isShared, let found = findWhileJoining(entry, for: wait) {
            if found.partner == nil { line.unlock(core) }
            return found
        }
        unsafe entry.describe(at: place, kind: wait.rawValue, argument: slot)
        line.join(entry, core)
        return (.joined, nil)
    }

    private func findWhileJoining(_ entry: WaitEntry, for wait: Wait) -> (SchedulerCore.Joining, partner: WaitEntry?)? {
        var next = line.first
        search: while let other = next {
            next = other.fields.next
            if other.isDead {
                line.unlink(other)
            } else if other.isSending == wait.isSending {
                if !other.isOneOfSeveral { break search }
            } else if other.tasklet != entry.tasklet {
                // Not another clause of the same select.
                switch entry.takeOwnWait(meeting: other) {
                case .met: return (.ready, other)
                case .partnerIsGone: line.unlink(other)
                case .tooLate: return (.tooLate, nil)
                }
            }
        }
        guard fields.isClosing else { return nil }
        return (entry.takeOwnWait() ? .ready : .tooLate, nil)
    }

    /// Takes over the error of a sender that was met while joining: it is thrown when the caller goes on.
    @usableFromInline @inline(never)
    func takeError(from sender: WaitEntry, whileJoining entry: WaitEntry, _ core: SchedulerCore) {
        core.replaceError(of: entry.tasklet, by: unsafe sender.slot((any Error).self).pointee.take()!)
    }

    /// Ends a meeting without a switch: puts the partner at the end of its run queue.
    @usableFromInline
    func endMeeting(with partner: WaitEntry, _ core: SchedulerCore) {
        line.wake(partner, core)
        line.unlock(core)
    }
}
