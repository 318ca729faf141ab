public import Tasklets

/// A scheduler as async functions and other threads see it: what they have run there, and what they run on.
///
/// ```swift
/// let scheduler = Scheduler.current.executor    // on the scheduler's own thread; may be sent anywhere
/// Task {
///     let total = try await scheduler.run { try jobs.receive() }
/// }
/// ```
///
/// An actor may have it as its executor; then the actor's functions run on the scheduler's thread, between two turns of
/// tasklets:
///
/// ```swift
/// actor Register {
///     private let scheduler: SchedulerExecutor
///     nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
///     init(on scheduler: SchedulerExecutor) { self.scheduler = scheduler }
/// }
/// ```
///
/// **Jobs.** A part of an async function between two suspensions runs on the stack of a tasklet that is made for it and put
/// at the end of the run queue: one for all that have come. It keeps nobody from returning out of `run()`. Such a part must
/// not wait as tasklets do: what would switch throws `TaskletError.switchTrap`. It may open a `Scheduler.scope(clock:_:)`,
/// and do what goes on without a switch.
///
/// Jobs run while the scheduler's tasklets have their turns: when its thread does something else, they wait. When the scheduler
/// has ended, what is left of its tasks goes on elsewhere, one job at a time.
public final class SchedulerExecutor: SerialExecutor {
    let jobs: JobQueue

    /// For tasks, as in `withTaskExecutorPreference(scheduler.forTasks) { … }`: what is isolated to no actor, or to one that has
    /// no executor of its own, runs on the scheduler's thread.
    public let forTasks: any TaskExecutor
    let taskExecutor: SchedulerTaskExecutor

    init(_ core: SchedulerCore) {
        jobs = JobQueue(core)
        taskExecutor = SchedulerTaskExecutor(jobs)
        forTasks = taskExecutor
    }

    var core: SchedulerCore { jobs.core }

    /// Has a part of an async function run on the scheduler's thread. Swift calls it, on whatever thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.enqueue(Job(job: UnownedJob(job), place: .actors(self)))
    }

    /// What an actor gives as its `unownedExecutor`; see above. The actor has to keep the executor itself as well.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    /// Tasklets of the scheduler are where its actors are.
    public func checkIsolated() {
        if jobs.isOwnThread { return }
        fatalError("This is not the thread of the scheduler that the actor has as its executor.")
    }
}

/// The scheduler as what tasks run on.
final class SchedulerTaskExecutor: TaskExecutor {
    private let jobs: JobQueue

    init(_ jobs: JobQueue) {
        self.jobs = jobs
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.enqueue(Job(job: UnownedJob(job), place: .tasks(self)))
    }
}

/// A part of an async function that is to be run: up to its next suspension.
///
/// Safe because a job is run once.
@safe
struct Job: Sendable {
    enum Place {
        case actors(SchedulerExecutor)
        case tasks(SchedulerTaskExecutor)
    }

    let job: UnownedJob
    let place: Place

    /// Where nothing may switch.
    func run() {
        switch place {
        case .actors(let executor): unsafe ExecutorJob(job).runSynchronously(on: executor.asUnownedSerialExecutor())
        case .tasks(let executor): unsafe ExecutorJob(job).runSynchronously(on: executor.asUnownedTaskExecutor())
        }
    }
}

// MARK: - That of a scheduler

extension Scheduler {
    /// The scheduler as async functions and other threads see it. On the scheduler's own thread; made at the first use.
    public var executor: SchedulerExecutor {
        guard SchedulerCore.currentIfAny == core else {
            fatalError("Ask for a scheduler's executor on its own thread, and send that.")
        }
        return .current
    }
}

extension SchedulerExecutor {
    /// What the kernel keeps of it.
    private struct Memory {
        let executor: SchedulerExecutor
    }

    /// That of the calling thread's scheduler.
    static var current: SchedulerExecutor {
        let core = SchedulerCore.current
        if let memory = unsafe core.memory(of: Memory.self) { return unsafe memory.pointee.executor }
        return make(for: core)
    }

    private static func make(for core: SchedulerCore) -> SchedulerExecutor {
        let executor = SchedulerExecutor(core)
        let memory = UnsafeMutablePointer<Memory>.allocate(capacity: 1)
        unsafe memory.initialize(to: Memory(executor: executor))
        unsafe core.add(memory) { end in
            switch end {
            case .begins: unsafe memory.pointee.executor.jobs.beginEnd()
            case .fibers, .completes: break
            case .isOver:
                unsafe memory.pointee.executor.jobs.end()
                unsafe memory.deinitialize(count: 1)
                unsafe memory.deallocate()
            }
        }
        return executor
    }
}
