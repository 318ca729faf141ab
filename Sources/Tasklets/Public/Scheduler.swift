/// Runs the tasklets of one thread, in turn.
///
/// Every thread that uses tasklets has one, made at the first use; ``current`` is the calling thread's. A scheduler
/// is a round-robin queue and nothing else: it has no thread of its own and does nothing in the background. It is
/// not `Sendable`: what it has is used on its own thread.
public final class Scheduler {
    package let core: SchedulerCore

    /// - Precondition: the caller has made a claim on `core`, which is now this handle's.
    init(claimed core: SchedulerCore) {
        self.core = core
    }

    deinit {
        core.dropClaim()
    }

    /// The calling thread's scheduler.
    public static var current: Scheduler {
        let core = SchedulerCore.current
        core.makeClaim()
        return Scheduler(claimed: core)
    }

    /// Runs `body` under a scheduler of its own, with the caller as its main tasklet.
    ///
    /// ```swift
    /// let sum = try Scheduler.scope {
    ///     let numbers = Channel<Int>()
    ///     Tasklet { for n in 1...3 { try numbers.send(n) }; numbers.finish() }
    ///     var sum = 0
    ///     while let n = try numbers.next() { sum += n }
    ///     return sum
    /// }
    /// ```
    ///
    /// The thread's former scheduler waits meanwhile. At the end every tasklet that is still alive is ended, its
    /// `defer` blocks run, and the former scheduler is back: the scope leaves nothing behind.
    ///
    /// An async function, in which nothing that may wait is available, may open one and wait there.
    ///
    /// With a virtual clock time passes only while nobody is runnable: an hour of sleep takes microseconds.
    ///
    /// ```swift
    /// try Scheduler.scope(clock: .virtual) {
    ///     try Tasklet.sleep(for: .seconds(3600))
    /// }
    /// ```
    ///
    /// Costs a few microseconds.
    ///
    /// - Parameters:
    ///   - clock: what the tasklets of the scope sleep by; `nil` is the clock of the former scheduler.
    ///   - body: what main does.
    /// - Throws: what `body` throws; else the first error that left a tasklet while it was being ended.
    @discardableResult
    public static func scope<Result>(clock: TaskletClock? = nil, _ body: () throws -> Result) throws -> Result {
        let scheduler = HeldScheduler(clock: clock)
        let result = Swift.Result { try scheduler.enter(body) }
        let lost = scheduler.endKeepingOrigin()
        switch result {
        case .success(let value):
            if let lost { throw lost.error }
            return value
        case .failure(let error):
            lost?.report(at: "its scope")
            throw error
        }
    }

    /// Every living tasklet, main included, the oldest first.
    public var tasklets: [Tasklet] {
        core.touchEverything()
        return core.insideGate { _ in
            var found: [Tasklet] = []
            core.forEachLiving { tasklet in
                found.append(Tasklet.of(tasklet))
                return true
            }
            return found
        }
    }

    /// The run queue, the current tasklet first.
    public var runQueue: [Tasklet] {
        core.touchEverything()
        return core.insideGate { _ in
            var found: [Tasklet] = []
            core.forEachQueued { found.append(Tasklet.of($0)) }
            return found
        }
    }
}
