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
    /// It is no wait: a loop of it hears of no time limit and no cancellation. ``sleep(for:)`` with zero gives way too, and does.
    ///
    /// Costs little more than a bare switch of registers: five to ten nanoseconds.
    ///
    /// - Throws: ``TaskletExit`` when the tasklet is killed, another error that is sent to it;
    ///   ``TaskletError/switchTrap``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
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
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
    public static func scheduleRemove() throws {
        try SchedulerCore.current.scheduleRemove()
    }

    /// Runs the others until nobody is left to run. Blocked and paused tasklets stay so: ``runUntilDone()`` reports them.
    ///
    /// Sleeps while a tasklet sleeps, or waits at a channel that another thread has promised to come to
    /// (`Channel.share()`). A channel that other threads merely have used does not hold it up.
    ///
    /// May be called by any tasklet, also inside another one's run(): the innermost returns first.
    ///
    /// - Throws: the error that left a tasklet's body, at once; the others stay queued, and run() may be called again
    ///   for them. ``TaskletError/switchTrap``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
    public static func run() throws {
        try SchedulerCore.current.run(.none)
    }

    /// Runs the others until every tasklet of the scheduler has ended, or is paused.
    ///
    /// ```swift
    /// Tasklet { try lines.send("one") }
    /// Tasklet { print(try lines.receive()) }
    /// try Tasklet.runUntilDone()
    /// ```
    ///
    /// Sleeps while a tasklet sleeps or waits where another thread may still come. Where ``run()-swift.type.method``
    /// returns although tasklets are blocked, this reports them. It does not wait for a tasklet that only listens,
    /// for a signal say, and does not report it.
    ///
    /// - Throws: ``DeadlockError`` when those that are left can never go on: it names each of them and what it waits for.
    ///   Otherwise as ``run()-swift.type.method``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
    public static func runUntilDone() throws {
        try SchedulerCore.current.runUntilDone()
    }

    /// Runs the others until nobody is left to run, or for that many switches.
    ///
    /// - Parameter switches: how many switches there may be; the one that would have run next stays first in the
    ///   queue. At least 1. Inside another timed run() only the outer limit counts.
    /// - Throws: as ``run()-swift.type.method``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
    public static func run(switches: Int) throws {
        guard switches > 0 else { fatalError("run(switches:) needs at least one switch, not \(switches).") }
        try SchedulerCore.current.run(.switches(switches))
    }

    /// Runs the others until nobody is left to run, or until the first switch after that time has passed.
    ///
    /// Nobody is interrupted: a tasklet that never gives way is waited for.
    ///
    /// - Throws: as ``run()-swift.type.method``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
    public static func run(for duration: Duration) throws {
        let core = SchedulerCore.current
        try core.run(.until(nanoseconds: core.time(in: duration)))
    }
}

extension Tasklet {
    /// Lets the others run for that time; the thread sleeps if there are none. Zero or less gives way, as ``schedule()``
    /// does.
    ///
    /// Ends as late as the others make it: nobody is interrupted. Tasklets whose time comes together go on in the order of
    /// their deadlines, then in the order in which they began to sleep.
    ///
    /// - Throws: `CancellationError` in a cancelled tasklet; ``TaskletError/blockTrap``; as
    ///   ``schedule()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
    public static func sleep(for duration: Duration) throws {
        let core = SchedulerCore.current
        try core.sleep(until: core.time(in: duration))
    }

    /// Lets the others run until that time of the scheduler's clock: as ``sleep(for:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, a synchronous function or Hub's Scheduler.run")
    public static func sleep(until deadline: TaskletClock.Instant) throws {
        try SchedulerCore.current.sleep(until: deadline.nanoseconds)
    }
}
