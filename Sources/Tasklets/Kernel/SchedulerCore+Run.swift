import CTasklets

/// How long a timed run() may go on. Cooperative: it ends at the first switch after the budget is spent.
enum RunBudget: Equatable {
    case none
    case switches(Int)
    /// A time of the scheduler's clock. Not a ContinuousClock.Instant: its layout is known at run time only, and would make all
    /// access to the scheduler's fields behind it slow.
    case until(nanoseconds: Int64)

    /// Counts one switch; true when none was left for it.
    mutating func isSpent(now: @autoclosure () -> Int64) -> Bool {
        switch self {
        case .none:
            return false
        case .switches(let left):
            self = .switches(left - 1)
            return left <= 0
        case .until(let deadline):
            return now() >= deadline
        }
    }
}

/// The scheduler's run() (WhoRunsWhen, "run()").
extension SchedulerCore {
    /// Runs the others until nobody is left to run, the budget is spent, or somebody wakes the caller.
    func run(_ newBudget: RunBudget) throws {
        let attention = enter()
        try checkCallback(attention)
        let me = self.me
        let maySleep = isKept || (me.fields.runsUntilDone && mayGoOnUntilDone)
        if isAlone(me), !maySleep {
            // Whether anybody is runnable is up to all of them.
            touchEverything()
            return leave()
        }
        if isEnding(me, attention) { try refuseAtEnd() }
        try checkTrap(attention)
        // Of several callers the last one goes on first.
        touch(.runners)
        me.isInsideRun = true
        me.outerRunner = innermostRunner
        innermostRunner = me
        // Of nested timed runs only the outermost one counts.
        let ownsBudget = newBudget != .none && budget == .none
        if ownsBudget {
            budget = newBudget
            fields.budgetOwner = me
            setAttention(.budget, true)
        }
        unlink(me)
        // Not `pause`: the run stack holds a runner, so its handle stays.
        me.state = .paused
        // Not a deadlock: the caller itself is the waker.
        if head == nil { _ = wakeSomebody() }
        if self.me != me { transfer(from: me, attention: self.attention, at: .wait) }
        if ownsBudget { dropBudget() }
        if me.isInsideRun { leaveRunStack(me) }
        try goOn(me)
    }

    /// Runs the others until each has ended or is paused.
    func runUntilDone() throws {
        repeat {
            let me = self.me
            let former = me.fields.runsUntilDone
            me.fields.runsUntilDone = true
            defer { me.fields.runsUntilDone = former }
            try run(.none)
        } while insideGate { _ in runCount } > 1
        if insideGate({ _ in isSomebodyStuck }) { throw deadlock }
    }

    /// Whether runUntilDone() sleeps on: another thread, or one that listens, may wake somebody who has still to end.
    var mayGoOnUntilDone: Bool { fields.sharedWaits > 0 || (fields.daemonWaits > 0 && isSomebodyStuck) }

    /// Whether a tasklet waits that would have to end: not one that listens, by a daemon wait.
    private var isSomebodyStuck: Bool {
        var isStuck = false
        forEachLiving { tasklet in
            isStuck = tasklet.state == .blocked && !isListening(tasklet)
            return !isStuck
        }
        return isStuck
    }

    private func isListening(_ tasklet: TaskletRecord) -> Bool {
        if fields.daemonWaits == 0 { return false }
        var next: WaitEntry? = tasklet.entry
        while let entry = next {
            if entry.fields.reach == .daemon { return true }
            next = entry.isOneOfSeveral ? entry.fields.sibling : nil
        }
        return false
    }

    /// Takes the woken caller and all that entered run() after it off the run stack. Their run() returns in their
    /// turn: who is in no queue is appended.
    private func leaveRunStack(_ me: TaskletRecord) {
        var inner: [TaskletRecord] = []
        while let runner = innermostRunner {
            innermostRunner = runner.outerRunner
            runner.isInsideRun = false
            runner.outerRunner = nil
            if runner == me { break }
            inner.append(runner)
        }
        for runner in inner where runner.state == .paused { resume(runner) }
    }

    func dropBudget() {
        budget = .none
        setAttention(.budget, false)
        fields.budgetOwner = nil
    }

    /// Called before a switch to the head of the ring: `[next, a]` → `[owner, next, a]` when the budget is spent.
    ///
    /// - Returns: whether it is.
    func endTimedRunIfDue(from me: TaskletRecord) -> Bool {
        guard let owner = fields.budgetOwner, owner.isInsideRun, owner.state == .paused,
            fields.budget.isSpent(now: now)
        else { return false }
        dropBudget()
        resume(owner)
        head = owner
        return true
    }

    /// The same while nobody is runnable: true when the time of a timed run() is over and its caller goes on.
    func resumeBudgetOwnerIfDue() -> Bool {
        guard case .until(let deadline) = budget, deadline <= now, let owner = fields.budgetOwner, owner.isInsideRun,
            owner.state == .paused
        else { return false }
        dropBudget()
        resume(owner)
        return true
    }
}
