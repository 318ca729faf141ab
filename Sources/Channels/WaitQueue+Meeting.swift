public import Tasklets

/// The exact rules of a meeting and of a wait (in prose: Channels.docc).
///
/// An operation begins with `begin`. If that finds a partner the channel moves the value and calls `finishMeeting`,
/// else it calls `join` with the place of the value in its own frame, and parks.
extension WaitQueue {
    /// Starts an operation: inside the gate, and the lock if shared, when it returns.
    ///
    /// - Returns: the partner to meet, still in the line; `nil` when the caller must wait.
    /// - Throws: `switchTrap` out of the gate if the meeting would switch and the trap is set.
    @inlinable @inline(__always)
    func begin(_ core: SchedulerCore, sending isSending: Bool) throws -> TaskletRecord? {
        let attention = enter(core)
        if !attention.isEmpty { try beginSlowly(core, attention: attention, sending: isSending) }
        return partner(whenSending: isSending)
    }

    @usableFromInline @inline(never)
    func beginSlowly(_ core: SchedulerCore, attention: SchedulerCore.Attention, sending isSending: Bool) throws {
        if attention.contains(.callback) {
            leave(core)
            throw TaskletError.switchTrap
        }
        if attention.contains(.channelCallback), let callback = core.channelCallback {
            let event = ChannelEvent(
                channel: name,
                tasklet: Tasklet.of(core.me),
                isSending: isSending,
                willBlock: partner(whenSending: isSending) == nil
            )
            unlock()
            core.outsideGate(current: core.me) { callback(event) }
            core.leave()
            _ = enter(core)
        }
        if attention.contains(.trap), let partner = partner(whenSending: isSending), partner.scheduler == core,
            switches(whenSending: isSending)
        {
            leave(core)
            throw TaskletError.switchTrap
        }
        if attention.contains(.timeline), let partner = partner(whenSending: isSending) {
            core.noteMeeting(with: partner, sending: isSending)
        }
    }

    /// Whether a meeting makes the caller give way.
    private func switches(whenSending isSending: Bool) -> Bool {
        unsafe fields.pointee.schedulesAll || fields.pointee.preference == (isSending ? -1 : 1)
    }

    /// Ends a meeting: the value has been moved. Queues the partner by the channel's settings.
    ///
    ///     preference for the partner   [me, a, b] → [partner, a, b, me]
    ///     else                         [me, a, b] → [me, a, b, partner], the caller goes on
    ///     schedulesAll                 [me, a, b] → [a, b, partner, me]
    ///
    /// - Returns: true when the caller has to switch to the head of the ring, still inside the gate.
    @inlinable @inline(__always)
    func finishMeeting(_ core: SchedulerCore, with partner: TaskletRecord, sending isSending: Bool) -> Bool {
        unlinkFirst(partner)
        guard partner.scheduler == core else {
            partner.scheduler.post(partner)
            leave(core)
            return false
        }
        let handsOver = unsafe fields.pointee.preference == (isSending ? -1 : 1)
        let schedulesAll = unsafe fields.pointee.schedulesAll
        unlock()
        if schedulesAll {
            core.append(partner)
            core.head = core.me.successor
            return true
        }
        if handsOver {
            core.handOver(to: partner)
            return true
        }
        core.append(partner)
        core.leave()
        return false
    }

    /// Joins the line. The caller parks then: `core.park`.
    ///
    /// - Parameter slot: an optional in the caller's frame that the partner empties (the caller sends) or fills; `nil`
    ///   when an error is being sent.
    /// - Throws: `blockTrap`, `ChannelError.closed` or `switchTrap`, out of the gate.
    @inlinable @inline(__always)
    func join(_ core: SchedulerCore, slot: UnsafeMutableRawPointer?, sending isSending: Bool) throws {
        let me = core.me
        if me.blockTrap {
            leave(core)
            throw TaskletError.blockTrap
        }
        if unsafe fields.pointee.isClosing {
            leave(core)
            throw ChannelError.closed
        }
        if core.isParkingTrapped(core.attention) {
            leave(core)
            throw TaskletError.switchTrap
        }
        core.unlinkHead(me)
        unsafe me.slot = unsafe slot
        me.isSending = isSending
        core.beginWait(of: me, at: self)
        link(me)
        unlock()
    }
}
