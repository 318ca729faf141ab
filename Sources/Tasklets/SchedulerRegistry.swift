import CStackSwitch

/// Every scheduler of the process: who is able to run, and who sleeps for whom (WhoRunsWhen, "Several threads").
enum SchedulerRegistry {
    /// In the order in which they fell asleep last; the awake ones stand anywhere.
    private nonisolated(unsafe) static var schedulers: [SchedulerCore] = []
    /// Not a `Mutex` of the standard library: ThreadSanitizer would not know it.
    private nonisolated(unsafe) static let lock = unsafe stack_door_make()

    private static func withLock<Result>(_ body: (inout [SchedulerCore]) -> Result) -> Result {
        unsafe stack_door_lock(lock)
        defer { unsafe stack_door_unlock(lock) }
        return unsafe body(&schedulers)
    }

    enum Sleep {
        case asleep
        case mailArrived
        /// Everybody else sleeps too: nobody could ever wake this one.
        case hopeless
    }

    /// - Parameter outer: the scheduler in whose scope the new one begins: it cannot run meanwhile.
    static func add(_ core: SchedulerCore, suspending outer: SchedulerCore? = nil) {
        withLock {
            $0.append(core)
            outer?.isSuspended = true
        }
    }

    /// Takes out a scheduler that has ended. If it was the last able one, the thread that fell asleep last gets the
    /// deadlock error: nobody else is going to wake it.
    static func remove(_ core: SchedulerCore) {
        withLock { all in
            all.removeAll { $0 == core }
            // In the same step, or the others would look hopeless for a moment.
            core.outer?.isSuspended = false
            // Who sleeps when the program ends sleeps on: it is no deadlock.
            if stack_program_is_ending() { return }
            guard !all.contains(where: \.isHopeful), let last = all.last(where: { !$0.isSuspended }) else { return }
            last.giveDeadlockVerdict()
        }
    }

    static func fallAsleep(_ core: SchedulerCore, reach: Reach) -> Sleep {
        withLock { all in
            guard core.markAsleep(reach: reach) else { return .mailArrived }
            if reach != .promised, !stack_program_is_ending(), !all.contains(where: { $0 != core && $0.isHopeful }) {
                core.markAwake()
                return .hopeless
            }
            all.removeAll { $0 == core }
            all.append(core)
            return .asleep
        }
    }

    /// Whether a thread besides the caller's is able to run tasklets right now.
    static func isAnotherAwake(than core: SchedulerCore) -> Bool {
        withLock { all in all.contains { $0 != core && $0.isAwake } }
    }

    /// Every scheduler there is, with a claim on each that the caller drops.
    static func claimAll() -> [SchedulerCore] {
        withLock { all in
            for core in all { core.borrowClaim() }
            return all
        }
    }
}
