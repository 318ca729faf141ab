/// Attributes.
extension Tasklet {
    private var state: TaskletState { record.insideGate { _ in record.state } }

    /// Whether the tasklet can run, now or later: it is queued, blocked or paused.
    public var isAlive: Bool { state != .dead }

    /// Whether the tasklet waits: at a channel, or for a time.
    public var isBlocked: Bool { state == .blocked }

    /// Whether the tasklet is queued or blocked: it goes on without anybody's resuming it.
    public var isScheduled: Bool { [.queued, .blocked].contains(state) }

    /// Whether the tasklet is alive but in no queue.
    public var isPaused: Bool { state == .paused }

    /// Whether the tasklet is the one that runs on its own thread.
    public var isCurrent: Bool {
        record.insideGate { _ in record.scheduler.isRunning(record) }
    }

    /// Whether the tasklet stands for its thread's original flow of control.
    public var isMain: Bool { record.insideGate { _ in record == record.scheduler.main } }

    /// While set, an operation of this tasklet that would block throws ``TaskletError/blockTrap`` instead.
    public var blockTrap: Bool {
        get { record.insideGate { _ in record.blockTrap } }
        nonmutating set { record.insideGate { _ in record.blockTrap = newValue } }
    }

    /// The next one in the run queue, or in the line of the channel it waits at; `nil` when it sleeps, is paused or dead.
    public var next: Tasklet? { neighbour(\.next, \.next) }

    /// The one before in the run queue, or in the line of the channel it waits at; `nil` when it sleeps, is paused or dead.
    public var previous: Tasklet? { neighbour(\.previous, \.previous) }

    private func neighbour(
        _ inRing: (TaskletRecord) -> TaskletRecord?,
        _ inLine: ((previous: WaitEntry?, next: WaitEntry?)) -> WaitEntry?
    ) -> Tasklet? {
        // The neighbours change with each step of anybody.
        record.scheduler.touchEverything()
        return record.insideGate { _ in
            switch record.state {
            case .dead, .paused: nil
            case .queued: record.scheduler.skipMarker(inRing(record), inRing).map(Tasklet.of)
            case .blocked: inLine(record.entry.place!.neighbours(of: record.entry)).map { Tasklet.of($0.tasklet) }
            }
        }
    }

    /// The scheduler of the tasklet's thread; `nil` when that thread has ended.
    public var scheduler: Scheduler? {
        let core = record.scheduler
        let isAlive = record.insideGate { isForeign in
            if core.isEnded { return false }
            // Taken here: once outside, the scheduler may end.
            isForeign ? core.borrowClaim() : core.makeClaim()
            return true
        }
        return isAlive ? Scheduler(claimed: core) : nil
    }
}
