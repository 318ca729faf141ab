/// Decides who goes on, in place of the order that is contract: for tests that look for an order in which a program fails.
///
/// A scheduler without one pays nothing: the operations ask for it only where they look at rare things anyway.
///
///     [a, b, c]     a switch by the order goes on with a
///     [c, a, b]     the chooser says c: that one is brought to the front, the others keep their order
///
/// Both calls are made on the scheduler's thread, in the middle of an operation; they must not switch.
package protocol Chooser: AnyObject {
    /// A tasklet is about to give up its turn, or could.
    ///
    /// - Parameters:
    ///   - point: what the running tasklet does.
    ///   - me: that tasklet. In the ring, unless it waits, has paused itself or has ended.
    ///   - core: its ring has at least two tasklets; the head goes on if the chooser leaves it so.
    /// - Returns: a tasklet in the ring, or `nil` for what the order says.
    func choose(at point: SwitchPoint, leaving me: TaskletRecord, in core: SchedulerCore) -> TaskletRecord?

    /// The running tasklet is about to look at something that others may look at too, or to change it: a tasklet, or a place
    /// to wait at, by its `identity`. Steps of two tasklets that touch nothing in common may be swapped.
    func willTouch(_ thing: UnsafeRawPointer)
}

/// Where a running tasklet gives up its turn.
@usableFromInline
package enum SwitchPoint {
    /// It gives way and stays in the ring.
    case yield
    /// It waits, pauses itself, or calls run().
    case wait
    /// It has ended.
    case end
    /// It has met a partner that goes on.
    case meeting
    /// It begins an operation that may switch, and would go on. Between two of them no other tasklet can run, so to ask here
    /// is enough.
    case operation
    /// The program has said who goes on: not asked.
    case fixed
}

extension SchedulerCore {
    /// - Parameter chooser: `nil` for the order that is contract.
    package func setChooser(_ chooser: (any Chooser)?) {
        _ = enter()
        let former = fields.chooser
        fields.chooser = chooser
        setAttention(.exploring, chooser != nil)
        leave()
        withExtendedLifetime(former) {}
    }

    /// Out of the gate, at the beginning of an operation that throws and may switch: another tasklet runs first if the
    /// chooser says so.
    ///
    /// - Throws: what is sent to the caller meanwhile.
    @inlinable @inline(__always)
    package func beginOperation() throws {
        if attention.contains(.exploring) { try offerInterruption() }
    }

    @usableFromInline @inline(never)
    package func offerInterruption() throws {
        let attention = enter()
        let me = self.me
        guard attention.isDisjoint(with: [.callback, .trap, .ending]), !isAlone(me) else { return leave() }
        choose(from: me, at: .operation)
        if self.me != me { transfer(from: me, attention: attention, at: .fixed) }
        try goOn(me)
    }

    /// Asks who goes on, and brings that one to the front.
    func choose(from me: TaskletRecord, at point: SwitchPoint) {
        guard let chooser = fields.chooser, let head, !isAlone(head) else { return }
        if let chosen = chooser.choose(at: point, leaving: me, in: self) { bringToFront(chosen) }
    }

    /// `[a, b, c]` → `[c, a, b]`
    private func bringToFront(_ tasklet: TaskletRecord) {
        if tasklet == head { return }
        unlink(tasklet)
        prepend(tasklet)
    }

    @inlinable @inline(__always)
    package func touch(_ tasklet: TaskletRecord, _ attention: Attention) {
        if attention.contains(.exploring) { unsafe tellChooser(of: tasklet.identity) }
    }

    @inlinable @inline(__always)
    package func touch(_ line: WaitLine, _ attention: Attention) {
        if attention.contains(.exploring) { unsafe tellChooser(of: line.identity) }
    }

    @usableFromInline @inline(never)
    func tellChooser(of thing: UnsafeRawPointer) {
        guard SchedulerCore.currentIfAny == self else { return }
        unsafe fields.chooser?.willTouch(thing)
    }
}

extension WaitLine {
    @inlinable
    package var identity: UnsafeRawPointer { unsafe UnsafeRawPointer(memory) }
}

extension TaskletRecord {
    @inlinable
    package var identity: UnsafeRawPointer { unsafe UnsafeRawPointer(memory) }

    /// Runs `body` inside the gate of the tasklet's scheduler, from whatever thread; `body` must not switch.
    package func insideGate<Result, Failure: Error>(
        _ body: (_ isForeign: Bool) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try scheduler.insideGate { isForeign throws(Failure) in
            scheduler.touch(self, scheduler.attention)
            return try body(isForeign)
        }
    }
}
