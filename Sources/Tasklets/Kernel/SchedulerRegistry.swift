import CTasklets
import Synchronization

/// Every scheduler of the process: who is able to run, and who sleeps for whom (WhoRunsWhen, "Several threads").
enum SchedulerRegistry {
    /// In the order in which they fell asleep last; the awake ones stand anywhere. Linked through the schedulers: each
    /// sleep moves one to the end, however many there are.
    private nonisolated(unsafe) static var schedulers = Ring<SchedulerCore>()
    /// Not a `Mutex` of the standard library: ThreadSanitizer would not know it.
    private nonisolated(unsafe) static let lock = unsafe lock_make()

    private static func withLock<Result>(_ body: (inout Ring<SchedulerCore>) -> Result) -> Result {
        unsafe lock_acquire(lock)
        defer { unsafe lock_release(lock) }
        return unsafe body(&schedulers)
    }

    enum Sleep {
        case asleep
        case somethingArrived
        /// Everybody else sleeps too: nobody could ever wake this one.
        case hopeless
    }

    /// Adds a thread's own scheduler, which is awake.
    static func add(_ core: SchedulerCore) {
        withLock {
            $0.append(core)
            threads.add(1, ordering: .relaxed)
            awakeThreads.add(1, ordering: .relaxed)
        }
    }

    /// Adds one that its thread has not entered yet.
    static func addHeld(_ core: SchedulerCore) {
        withLock {
            $0.append(core)
            setLeft(core, true)
        }
    }

    /// The thread goes from one scheduler to another, which is awake in its place.
    static func enter(_ core: SchedulerCore, from outer: SchedulerCore) {
        withLock { _ in
            core.outer = outer
            outer.isSuspended = true
            setLeft(core, false)
        }
    }

    /// The thread goes back.
    static func leave(_ core: SchedulerCore, for outer: SchedulerCore) {
        withLock { _ in
            core.outer = nil
            outer.isSuspended = false
            setLeft(core, true)
        }
    }

    /// One that the calling thread has left, and that has not ended: the latest.
    static var leftByThisThread: SchedulerCore? {
        let thread = thread_number()
        return withLock { all in
            all.reversed().first { $0.fields.isLeft && $0.fields.threadNumber == thread }
        }
    }

    /// Whether a scheduler has its thread.
    enum Presence {
        case present
        /// A scope inside has taken the thread.
        case suspended
        /// Its thread has left it, and may enter it again.
        case left
    }

    /// As it is at this moment: its thread may change it right away.
    static func presence(of core: SchedulerCore) -> Presence {
        withLock { _ in core.fields.isLeft ? .left : core.isSuspended ? .suspended : .present }
    }

    private static func setLeft(_ core: SchedulerCore, _ isLeft: Bool) {
        core.fields.isLeft = isLeft
        core.isSuspended = isLeft
    }

    /// Takes out a scheduler that has ended. If it was the last able one, the thread that fell asleep last gets the
    /// deadlock error: nobody else is going to wake it.
    static func remove(_ core: SchedulerCore) {
        withLock { all in
            all.remove(core)
            if core.outer == nil {
                awakeThreads.subtract(1, ordering: .relaxed)
                // The last thread may wait for an announced one: it looks whether there is any.
                if threads.subtract(1, ordering: .relaxed).newValue == 1, !thread_program_is_ending() {
                    for last in all where !last.isSuspended { last.wake() }
                }
            }
            // In the same step, or the others would look hopeless for a moment.
            core.outer?.isSuspended = false
            // Who sleeps when the program ends sleeps on: it is no deadlock.
            guard !thread_program_is_ending(), !all.contains(where: \.isHopeful) else { return }
            all.reversed().first { !$0.isSuspended }?.giveDeadlockVerdict()
        }
    }

    static func fallAsleep(_ core: SchedulerCore, reach: Reach) -> Sleep {
        withLock { all in
            guard core.markAsleep(reach: reach) else { return .somethingArrived }
            if reach != .promised, !thread_program_is_ending(), !all.contains(where: { $0 != core && $0.isHopeful }) {
                core.markAwake()
                return .hopeless
            }
            all.remove(core)
            all.append(core)
            return .asleep
        }
    }

    /// How many threads have a scheduler.
    private static let threads = Atomic(0)

    /// Whether a thread with a scheduler is there besides the caller's.
    static var isAnotherThere: Bool { threads.load(ordering: .relaxed) > 1 }

    /// How many threads have a scheduler that does not sleep.
    static let awakeThreads = Atomic(0)

    /// Whether a thread besides the caller's is able to run tasklets right now.
    static var isAnotherAwake: Bool { awakeThreads.load(ordering: .relaxed) > 1 }

    /// Every scheduler there is, with a claim on each that the caller drops.
    static func claimAll() -> [SchedulerCore] {
        withLock { all in
            for core in all { core.borrowClaim() }
            return Array(all)
        }
    }

    /// The same for those that have their thread: no scope inside has taken it.
    static func claimUnsuspended() -> [SchedulerCore] {
        withLock { all in
            let found = all.filter { !$0.isSuspended }
            for core in found { core.borrowClaim() }
            return found
        }
    }
}

extension SchedulerCore: RingMember {
    @usableFromInline
    package var next: SchedulerCore? {
        get { fields.registered.next }
        nonmutating set { fields.registered.next = newValue }
    }
    @usableFromInline
    package var previous: SchedulerCore? {
        get { fields.registered.previous }
        nonmutating set { fields.registered.previous = newValue }
    }
}
