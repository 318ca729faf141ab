public import Tasklets

/// The exact rules of a meeting and of a wait (in prose: Channels.docc).
///
/// An operation is `begin`, then exactly one of `meet` and `wait`:
///
///     begin        goes into the gate, and finds the partner if there is one
///     meet         after the value has been moved: who goes on; goes out of the gate
///     wait         joins the line with the place of the value in the caller's frame; goes out of the gate
///
/// What is thrown is thrown out of the gate.
extension ChannelCore {
    /// Starts an operation.
    ///
    /// - Returns: the partner to meet, still in the line; `nil` when the caller has to wait.
    /// - Throws: `switchTrap` if the meeting would switch and the trap is set.
    @inlinable @inline(__always)
    func begin(_ core: SchedulerCore, for wait: Wait) throws -> WaitEntry? {
        let attention = line.enter(core)
        line.first?.prefetchRecord()
        if !attention.isEmpty { try beginSlowly(core, attention: attention, for: wait) }
        return partner(whenSending: wait.isSending)
    }

    @usableFromInline @inline(never)
    func beginSlowly(_ core: SchedulerCore, attention: SchedulerCore.Attention, for wait: Wait) throws {
        let isSending = wait.isSending
        // To ask for the next value after the end is no operation.
        if wait == .next, fields.isClosing, partner(whenSending: false, isClaimed: false) == nil {
            return core.touch(line, attention)
        }
        if attention.contains(.exploring) {
            line.leave(core)
            try core.offerInterruption()
            core.touch(line, line.enter(core))
        }
        if attention.contains(.callback) {
            line.leave(core)
            throw TaskletError.switchTrap
        }
        if attention.contains(.channelCallback) { announce(core, sending: isSending) }
        guard let partner = partner(whenSending: isSending, isClaimed: false) else { return }
        if attention.contains(.trap), partner.tasklet.scheduler == core,
            fields.schedulesAll || prefersPartner(whenSending: isSending)
        {
            line.leave(core)
            throw TaskletError.switchTrap
        }
        if attention.contains(.timeline) { core.noteMeeting(with: partner.tasklet, sending: isSending) }
    }

    /// Whether the partner of a caller that sends, or receives, goes on after the meeting.
    @inlinable @inline(__always)
    func prefersPartner(whenSending isSending: Bool) -> Bool {
        fields.preference == (isSending ? .receiver : .sender)
    }

    /// Ends a meeting: the value has been moved. Queues the partner by the channel's settings, and switches if they say so.
    ///
    ///     preference for the partner   [me, a, b] → [partner, a, b, me]
    ///     else                         [me, a, b] → [me, a, b, partner], the caller goes on
    ///     schedulesAll                 [me, a, b] → [a, b, partner, me]
    ///
    /// - Throws: what is sent to the caller before its turn comes again.
    @inlinable @inline(__always)
    func meet(_ entry: WaitEntry, _ core: SchedulerCore, sending isSending: Bool) throws {
        let me = core.me
        let partner = entry.tasklet
        let isOneOfSeveral = entry.isOneOfSeveral
        if isOneOfSeveral { line.unlink(entry) } else { line.unlinkFirst(entry) }
        let handsOver = prefersPartner(whenSending: isSending)
        let schedulesAll = fields.schedulesAll
        let isShared = line.isShared
        if isShared {
            // Partners of two threads do not switch.
            guard partner.scheduler == core else {
                partner.scheduler.post(partner, from: core)
                return line.leave(core)
            }
            line.unlock(core)
        }
        // A wait at one place, whose line is at home, is not counted anywhere.
        if isOneOfSeveral || isShared, !core.endWait(of: partner) { return core.leave() }
        if schedulesAll {
            core.append(partner)
            core.head = me.successor
        } else if handsOver {
            core.handOver(to: partner)
        } else {
            core.append(partner)
            return core.leave()
        }
        try core.switchAndGoOn(me)
    }

    /// Meets a sender that sends an error, and throws it.
    @usableFromInline @inline(never)
    func takeError(from sender: WaitEntry, _ core: SchedulerCore) throws {
        let error = unsafe sender.slot((any Error).self).pointee.take()!
        core.replaceError(of: core.me, by: error)
        try meet(sender, core, sending: false)
        // A meeting that did not switch leaves the error where it was put.
        try core.throwDeliveredError()
    }

    /// Joins the line, and returns when the wait has ended. False when the channel is closed: there was no wait.
    ///
    /// - Parameter slot: a variable in the caller's frame; see `Wait`. An access to a local is held open over the switch:
    ///   that is sound, since a local of the waiting frame has no check and the partner comes by its address.
    /// - Throws: the error that refused the wait or ended it.
    @inlinable @inline(__always)
    func wait<Value>(
        _ core: SchedulerCore,
        at place: ChannelPlace,
        for wait: Wait,
        _ slot: UnsafeMutablePointer<Value?>
    ) throws -> Bool {
        if fields.isClosing { return try leaveClosed(core, wait) }
        try unsafe line.wait(core, at: place, kind: wait.rawValue, argument: UnsafeMutableRawPointer(slot))
        return true
    }

    @usableFromInline @inline(never)
    func leaveClosed(_ core: SchedulerCore, _ wait: Wait) throws -> Bool {
        let isTrapped = core.me.blockTrap && wait != .next
        line.leave(core)
        if isTrapped { throw TaskletError.blockTrap }
        return false
    }

    /// Closes. The announcement by `Channel.share()` ends with that.
    func close() {
        let wasPromised = inside {
            fields.isClosing = true
            return line.isPromised
        }
        if wasPromised { line.setPromised(false) }
    }

    /// Closes, and wakes the waiting receivers: their places for a value stay empty.
    func finish() {
        close()
        let core = line.enter()
        while let receiver = partner(whenSending: true) { line.wake(receiver, core) }
        line.leave(core)
    }
}
