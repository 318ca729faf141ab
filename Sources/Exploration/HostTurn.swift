import Tasklets

/// One host: who of its tasklets goes on, and where it sleeps.
final class HostTurn: Chooser, WaitLineOwner {
    let core: SchedulerCore
    unowned let hosts: Hosts
    let number: Int
    /// What runs the host in the root.
    let tasklet: TaskletRecord
    /// Whether the run has ended without it.
    var isGivenUp = false
    /// Whether nothing has happened in the host since others could come in between.
    var isAtSeam = false
    private var turns = Turns()
    private var interruptions = 0
    /// Where its tasklet waits in the root.
    let line = WaitLine()
    /// Whether it has been woken before it slept.
    private var isWoken = false

    init(_ core: SchedulerCore, of hosts: Hosts, number: Int, tasklet: TaskletRecord) {
        self.core = core
        self.hosts = hosts
        self.number = number
        self.tasklet = tasklet
    }

    deinit { line.free() }

    // MARK: Sleep

    static let sleepText = "the sleep of its host"

    func describe(_ entry: WaitEntry) -> String { Self.sleepText }

    /// In the root.
    ///
    /// - Throws: what ends the run, or a deadlock of all.
    func sleep(until deadline: Int64?) throws {
        guard let deadline else { return try sleep() }
        do {
            try withDeadline(TaskletClock.Instant(nanoseconds: deadline)) { try sleep() }
        } catch is TimeoutError {}
    }

    private func sleep() throws {
        let root = try line.begin()
        if isWoken {
            isWoken = false
            return line.leave(root)
        }
        try unsafe line.wait(root, at: self)
    }

    /// Does not go through the gate of the root: one of its own tasklets may be inside.
    func wake() {
        if !line.wakeFirst(hosts.root) { isWoken = true }
    }

    // MARK: Who goes on

    private var isOver: Bool { isGivenUp || hosts.runner.isOver }

    func choose(at point: SwitchPoint, leaving me: TaskletRecord, in core: SchedulerCore) -> TaskletRecord? {
        if point != .operation { isAtSeam = false }
        if point == .operation, hosts.runner.points == .switches { return nil }
        // A loop that gives way until another host has done something lets that run.
        if point == .yield, !isOver { hosts.giveWay(in: core) }
        if isOver { return interrupt() }
        var candidates: [TaskletRecord] = []
        if point == .yield || turns.isNeeded {
            turns.note(leaving: me, isYield: point == .yield, in: core)
            candidates = turns.candidates
        } else {
            core.forEachQueued { candidates.append($0) }
        }
        let chosen = hosts.runner.choose(among: candidates, at: point, leaving: me, of: self)
        if isOver { return interrupt() }
        if let chosen, chosen != me { isAtSeam = false }
        return chosen
    }

    /// Throws in main, again and again until it leaves the body of the host.
    private func interrupt() -> TaskletRecord? {
        interruptions += 1
        guard interruptions < Runner.mostSteps else {
            fatalError("A host catches the error by which an exploration ends its run every time.")
        }
        return core.interruptMain(by: AbandonedRun())
    }

    func willTouch(_ thing: UInt, writing: Bool, in core: SchedulerCore) { isAtSeam = false }

    // The search that asks for these knows no hosts.
    func willSwitch(leaving me: TaskletRecord, in core: SchedulerCore) {}
    func nobodyIsRunnable(in core: SchedulerCore) {}
    func isDeadlocked(in core: SchedulerCore) {}
    func somebodyIsRunnable(byTimer: Bool, in core: SchedulerCore) {}
    func identityOfNext(in core: SchedulerCore) -> UInt { 0 }
}
