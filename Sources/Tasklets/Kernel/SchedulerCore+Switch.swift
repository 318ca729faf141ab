public import CTasklets

/// The switch, and the moves that lead to it (WhoRunsWhen, "Moves").
///
/// Every move is made inside the gate: it changes the ring so that the target is the head, then calls `transfer`.
extension SchedulerCore {
    /// Goes on with the head of the ring; returns when somebody switches back to `me`.
    ///
    /// - Parameters:
    ///   - attention: what `enter` returned for this operation.
    ///   - point: why the turn is given up, for a `Chooser`.
    @inlinable @inline(__always)
    package func transfer(from me: TaskletRecord, attention: Attention, at point: SwitchPoint) {
        if !attention.isEmpty {
            beforeSwitch(from: me, at: point)
            if self.me == me { return }
        }
        var target = self.me
        if !target.hasFrames {
            target = readyHead(leaving: me)
            if target == me { return }
        }
        if attention.contains(.sanitizer) {
            unsafe prepareToLeave(me.fiber.sanitizer)
            unsafe stack_sanitizer_leave(me.fiber.sanitizer, target.fiber.sanitizer, false)
        }
        me.fiber.switchStack(to: target.fiber)
        if attention.contains(.sanitizer) { unsafe announceArrival(me.fiber.sanitizer) }
    }

    /// Goes on with the head of the ring, and out of the gate when the turn comes again.
    @inlinable @inline(__always)
    package func switchAndGoOn(_ me: TaskletRecord) throws {
        transfer(from: me, attention: attention, at: .meeting)
        try goOn(me)
    }

    /// Goes out of the gate after a switch and throws what was sent here meanwhile.
    @inlinable @inline(__always)
    package func goOn(_ me: TaskletRecord) throws {
        if me.error != nil { try throwDelivered(me) }
        leave()
    }

    /// Throws an error that was sent to the running tasklet, if there is one.
    @inlinable
    package func throwDeliveredError() throws {
        _ = enter()
        try goOn(me)
    }

    @usableFromInline @inline(never)
    func throwDelivered(_ me: TaskletRecord) throws {
        let error = me.takeError()!
        leave()
        throw error
    }

    /// The rare part of a switch: a chooser, a timed run() that is over, the timeline, the schedule callback.
    @usableFromInline @inline(never)
    func beforeSwitch(from me: TaskletRecord, at point: SwitchPoint) {
        if attention.contains(.watched) { endWatchedTurn() }
        passMarker(leaving: me)
        let isTimeOver = budget != .none && endTimedRunIfDue(from: me)
        if attention.contains(.exploring) { choose(from: me, at: isTimeOver ? .fixed : point) }
        if attention.contains(.stackMarks) { beginStackMark(after: me) }
        let target = self.me
        guard target != me else { return }
        if attention.contains(.timeline) { noteSwitch(to: target) }
        guard attention.contains(.scheduleCallback), let callback = hooks.scheduleCallback else { return }
        let previous = Tasklet.of(me)
        let next = Tasklet.of(target)
        outsideGate(current: me) { callback(previous, next) }
    }

    /// Runs a callback of the program: outside the gate, with `me` as the current tasklet. What would switch throws.
    package func outsideGate(current me: TaskletRecord, _ callback: () -> Void) {
        fields.currentDuringCallback = me
        setAttention(.callback, true)
        leave()
        callback()
        enterAgain()
        setAttention(.callback, false)
        fields.currentDuringCallback = nil
    }

    func changeTrapLevel(by change: Int) {
        trapLevel += change
        setAttention(.trap, trapLevel > 0)
    }

    /// - Throws: `TaskletError.switchTrap` out of the gate while the trap is set.
    @inlinable @inline(__always)
    package func checkTrap(_ attention: Attention) throws {
        if attention.contains(.trap) { try throwTrapUnlessEnding() }
    }

    /// The head of the ring is not the running tasklet while a callback runs, so nothing may be done in its name.
    ///
    /// - Throws: `TaskletError.switchTrap` out of the gate.
    @inlinable @inline(__always)
    package func checkCallback(_ attention: Attention) throws {
        if attention.contains(.callback) { try throwTrap() }
    }

    @usableFromInline @inline(never)
    func refuseToSwitch(_ me: TaskletRecord, _ attention: Attention) throws {
        if attention.contains(.callback) { try throwTrap() }
        if isEnding(me, attention) { try refuseAtEnd() }
        if attention.contains(.trap) { try throwTrapUnlessEnding() }
    }

