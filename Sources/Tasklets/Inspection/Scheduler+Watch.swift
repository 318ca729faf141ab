import CTasklets
import Synchronization

extension Scheduler {
    /// Has the process say on standard error whenever a tasklet keeps its thread for longer than `limit` without giving way, while
    /// there are others on that thread: who it is, where it was made, and which functions it is in.
    ///
    /// ```swift
    /// Scheduler.watch(limit: .milliseconds(100))
    /// ```
    ///
    /// ```text
    /// Tasklets: tasklet 'parser' (made at Demo/main.swift:9) has kept thread 4711 for 0.104 s, and others wait for it: Demo.parse(Swift.String) ← closure #1 () throws -> () in Demo.main() -> ()
    /// ```
    ///
    /// Meant for servers, where one that computes, or calls what blocks, makes everybody wait: it gives way now and then, or uses
    /// the hub's `offload { … }`. Each such time is told once. The threads of `offload` may be kept.
    ///
    /// A native thread looks at all schedulers four times within the limit. A scheduler takes the long way at one switch after each
    /// look, and pays nothing otherwise; a thread that sleeps is left alone. To see where a thread is, it is interrupted by the
    /// signal SIGURG: a call to the system that it is in may end early, with `EINTR`. The line comes without functions when the
    /// thread does not take the signal. A function of C that was compiled without frame pointers may hide its caller.
    ///
    /// The last call's limit counts. When the system has no thread left, a line on standard error says so, and the program goes on
    /// without.
    ///
    /// - Precondition: `limit` is at least a millisecond.
    public static func watch(limit: Duration) {
        let (seconds, attoseconds) = limit.components
        guard limit >= .milliseconds(1), seconds < 1 << 32 else {
            fatalError("Scheduler.watch: the limit must be at least a millisecond, not \(limit).")
        }
        Watch.limit.store(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
        StackSample.areWanted.store(true, ordering: .relaxed)
        guard !Watch.isStarted.exchange(true, ordering: .relaxed) else { return }
        if thread_start({ Watch.look() }) < 0 {
            // The next call tries again.
            Watch.isStarted.store(false, ordering: .relaxed)
            report("Scheduler.watch: the system has no thread for it; nobody is watched.")
        }
    }
}

/// The thread that looks: `watched` of a scheduler is set by it, and taken away by the scheduler's next switch or sleep. So one
/// that is still there says that the tasklet has kept its thread since.
enum Watch {
    static let limit = Atomic<Int64>(0)
    static let isStarted = Atomic(false)
    /// Whether a thread is being looked at, and a line is made: names are looked up, which takes its time.
    static let isReporting = Atomic(false)
    /// How many lines were begun.
    static let lineCount = Atomic(0)

    /// At the end of the program: waits for the line that is being made, for ten seconds at most.
    static func finishReport() {
        let deadline = clock_now() + 10_000_000_000
        while isReporting.load(ordering: .acquiring), clock_now() < deadline { thread_sleep(1_000_000) }
    }

    private struct Turn {
        let beginning: Int64
        var isReported = false
    }

    fileprivate static func look() {
        var turns: [Int: Turn] = [:]
        while true {
            let limit = limit.load(ordering: .relaxed)
            turns = look(at: turns, limit)
            thread_sleep(limit / 4)
        }
    }

    private static func look(at turns: [Int: Turn], _ limit: Int64) -> [Int: Turn] {
        var current: [Int: Turn] = [:]
        for core in SchedulerRegistry.claimUnsuspended() {
            defer { core.dropClaim() }
            let identity = Int(bitPattern: unsafe core.identity)
            guard core.mayKeepItsThread else { continue }
            guard core.attention.contains(.watched), var turn = turns[identity] else {
                core.setAttention(.watched, true)
                current[identity] = Turn(beginning: clock_now())
                continue
            }
            let time = clock_now() - turn.beginning
            if time >= limit, !turn.isReported { turn.isReported = report(core, time) }
            current[identity] = turn
        }
        return current
    }

    /// False when it is to be tried again: a thread that has no processor does not answer. After a while the line comes without
    /// functions.
    private static func report(_ core: SchedulerCore, _ time: Int64) -> Bool {
        isReporting.store(true, ordering: .sequentiallyConsistent)
        defer { isReporting.store(false, ordering: .releasing) }
        guard let kept = KeptThread(core),
            kept.hasFunctions || time >= 4 * limit.load(ordering: .relaxed)
        else { return false }
        lineCount.add(1, ordering: .relaxed)
        kept.report(time)
        return true
    }
}

extension SchedulerCore {
    /// The tasklet that ran when `Scheduler.watch` looked gives up its turn.
    func endWatchedTurn() {
        setAttention(.watched, false)
        if !fields.allowsSamples { allowSamples() }
    }

    /// On the scheduler's own thread.
    func allowSamples() {
        fields.allowsSamples = true
        stack_sample_allow()
    }

    /// Whether the thread is awake for this scheduler, and not for work that it is there for.
    fileprivate var mayKeepItsThread: Bool {
        if fields.isOfWorker { return false }
        unsafe lock_acquire(fields.inboxLock)
        defer { unsafe lock_release(fields.inboxLock) }
        return !fields.isAsleep && !fields.isInboxClosed
    }
}

/// A tasklet that keeps its thread, and where it is.
private struct KeptThread {
    private let thread: Int32
    private let tasklet: String
    private let sample: StackSample?

    private static let mostFunctions = 24

    var hasFunctions: Bool { sample != nil }

    /// `nil` when it has given way meanwhile, and when there is nobody else. Its thread cannot switch while this looks.
    init?(_ core: SchedulerCore) {
        let found: (Int32, String, StackSample?)? = core.insideGate { _ in
            guard !core.isEnded, core.attention.contains(.watched), let running = core.runningWithOthers else {
                return nil
            }
            return (
                core.fields.threadNumber, running.origin.description,
                StackSample(ofRunning: running, patience: 100_000_000)
            )
        }
        guard let found else { return nil }
        (thread, tasklet, sample) = found
    }

    /// Writes the line. Looks up names, which takes its time: outside the gate.
    func report(_ time: Int64) {
        var names = FunctionNames()
        let functions = names.withoutLibraries(sample?.addresses(&names) ?? []).prefix(Self.mostFunctions)
        names.findLines(of: functions)
        Tasklets.report(
            "\(tasklet) has kept thread \(thread) for \(secondsText(time)), and others wait for it"
                + (functions.isEmpty ? "." : ": " + functions.map { names[$0] }.joined(separator: " ← "))
        )
    }
}

extension SchedulerCore {
    /// The running tasklet, if there is another one. Inside the gate.
    fileprivate var runningWithOthers: TaskletRecord? {
        var count = 0
        forEachLiving { _ in
            count += 1
            return count < 2
        }
        guard count == 2, unsafe fields.sleepContext == nil else { return nil }
        return fields.currentDuringCallback ?? head
    }
}
