import CTasklets

/// The end of a scheduler: of its scope, its thread or the program (WhoRunsWhen, "End of life").
///
/// The caller ends everybody else and then the scheduler itself, in these steps:
///
///     1. those that never ran are dropped
///     2. those that run() or main stand for, if the caller is not main, are taken out: nothing of them runs again
///     3. the others get `TaskletExit` where they are, one after the other, the oldest first
///     4. cleanup that gives way or waits goes on, as long as somebody is runnable; for the world outside it may wait until
///        the grace is over
///     5. from now on every wait of the rest is refused with `TaskletExit`
///     6. one that catches this a hundred times is left where it is, and named
extension SchedulerCore {
    /// How long cleanup may wait for the world outside, in nanoseconds.
    private static let grace: Int64 = 1_000_000_000
    /// How many turns cleanup gets that only gives way.
    private static let turnsOfCleanup = 1000
    /// How many refused waits a tasklet may catch at the end.
    private static let mostRefusals: UInt8 = 100

    /// - Returns: the first error that left a tasklet meanwhile: no caller of run() is left to throw it to.
    func end() -> LostError? {
        let firstError = endOthers()
        endModules()
        endExtrasOfMain()
        let untaken = takeUntakenErrors()
        // One is thrown, if anybody is left to throw it to.
        for error in untaken.dropFirst(firstError == nil ? 1 : 0) { error.report(at: "its scheduler") }
        retireFromProcess()
        return firstError ?? untaken.first
    }

    /// Ends everybody but the caller, which is main, and makes the scheduler as it was at its beginning: for the next run of
    /// a program that is run again and again. Tasklets, channels and timers are numbered from the beginning; stacks and records
    /// are used again. Costs a fraction of a new scheduler.
    ///
    /// - Returns: as `end`.
    package func beginAgain() -> (any Error)? {
        precondition(me == main && me.fields.limit == nil, "Only main begins again, and not in a block with a limit.")
        let lost = endOthers()
        endModules()
        endExtrasOfMain()
        let untaken = takeUntakenErrors()
        let firstError = lost ?? untaken.first
        _ = enter()
        fields.ender = nil
        setAttention(.ending, false)
        main.fields.refusals = []
        main.fields.hasEnded = false
        fields.virtualTime?.reset()
        // The number of main.
        fields.lastNumber = 1
        fields.timers = nil
        fields.roundsToLook = 1
        fields.roundsBetweenLooks = 1
        leave()
        return firstError?.error
    }

    private func endOthers() -> LostError? {
        // A trap or a callback that was left behind must not stand in the way.
        changeTrapLevel(by: -trapLevel)
        let lastOrigin = hooks.lastUncaught?.origin
        hooks = SchedulerHooks()
        setAttention(.scheduleCallback, false)
        tellModules(.begins)
        dropBudget()
        _ = enter()
        let me = self.me
        fields.ender = me
        var firstError = me.takeError().map { LostError(error: $0, origin: lastOrigin) }
        if me.fields.limit != nil { dropLimits(of: me) }
        leave()
        endFibers(of: me)
        // One is thrown, if anybody is left to throw it to.
        func keepFirst(_ errors: [LostError]) {
            for error in errors {
                if firstError == nil { firstError = error } else { error.report(at: "its scheduler") }
            }
        }
        keepFirst(dropNeverStarted())
        takeOutCallersOfRun()
        takeOutQueued()
        func keepingFirstError(_ body: () throws -> Void) {
            hooks.lastUncaught = nil
            do {
                try body()
            } catch {
                keepFirst([LostError(error: error, origin: hooks.lastUncaught?.origin)])
            }
        }
        for victim in started { keepingFirstError { try victim.kill() } }
        var turns = 0
        while turns < Self.turnsOfCleanup, insideGate({ _ in runCount }) > 1 {
            keepingFirstError { try schedule() }
            turns += 1
        }
        if insideGate({ _ in isKept }) { keepingFirstError { try run(.until(nanoseconds: now + Self.grace)) } }
        // Again, since another thread may take one out of the ring before its turn.
        while refuseAllWaits() {
            while insideGate({ _ in runCount }) > 1 {
                keepingFirstError { try schedule() }
                // What cleanup has made does not begin any more.
                keepFirst(dropNeverStarted())
            }
        }
        for survivor in started {
            report("\(survivor) caught TaskletExit every time; its stack is never freed.")
        }
        keepFirst(dropNeverStarted())
        return firstError
    }

    /// Frees the tasklets that never ran: neither their bodies nor anything else of theirs runs.
    ///
    /// - Returns: the errors that some of them were made to throw.
    private func dropNeverStarted() -> [LostError] {
        var errors: [LostError] = []
        // What a body holds may make tasklets when it is released, and so may what those hold: the rounds are limited.
        for _ in 0..<SchedulerCore.exitAttempts {
            let (held, untaken) = takeNeverStarted()
            if held.isEmpty { break }
            errors += untaken
        }
        return errors
    }

