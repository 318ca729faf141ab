import Tasklets

/// The jobs of async functions that are to be run on a scheduler's thread, in the order in which they come.
///
///     own thread:      job ─────────────────────────▶ queue ──▶ a tasklet at the end of the ring runs all that are there
///     another thread:  job ──inbox of the scheduler──▶
///
/// A job is run where nothing may switch: Swift keeps on the thread, and in frames of the stack, which task it runs, so another
/// tasklet must not run before the job has returned.
///
/// Safe because all but `enqueue` is called on the scheduler's thread.
final class JobQueue: @unchecked Sendable {
    let core: SchedulerCore
    private var jobs: [Job] = []
    /// Whether a tasklet is in the ring that will run them.
    private var hasTurn = false
    /// The job of the task that is being made is for the maker.
    private var isStarting = false
    private var started: Job?
    private var isEnding = false
    private var hasEnded = false
    /// How many async functions may end at once until a call lets the others run.
    private var callsLeft = JobQueue.callsInARow
    private static let callsInARow = 64

    /// As much as a thread of Swift's own pool has.
    private static let stackSize = 512 * 1024
    /// How many jobs run when the scheduler begins to end.
    private static let jobsAtEnd = 1000

    init(_ core: SchedulerCore) {
        self.core = core
        core.makeClaim()
    }

    deinit { core.dropClaim() }

    /// Never inlined into an async function, as nothing is that asks which thread this is: the compiler takes the answer for
    /// the same after a suspension.
    var isOwnThread: Bool {
        @inline(never) get { SchedulerCore.currentIfAny == core }
    }

    /// From any thread.
    func enqueue(_ job: Job) {
        guard isOwnThread else {
            if !core.post({ self.accept(job) }) { job.runElsewhere() }
            return
        }
        if isStarting {
            isStarting = false
            started = job
        } else if hasEnded {
            job.runElsewhere()
        } else {
            jobs.append(job)
            if !hasTurn { core.insideGate { _ in addTurn() } }
        }
    }

    /// What another thread has left. Inside the gate.
    private func accept(_ job: Job) {
        if hasEnded { return job.runElsewhere() }
        jobs.append(job)
        if !hasTurn { addTurn() }
    }

    /// Makes a task that runs on the scheduler, and runs its first job at once.
    func start(_ task: () -> Task<Void, Never>) -> Task<Void, Never> {
        isStarting = true
        let task = task()
        isStarting = false
        if let job = started.take() { run(job) }
        return task
    }

    /// Called before each: after some in a row that need not wait the others have their turn, so that nobody starves.
    func giveWayNowAndThen() throws {
        callsLeft -= 1
        if callsLeft > 0 { return }
        callsLeft = Self.callsInARow
        try core.schedule()
    }

    private func run(_ job: Job) {
        core.withoutSwitching { job.run() }
    }

    // MARK: Turns

    /// Inside the gate.
    private func addTurn() {
        // It would never come: `end` takes what is left.
        if core.takesNoMore { return }
        hasTurn = true
        let turn = Turn(self)
        core.addTasklet(name: "async functions", stackSize: Self.stackSize) {
            turn.hasBegun = true
            turn.queue.runAll()
        }
    }

    /// What has come until now. What comes meanwhile has the next turn: the tasklets have theirs in between.
    private func runAll() {
        var batch: [Job] = []
        swap(&batch, &jobs)
        for job in batch { run(job) }
    }

    /// A turn is over, or will never come since its tasklet was killed.
    ///
    /// While the scheduler ends, cleanup may still await something, so a turn that was had is followed by another one. One that
    /// was dropped is not: the next would be dropped as well.
    fileprivate func turnIsOver(hasBegun: Bool) {
        hasTurn = false
        if !jobs.isEmpty, hasBegun || !isEnding { core.insideGate { _ in addTurn() } }
    }

    // MARK: The end of the scheduler

    /// Tasklets that have not begun are dropped next, those with jobs too.
    func beginEnd() {
        isEnding = true
        var left = Self.jobsAtEnd
        while !jobs.isEmpty, left > 0 {
            left -= jobs.count
            runAll()
        }
    }

    func end() {
        hasEnded = true
        for job in jobs { job.runElsewhere() }
        jobs = []
    }
}

/// Belongs to the tasklet that runs the jobs: goes with its body.
private final class Turn {
    let queue: JobQueue
    var hasBegun = false

    init(_ queue: JobQueue) {
        self.queue = queue
    }

    deinit { queue.turnIsOver(hasBegun: hasBegun) }
}

// MARK: - Jobs whose scheduler has ended

extension Job {
    /// Runs the job on Swift's own pool: one at a time, since they belong to one thread.
    fileprivate func runElsewhere() {
        Task.detached { await Remainder.shared.run(self) }
    }
}

private actor Remainder {
    static let shared = Remainder()

    func run(_ job: Job) { job.run() }
}