    /// A trap that cleanup has left set does not stand in the way of the one who ends the scheduler.
    @usableFromInline @inline(never)
    func throwTrapUnlessEnding() throws {
        if fields.ender != me { try throwTrap() }
    }

    @usableFromInline @inline(never)
    func throwTrap() throws {
        leave()
        throw TaskletError.switchTrap
    }

    // MARK: Moves

    /// Give way: `[me, a, b]` → `[a, b, me]`.
    @inlinable @inline(__always)
    package func schedule() throws {
        let attention = enter()
        let me = self.me
        let next = me.successor
        if next != me {
            if !attention.isDisjoint(with: [.trap, .callback, .ending]) { try refuseToSwitch(me, attention) }
            head = next
            prefetch(behind: next, leaving: me)
            transfer(from: me, attention: attention, at: .yield)
        } else if !attention.isEmpty {
            try giveWayAlone(me, attention)
        }
        try goOn(me)
    }

    /// Nobody else is runnable. But a timed run() may be over, and a chooser counts the turn.
    @usableFromInline @inline(never)
    func giveWayAlone(_ me: TaskletRecord, _ attention: Attention) throws {
        try checkCallback(attention)
        transfer(from: me, attention: attention, at: .yield)
    }

    /// Asks for the memory of the one behind `next`, while `next` runs: with many tasklets no cache holds all of them.
    /// Its record has been asked for one switch before, so reading it does not wait.
    ///
    ///     [me, next, second, third]
    ///                frames  record
    @inlinable @inline(__always)
    func prefetch(behind next: TaskletRecord, leaving me: TaskletRecord) {
        let second = next.successor
        if second == me { return }
        second.prefetchFrames()
        second.successor.prefetchRecord()
    }

    /// The caller leaves the queue and can be resumed by whoever holds its handle: `[me, a, b]` → `[a, b]`.
    func scheduleRemove() throws {
        let attention = enter()
        try checkCallback(attention)
        let me = self.me
        if !me.fields.refusals.isEmpty, let refusal = refusal(of: me), !refusal.isTrap {
            leave()
            throw refused(by: refusal)
        }
        let isLast = isAlone(me)
        if isLast, me == waker { return leave() }
        let isDeadlock = isLast && !isKept && waker.state == .blocked
        if !isDeadlock { try checkTrap(attention) }
        if me != main, me.isHandleUnique {
            leave()
            throw TaskletExit()
        }
        unlink(me)
        pause(me)
        if isLast, !wakeSomebody() {
            resume(me)
            let error = DeadlockError(reason: .deadlock, scheduler: self)
            leave()
            throw error
        }
        if self.me != me { transfer(from: me, attention: attention, at: .wait) }
        try goOn(me)
    }

    /// Jump: `tasklet` runs next and the caller stays queued (`run`), or leaves (`switch`).
    func jump(to tasklet: TaskletRecord, leaving: Bool) throws {
        try beginOperation()
        let attention = enter()
        touch(tasklet, attention)
        try checkCallback(attention)
        let me = self.me
        do {
            try checkResumable(tasklet)
        } catch {
            leave()
            throw error
        }
        if tasklet == me { return leave() }
        if isEnding(me, attention) { try refuseAtEnd() }
        try checkTrap(attention)
        moveToFront(tasklet)
        if leaving {
            if me != main, me.isHandleUnique {
                // Nobody could ever resume the caller: it ends here, in front of the target, as if it had been
                // killed on the spot.
                unlink(me)
                prepend(me)
                leave()
                throw TaskletExit()
            }
            unlink(me)
            pause(me)
        }
        transfer(from: me, attention: attention, at: .fixed)
        try goOn(me)
    }

    func checkResumable(_ tasklet: TaskletRecord) throws(TaskletError) {
        switch tasklet.state {
        case .dead: throw .dead
        case .blocked: throw .blocked
        case .queued, .paused: break
        }
    }

    /// `[me, a, t, b]` → `[t, b, me, a]` when queued, `[me, a]` → `[t, me, a]` when paused.
    func moveToFront(_ tasklet: TaskletRecord) {
        if tasklet.state == .queued {
            head = tasklet
        } else {
            resume(tasklet)
            head = tasklet
        }
    }

    // MARK: Paused

    /// Lets go of the handle: the one who resumes the tasklet needs it, and when the last one has gone nobody can.
    func pause(_ tasklet: TaskletRecord) {
        tasklet.state = .paused
        guard tasklet != main else { return }
        tasklet.weakenHandle()
    }

    /// Appends a paused tasklet.
    func resume(_ tasklet: TaskletRecord) {
        if tasklet.handle == nil { tasklet.handle = tasklet.anyHandle }
        append(tasklet)
    }
}