    /// What the tasklets that never ran held. Released by the caller, outside the gate: it may run the program's code.
    private func takeNeverStarted() -> (held: [Any], untaken: [LostError]) {
        var held: [Any] = []
        var untaken: [LostError] = []
        _ = enter()
        forEachLiving { tasklet in
            guard tasklet != main, tasklet != me, !tasklet.isStarted else { return true }
            if tasklet.state == .queued { unlink(tasklet) }
            tasklet.state = .dead
            tasklet.fields.hasEnded = true
            unlinkLiving(tasklet)
            if tasklet.fields.carriesUntakenError {
                untaken.append(LostError(error: tasklet.takeError()!, origin: tasklet.origin))
            }
            held.append((tasklet.takeLeftovers(), tasklet.takeHandle()))
            return true
        }
        leave()
        return (held, untaken)
    }

    /// The program ends inside a tasklet: main, and the callers of run() above it, never go on. They are in no queue and no
    /// line any more, so that neither a partner nor an error can reach them.
    private func takeOutCallersOfRun() {
        _ = enter()
        defer { leave() }
        guard me != main else { return }
        var out: [TaskletRecord] = []
        var runner = innermostRunner
        while let current = runner {
            runner = current.outerRunner
            out.append(current)
        }
        if !out.contains(main) { out.append(main) }
        for tasklet in out where tasklet != me {
            if tasklet.state == .blocked { withdraw(tasklet) }
            if tasklet.state == .queued { unlink(tasklet) }
            if tasklet.state != .dead { unlinkLiving(tasklet) }
            tasklet.state = .dead
        }
        innermostRunner = nil
    }

    /// Takes everybody else out of the ring, so that killing one gives no turn to another.
    private func takeOutQueued() {
        _ = enter()
        unlinkMarker()
        let me = self.me
        while let next = me.next, next != me {
            unlink(next)
            next.state = .paused
        }
        linkMarkerIfNeeded()
        leave()
    }

    private var started: [Tasklet] {
        _ = enter()
        defer { leave() }
        var found: [Tasklet] = []
        forEachLiving { tasklet in
            if tasklet != main, tasklet != me, tasklet.isStarted { found.append(Tasklet.of(tasklet)) }
            return true
        }
        return found
    }

    // MARK: Refusals

    /// Throws `TaskletExit` in all that are left, and in each of their waits from now on. False when there is none but those
    /// that have caught it too often.
    private func refuseAllWaits() -> Bool {
        let left = started
        _ = enter()
        setAttention(.ending, true)
        var replaced: [any Error] = []
        var isAnyoneLeft = false
        for tasklet in left.map(\.record) where tasklet.state != .dead && !hasCaughtTooMuch(tasklet) {
            isAnyoneLeft = true
            tasklet.fields.refusals.insert(.ending)
            tasklet.fields.refusalCount += 1
            // Also one that is inside run().
            if tasklet.state != .queued, let error = deliver(TaskletExit(), to: tasklet) { replaced.append(error) }
        }
        leave()
        withExtendedLifetime(replaced) {}
        return isAnyoneLeft
    }

    private func hasCaughtTooMuch(_ tasklet: TaskletRecord) -> Bool {
        tasklet.fields.refusalCount >= Self.mostRefusals
    }

    /// Whether what the running tasklet is about to do would switch although its scheduler ends.
    @inlinable @inline(__always)
    func isEnding(_ me: TaskletRecord, _ attention: Attention) -> Bool {
        attention.contains(.ending) && me.fields.refusals.contains(.ending)
    }

    /// Goes out of the gate, gives way once and throws `TaskletExit`.
    @usableFromInline @inline(never)
    func refuseAtEnd() throws {
        leave()
        try countRefusalAtEnd()
        throw TaskletExit()
    }

    /// Gives way once; for good when the tasklet has caught it too often: its frames stay.
    func countRefusalAtEnd() throws {
        _ = enter()
        let me = self.me
        if !hasCaughtTooMuch(me) { me.fields.refusalCount += 1 }
        unlink(me)
        if hasCaughtTooMuch(me) { me.state = .paused } else { append(me) }
        transfer(from: me, attention: attention, at: .yield)
        try goOn(me)
    }

    // MARK: The last steps

    /// Main ends with its scheduler, unless the program ends in another tasklet.
    private func endExtrasOfMain() {
        guard insideGate({ _ in me == main }) else { return }
        main.fields.hasEnded = true
        guard let extras = main.fields.extras.take() else { return }
        extras.locals = nil
        end(extras)
    }

    private func retireFromProcess() {
        SchedulerRegistry.remove(self)
        _ = enter()
        fields.isEnded = true
        let main = self.main
        if me == main {
            main.state = .dead
            unlinkLiving(main)
            head = nil
        }
        // Inside the gate: another thread may have a handle of main too.
        let mainHandle = main.takeHandle()
        closeInbox()
        leave()
        // The pools free their regions; a stack that is still in use keeps its own.
        // Releases what was discarded.
        _ = enter()
        leave()
        if let retired = fields.retiredStack { giveBack(retired) }
        fields.retiredStack = nil
        unsafe fields.stackPools.pointee = StackPools()
        freeSpareRecords()
        SchedulerCore.setCurrent(nil)
        withExtendedLifetime(mainHandle) {}
        // Another thread may have failed a promise meanwhile.
        for error in takeUntakenErrors() { error.report(at: "its scheduler") }
        dropOwnerClaims()
    }
}

/// Writes a line to standard error.
package func report(_ text: String) {
    unsafe report_line("Tasklets: " + text)
}
