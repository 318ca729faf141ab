import CTasklets

/// The calling thread's scheduler: who is running, and giving way.
extension Tasklet {
    /// The tasklet that runs on the calling thread.
    public static var current: Tasklet { Tasklet.of(SchedulerCore.current.visibleCurrent) }

    /// The tasklet that stands for the calling thread's original flow of control.
    public static var main: Tasklet { Tasklet.of(SchedulerCore.current.main) }

    /// How many tasklets are in the run queue, the current one included.
    public static var runCount: Int {
        let core = SchedulerCore.current
        core.touchEverything()
        return core.insideGate { _ in core.runCount }
    }

    /// Gives way: the caller goes to the end of the run queue, the next one runs. Returns when the turn comes again,
    /// at once when nobody else is queued.
    ///
    /// This is no wait: it throws neither for a time limit nor for a cancellation, so neither ends a loop that only gives way.
    /// ``sleep(for:)`` with zero gives way too, and throws for both.
    ///
    /// Costs five to ten nanoseconds.
    ///
    /// - Throws: ``TaskletExit`` when the tasklet is killed, another error that is sent to it;
    ///   ``TaskletError/switchTrap``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public static func schedule() throws {
        try SchedulerCore.current.schedule()
    }

    /// The caller leaves the run queue and is paused; whoever holds its handle resumes it.
    ///
    /// Nobody holds it: `TaskletExit` is thrown, since nobody could ever resume it. The last runnable one: the
    /// innermost caller of run() goes on, or main if it is paused; main itself returns at once.
    ///
    /// - Throws: `CancellationError` in a cancelled tasklet; ``DeadlockError`` when nobody is left to run and main is blocked;
    ///   as ``schedule()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func scheduleRemove() throws {
        try SchedulerCore.current.scheduleRemove()
    }

    /// Runs the other tasklets until none is able to run. Tasklets that are blocked or paused stay so, and that is no error;
    /// ``runUntilDone()`` reports blocked ones.
    ///
    /// Does not return while a tasklet sleeps, has a time limit, waits for the outside (module `Hub`), or waits at a channel
    /// for which `Channel.share()` was called: the thread sleeps instead. A channel that another thread has used, without
    /// `share()`, is no reason to stay.
    ///
    /// May be called by any tasklet, also while another tasklet is inside run(): the innermost call returns first.
    ///
    /// - Throws: an error that has left a tasklet's body, at once. The others stay queued, and run() may be called again
    ///   for them. ``TaskletError/switchTrap``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func run() throws {
        try SchedulerCore.current.run(.none)
    }

    /// Runs the other tasklets until each of them has ended or is paused. This is how a program, or a thread, usually ends.
    ///
    /// ```swift
    /// Tasklet { try lines.send("one") }
    /// Tasklet { print(try lines.receive()) }
    /// try Tasklet.runUntilDone()
    /// ```
    ///
    /// The thread sleeps while a tasklet waits for a time, for the outside, or for something that another thread may still
    /// bring. ``run()-swift.type.method`` returns when tasklets are blocked that can never go on; this call throws instead. A
    /// tasklet that only listens, for a signal, say, is neither waited for nor reported.
    ///
    /// - Throws: ``DeadlockError`` when those that are left can never go on: it names each of them and what it waits for.
    ///   Otherwise as ``run()-swift.type.method``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func runUntilDone() throws {
        try SchedulerCore.current.runUntilDone()
    }

    /// Runs the others until nobody is left to run, or for that many switches.
    ///
    /// - Parameter switches: how many switches there may be; the one that would have run next stays first in the
    ///   queue. At least 1. Inside another timed run() only the outer limit counts.
    /// - Throws: as ``run()-swift.type.method``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func run(switches: Int) throws {
        guard switches > 0 else { fatalError("run(switches:) needs at least one switch, not \(switches).") }
        try SchedulerCore.current.run(.switches(switches))
    }

    /// Runs the others until nobody is left to run, or until the first switch after that time has passed.
    ///
    /// Nobody is interrupted: a tasklet that never gives way is waited for.
    ///
    /// - Throws: as ``run()-swift.type.method``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func run(for duration: Duration) throws {
        let core = SchedulerCore.current
        try core.run(.until(nanoseconds: core.time(in: duration)))
    }
}

extension Tasklet {
    /// Suspends the tasklet for that time. The other tasklets run meanwhile; if there are none, the thread sleeps. With zero or
    /// less it gives way, as ``schedule()`` does, but also throws what a wait would throw.
    ///
    /// The sleep may last longer, since no other tasklet is interrupted for it. Tasklets whose time has come go on in the order
    /// of their deadlines, and with equal deadlines in the order in which they began to sleep.
    ///
    /// - Throws: `CancellationError` in a cancelled tasklet; ``TaskletError/blockTrap``; as
    ///   ``schedule()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func sleep(for duration: Duration) throws {
        let core = SchedulerCore.current
        try core.sleep(until: core.time(in: duration))
    }

    /// Lets the others run until that time of the scheduler's clock: as ``sleep(for:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func sleep(until deadline: TaskletClock.Instant) throws {
        try SchedulerCore.current.sleep(until: deadline.nanoseconds)
    }
}
