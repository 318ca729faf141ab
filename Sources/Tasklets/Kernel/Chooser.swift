/// Decides who goes on, in place of the order that is contract: for tests that look for an order in which a program fails.
///
/// A scheduler without one pays nothing: the operations ask for it only where they look at rare things anyway.
///
///     [a, b, c]     a switch by the order goes on with a
///     [c, a, b]     the chooser says c: that one is brought to the front, the others keep their order
///
/// All calls are made on the scheduler's thread, in the middle of an operation; they must not switch.
package protocol Chooser: AnyObject {
    /// A tasklet is about to give up its turn, or could.
    ///
    /// - Parameters:
    ///   - point: what the running tasklet does.
    ///   - me: that tasklet. In the ring, unless it waits, has paused itself or has ended.
    ///   - core: its head goes on if the chooser leaves it so. It may be the only one.
    /// - Returns: a tasklet in the ring, or `nil` for what the order says.
    func choose(at point: SwitchPoint, leaving me: TaskletRecord, in core: SchedulerCore) -> TaskletRecord?

    /// Another one goes on, and nobody is asked: the program has said who, or an error has.
    func willSwitch(leaving me: TaskletRecord, in core: SchedulerCore)

    /// The running tasklet is about to look at something that others may look at too, or to change it: a tasklet, or a place
    /// to wait at, by its `identity`; 0 stands for the whole scheduler. Steps of two tasklets that touch nothing in common may
    /// be swapped, and so may steps that only look.
    func willTouch(_ thing: UInt, writing: Bool, in core: SchedulerCore)

    /// No tasklet is runnable: all have come to where they wait.
    func nobodyIsRunnable(in core: SchedulerCore)

    /// Nobody ever will be, which the one who came last hears of, or main.
    func isDeadlocked(in core: SchedulerCore)

    /// Somebody is runnable again, by a timer, or since run() returns when all wait. The head goes on, unless `choose` is
    /// called now.
    func somebodyIsRunnable(byTimer: Bool, in core: SchedulerCore)

    /// What tells the next thing that the running tasklet makes from all others, in other runs of the program as well: its
    /// address would not. Not zero.
    func identityOfNext(in core: SchedulerCore) -> UInt
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
    /// The program has said who goes on: the chooser is told, and not asked.
    case fixed
    /// It has been asked already.
    case chosen
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
        if isHost { fields.world?.seam(in: self, isBeginning: true) }
        let attention = enter()
        let me = self.me
        guard attention.isDisjoint(with: [.callback, .trap, .ending]) else { return leave() }
        choose(from: me, at: .operation)
        if self.me != me { transfer(from: me, attention: attention, at: .chosen) }
        try goOn(me)
    }

    /// Asks who goes on, and brings that one to the front.
    func choose(from me: TaskletRecord, at point: SwitchPoint) {
        guard let chooser = fields.chooser else { return }
        switch point {
        case .chosen: break
        case .fixed: chooser.willSwitch(leaving: me, in: self)
        case .yield, .wait, .end, .meeting, .operation:
            if let chosen = chooser.choose(at: point, leaving: me, in: self) { bringToFront(chosen) }
        }
    }

    /// `[a, b, c]` → `[c, a, b]`
    private func bringToFront(_ tasklet: TaskletRecord) {
        if tasklet == head { return }
        unlink(tasklet)
        prepend(tasklet)
    }

    @inlinable @inline(__always)
    package func touch(_ tasklet: TaskletRecord, _ attention: Attention) {
        if attention.contains(.exploring) { tellChooser(of: tasklet) }
    }

    @inlinable @inline(__always)
    package func touch(_ line: WaitLine, _ attention: Attention) {
        if attention.contains(.exploring) { tellChooser(of: line) }
    }

    @usableFromInline @inline(never)
    func tellChooser(of tasklet: TaskletRecord) { tellChooser(of: tasklet.identity) }

    @usableFromInline @inline(never)
    func tellChooser(of line: WaitLine) { tellChooser(of: line.identity) }

    package func tellChooser(of thing: UInt, writing: Bool = true) {
        // Not when a timer ends a wait while nobody runs: that comes after everything in any case.
        guard SchedulerCore.currentIfAny == self, head != nil else { return }
        fields.chooser?.willTouch(thing, writing: writing, in: self)
    }

    /// The running tasklet looks at the scheduler as a whole.
    package func touchEverything() {
        if attention.contains(.exploring) { tellChooser(of: 0) }
    }

    /// An order among all those that do the same is kept.
    package func touch(_ order: KeptOrder) {
        if attention.contains(.exploring) { tellChooser(of: order.rawValue) }
    }

    /// The identities are no addresses, nor anything else that a chooser hears of.
    package enum KeptOrder: UInt {
        /// In which tasklets have called run().
        case runners = 0xffff_0001
        /// In which promises have been settled.
        case promises = 0xffff_0002
    }

    /// What tells a thing from others that the running tasklet is about to make; 0 when no chooser asks, and an address is
    /// enough.
    package func identityOfNext() -> UInt {
        attention.contains(.exploring) ? fields.chooser?.identityOfNext(in: self) ?? 0 : 0
    }

    package var chooser: (any Chooser)? { fields.chooser }

    // MARK: What a chooser may do besides

    /// Whether a timed run() counts switches, or looks at the time at each.
    package var isTimed: Bool { budget != .none }

    /// When the next timer is due, as a time of the scheduler's clock.
    package var nextTimer: Int64? { fields.timers?.nextDeadline }

    /// With a virtual clock: the next timer is due now, although tasklets are runnable.
    package func letNextTimerFire() {
        guard jump(to: nextTimer) else { return }
        collect()
    }

    /// Throws an error in main, whatever that waits for: it is the next to run, unless its place has to finish something
    /// first. Inside the gate.
    package func interruptMain(by error: any Error) -> TaskletRecord? {
        if let replaced = deliver(error, to: main) { discard(replaced) }
        return main.state == .queued ? main : nil
    }

    /// Whether anybody but main is alive.
    package var hasOthers: Bool { fields.living.first != fields.living.last }
}

extension WaitLine {
    /// What tells the line from others, for a `Chooser`.
    package var identity: UInt {
        fields.identity != 0 ? fields.identity : unsafe UInt(bitPattern: memory)
    }
}

extension TaskletRecord {
    /// What tells the tasklet from others, for a `Chooser`. Not its address, which the tasklet of another run may have.
    package var identity: UInt { UInt(bitPattern: number) }

    /// Of the tasklets of its scheduler, in the order in which they were made.
    package var number: Int { fields.fiber.origin.number }

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
