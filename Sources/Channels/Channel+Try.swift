public import Tasklets

// Operations that do not wait, or not longer than they are told to.

extension Channel {
    /// Takes a value if a sender waits; never waits, never gives way.
    ///
    /// The sender is put at the end of its run queue and the caller goes on, whatever ``preference`` and ``schedulesAll``
    /// say. So it may also be called while a switch trap is set and in callbacks.
    ///
    /// ```swift
    /// while let job = try jobs.tryReceive() { pending.append(job) }
    /// ```
    ///
    /// - Returns: `nil` when no sender waits.
    /// - Throws: an error that was sent; ``ChannelError/closed`` when the channel is closed and no sender waits.
    @inlinable
    public func tryReceive() throws -> Element? {
        let scheduler = SchedulerCore.current
        guard let sender = core.beginTrying(scheduler, sending: false) else {
            let isClosed = core.fields.isClosing
            core.line.leave(scheduler)
            if isClosed { throw ChannelError.closed }
            return nil
        }
        if sender.isSendingError {
            let error = unsafe sender.slot((any Error).self).pointee.take()!
            core.endTrying(sender, scheduler)
            throw error
        }
        let value = unsafe sender.slot(Element.self).pointee.take()
        core.endTrying(sender, scheduler)
        return value
    }

    /// Gives `value` to a receiver if one waits; never waits, never gives way.
    ///
    /// The receiver is put at the end of its run queue and the caller goes on, as with ``tryReceive()``.
    ///
    /// - Returns: whether a receiver has the value. False also when the channel is closed: see ``isClosing``.
    @inlinable
    @discardableResult
    public func trySend(_ value: consuming Element) -> Bool {
        let scheduler = SchedulerCore.current
        guard let receiver = core.beginTrying(scheduler, sending: true) else {
            core.line.leave(scheduler)
            return false
        }
        unsafe receiver.slot(Element.self).initialize(to: consume value)
        core.endTrying(receiver, scheduler)
        return true
    }
}

extension Channel {
    /// Takes a value from a sender; waits for one no longer than `duration`.
    ///
    /// ```swift
    /// guard let job = try jobs.receive(within: .milliseconds(50)) else { return try rest() }
    /// ```
    ///
    /// A time of zero or less is up when it is about to wait: a sender that waits already is met, else it gives way once.
    ///
    /// - Returns: `nil` when the time is up.
    /// - Throws: as ``receive()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public func receive(within duration: Duration) throws -> Element? {
        try select {
            onReceive { value -> Element? in value }
            after(duration) { () -> Element? in nil }
        }
    }

    /// Gives `value` to a receiver; waits for one no longer than `duration`, as ``receive(within:)`` does.
    ///
    /// - Returns: whether a receiver has the value; false when the time is up.
    /// - Throws: as ``send(_:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    @discardableResult
    public func send(_ value: consuming Element, within duration: Duration) throws -> Bool {
        // Moves: the receiver is to be the only owner.
        var value: Element? = consume value
        return try select {
            onSend(value.take()!) { true }
            after(duration) { false }
        }
    }
}

extension ChannelCore {
    /// Goes in, and finds the partner if there is one; calls the callback if there is one.
    @inlinable @inline(__always)
    func beginTrying(_ core: SchedulerCore, sending isSending: Bool) -> WaitEntry? {
        let attention = line.enter(core)
        if !attention.isEmpty { beginTryingSlowly(core, attention, sending: isSending) }
        return partner(whenSending: isSending)
    }

    @usableFromInline @inline(never)
    func beginTryingSlowly(_ core: SchedulerCore, _ attention: SchedulerCore.Attention, sending isSending: Bool) {
        core.touch(line, attention)
        // In a callback nothing is announced, nor noted in the name of the running tasklet.
        if attention.contains(.callback) { return }
        if attention.contains(.channelCallback) { announce(core, sending: isSending) }
        guard attention.contains(.timeline), let partner = partner(whenSending: isSending, isClaimed: false) else {
            return
        }
        core.noteMeeting(with: partner.tasklet, sending: isSending)
    }

    /// Ends a meeting without a switch.
    @usableFromInline @inline(never)
    func endTrying(_ partner: WaitEntry, _ core: SchedulerCore) {
        line.wake(partner, core)
        line.leave(core)
    }
}
