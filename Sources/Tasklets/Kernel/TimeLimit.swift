/// A time limit of a block of the running tasklet: what `withTimeout` keeps in its frame.
///
///     record ──limit──▶ limit (frame of the inner block) ──outer──▶ limit (frame of the outer block)
///                          │
///                       timers
///
/// When the time is up the tasklet's wait ends by the error of the block, and from then on each of its waits is refused with
/// it, until the block is left. Of several blocks whose time is up the outermost counts: its error passes through the inner
/// ones, which are left by that.
///
/// Safe because the frame stays until the block is left, and only the tasklet's own thread touches it.
@safe
struct TimeLimit: Equatable {
    struct Fields {
        var timer: Timers.Timer
        let tasklet: TaskletRecord
        let error: any Error
        /// Whether the block began inside a shield: the others are held off as long as that holds.
        let isInsideShield: Bool
        var hasExpired = false
        /// Whether the error has been thrown, so that the block cannot end well any more.
        var isThrown = false
        var outer: TimeLimit?
    }

    /// Tells blocks apart, also after they have ended, on all threads.
    struct Identity: Equatable {
        /// The address of its memory.
        let scheduler: UInt
        let number: Int
    }

    let memory: UnsafeMutablePointer<Fields>

    var fields: Fields {
        unsafeAddress { unsafe UnsafePointer(memory) }
        nonmutating unsafeMutableAddress { unsafe memory }
    }

    var tasklet: TaskletRecord { fields.tasklet }

    static func == (left: TimeLimit, right: TimeLimit) -> Bool {
        unsafe left.memory == right.memory
    }

    /// The timer is the first of the fields.
    var timer: UnsafeMutablePointer<Timers.Timer> {
        unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Timers.Timer.self)
    }

    /// Whether the tasklet is told now. Not of a block outside a shield, inside that.
    fileprivate var isHeeded: Bool {
        fields.hasExpired && (fields.isInsideShield || !tasklet.fields.refusals.contains(.shielded))
    }
}

extension SchedulerCore {
    func newLimitIdentity() -> TimeLimit.Identity {
        fields.lastLimit += 1
        return unsafe TimeLimit.Identity(scheduler: UInt(bitPattern: identity), number: fields.lastLimit)
    }

    /// Runs `body`, whose waits throw `error` once the scheduler's clock has come to `deadline`.
    ///
    /// - Throws: `error` also when the body has caught it and ended well; what the body throws.
    func limit<Result>(until deadline: Int64, by error: any Error, _ body: () throws -> Result) throws -> Result {
        let me = insideGate { _ in visibleCurrent }
        var fields = TimeLimit.Fields(
            timer: Timers.Timer(deadline: deadline),
            tasklet: me,
            error: error,
            isInsideShield: me.fields.refusals.contains(.shielded),
            outer: me.fields.limit
        )
        // A local of a frame that may wait: no check, so the access may be open meanwhile.
        return try unsafe withUnsafeMutablePointer(to: &fields) { memory in
            let limit = unsafe TimeLimit(memory: memory)
            begin(limit)
            let result: Result
            do {
                result = try body()
            } catch {
                end(limit)
                throw error
            }
            end(limit)
            if limit.fields.isThrown { throw error }
            return result
        }
    }

    private func begin(_ limit: TimeLimit) {
        _ = enter()
        limit.tasklet.fields.limit = limit
        if limit.fields.timer.deadline <= now {
            limit.fields.hasExpired = true
            limit.tasklet.fields.refusals.insert(.expired)
        } else {
            unsafe timers.set(limit.timer, for: .limit(limit))
            linkMarkerIfNeeded()
        }
        leave()
    }

    private func end(_ limit: TimeLimit) {
        _ = enter()
        defer { leave() }
        if limit.fields.timer.isSet { unsafe timers.remove(limit.timer) }
        let tasklet = limit.tasklet
        // Not always the innermost: greenlets inside the tasklet leave their blocks in any order.
        if tasklet.fields.limit == limit {
            tasklet.fields.limit = limit.fields.outer
        } else {
            var inner = tasklet.fields.limit
            while let current = inner, current.fields.outer != limit { inner = current.fields.outer }
            inner?.fields.outer = limit.fields.outer
        }
        guard limit.fields.hasExpired else { return }
        var left = tasklet.fields.limit
        while let current = left, !current.fields.hasExpired { left = current.fields.outer }
        if left == nil { tasklet.fields.refusals.remove(.expired) }
    }

    /// The time of a block is up: ends what its tasklet waits for, run() as well. One that is queued goes on, since what it has
    /// got meanwhile must not be lost: its next wait is refused.
    func expire(_ limit: TimeLimit) {
        limit.fields.hasExpired = true
        let tasklet = limit.tasklet
        tasklet.fields.refusals.insert(.expired)
        guard limit.isHeeded else { return }
        switch tasklet.state {
        case .dead, .queued: return
        case .blocked where withdraw(tasklet) == .tooLate: return
        case .blocked, .paused: break
        }
        limit.fields.isThrown = true
        if let replaced = deliver(limit.fields.error, to: tasklet) { discard(replaced) }
    }

    /// The error of the outermost block whose time is up.
    func errorOfExpired(_ tasklet: TaskletRecord) -> (any Error)? {
        var found: TimeLimit?
        var next = tasklet.fields.limit
        while let limit = next {
            if limit.isHeeded { found = limit }
            next = limit.fields.outer
        }
        found?.fields.isThrown = true
        return found?.fields.error
    }

    /// Whether a tasklet waits that goes on when the time of a block is up. Not a caller of run(): that is to return.
    var isLimitAwaited: Bool {
        guard let timers = fields.timers else { return false }
        return timers.containsLimit { tasklet in
            switch tasklet.state {
            case .blocked: true
            case .paused: !tasklet.isInsideRun && tasklet != waker
            case .dead, .queued: false
            }
        }
    }
}
