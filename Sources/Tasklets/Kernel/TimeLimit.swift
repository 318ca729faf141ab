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
@usableFromInline
struct TimeLimit: Equatable {
    @safe
    @usableFromInline
    struct Fields {
        fileprivate var timer: Timers.Timer
        fileprivate let tasklet: TaskletRecord
        /// What is thrown, if it is the program's own; else a `TimeoutError`.
        fileprivate let error: (any Error)?
        fileprivate let place: (fileID: StaticString, line: UInt)
        @usableFromInline let identity: Identity
        fileprivate var hasExpired: Bool
        /// Whether the error has been thrown, so that the block cannot end well any more.
        fileprivate var isThrown = false
        /// Whether the error is on its way to the tasklet.
        fileprivate var isPending = false
        /// How many shields the tasklet has entered inside the block.
        fileprivate var shields = 0
        /// Whether the tasklet has ended before the block: a generator or greenlet that is left suspended in it.
        fileprivate var isOrphaned = false
        fileprivate var outer: TimeLimit?

        /// A limit of the running tasklet.
        @usableFromInline
        init(
            _ core: SchedulerCore,
            in duration: Duration,
            throwing error: (any Error)?,
            fileID: StaticString,
            line: UInt
        ) {
            // The clock is looked at once.
            let now = core.now
            let deadline = now.addingWithSaturation(duration.wholeNanoseconds)
            self.init(core, until: deadline, now: now, throwing: error, fileID: fileID, line: line)
        }

        /// The same with a time of the clock.
        @usableFromInline
        init(
            _ core: SchedulerCore,
            until deadline: Int64,
            throwing error: (any Error)?,
            fileID: StaticString,
            line: UInt
        ) {
            self.init(core, until: deadline, now: core.now, throwing: error, fileID: fileID, line: line)
        }

        private init(
            _ core: SchedulerCore,
            until deadline: Int64,
            now: Int64,
            throwing error: (any Error)?,
            fileID: StaticString,
            line: UInt
        ) {
            timer = Timers.Timer(deadline: deadline)
            hasExpired = deadline <= now
            tasklet = core.visibleCurrent
            self.error = error
            place = (fileID, line)
            core.fields.lastLimit += 1
            identity = unsafe Identity(scheduler: UInt(bitPattern: core.identity), number: core.fields.lastLimit)
            outer = tasklet.fields.limit
        }
    }

    /// Tells blocks apart, also after they have ended, on all threads.
    @usableFromInline
    struct Identity: Equatable, Sendable {
        /// The address of its memory.
        let scheduler: UInt
        let number: Int

        @usableFromInline
        static func == (left: Identity, right: Identity) -> Bool {
            left.scheduler == right.scheduler && left.number == right.number
        }
    }

    let memory: UnsafeMutablePointer<Fields>

    var fields: Fields {
        unsafeAddress { unsafe UnsafePointer(memory) }
        nonmutating unsafeMutableAddress { unsafe memory }
    }

    var tasklet: TaskletRecord { fields.tasklet }

    @usableFromInline
    static func == (left: TimeLimit, right: TimeLimit) -> Bool {
        unsafe left.memory == right.memory
    }

    /// The timer is the first of the fields.
    fileprivate var timer: UnsafeMutablePointer<Timers.Timer> {
        unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Timers.Timer.self)
    }

    fileprivate var error: any Error {
        fields.error ?? TimeoutError(block: fields.identity, fileID: fields.place.fileID, line: fields.place.line)
    }

    /// Whether the tasklet is told now. Not inside a shield that began after the block.
    fileprivate var isHeeded: Bool { fields.hasExpired && fields.shields == 0 }

    /// The error that was on its way to the tasklet is being thrown.
    func errorWasTaken() {
        var next: TimeLimit? = self
        while let limit = next {
            limit.fields.isPending = false
            next = limit.fields.outer
        }
    }
}

extension SchedulerCore {
    /// A shield of the running tasklet begins: holds off the blocks that it is in. Inside the gate.
    ///
    /// - Returns: what its end gives to `stopHoldingOff`.
    func holdOffLimits(of tasklet: TaskletRecord) -> Int {
        var next = tasklet.fields.limit
        while let limit = next {
            limit.fields.shields += 1
            next = limit.fields.outer
        }
        return fields.lastLimit
    }

    /// The shield ends. Blocks of greenlets inside the tasklet may have begun meanwhile, which it does not hold off.
    func stopHoldingOffLimits(of tasklet: TaskletRecord, until latest: Int) {
        var next = tasklet.fields.limit
        while let limit = next {
            if limit.fields.identity.number <= latest { limit.fields.shields -= 1 }
            next = limit.fields.outer
        }
    }
}

extension SchedulerCore {
    /// Begins a block.
    ///
    /// - Parameter memory: in the frame of the block.
    @usableFromInline
    func begin(_ memory: UnsafeMutablePointer<TimeLimit.Fields>) {
        let limit = unsafe TimeLimit(memory: memory)
        _ = enter()
        limit.tasklet.fields.limit = limit
        if limit.fields.hasExpired {
            limit.tasklet.fields.refusals.insert(.expired)
        } else {
            touchTimers(of: limit.fields.timer.deadline)
            unsafe timers.set(limit.timer, for: .limit(limit))
            linkMarkerIfNeeded()
        }
        leave()
    }

    /// Ends a block whose body has returned.
    ///
    /// - Throws: the error of the block if it has been thrown in the body, which has caught it.
    @usableFromInline
    func end(_ memory: UnsafeMutablePointer<TimeLimit.Fields>) throws {
        unsafe leaveBlock(memory)
        let limit = unsafe TimeLimit(memory: memory)
        if limit.fields.isThrown { throw limit.error }
    }

    /// Ends a block.
    @usableFromInline
    func leaveBlock(_ memory: UnsafeMutablePointer<TimeLimit.Fields>) {
        let limit = unsafe TimeLimit(memory: memory)
        if limit.fields.isOrphaned { return }
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
        case .dead: return
        case .queued:
            // The error of an inner block is on its way: that of the outer one counts more.
            guard let pending = pendingLimit(inside: limit) else { return }
            pending.fields.isPending = false
            pending.fields.isThrown = false
        case .blocked where withdraw(tasklet) == .tooLate: return
        case .blocked, .paused: break
        }
        limit.fields.isThrown = true
        if let replaced = deliver(limit.error, to: tasklet) { discard(replaced) }
        limit.fields.isPending = true
    }

    private func pendingLimit(inside outer: TimeLimit) -> TimeLimit? {
        var next = outer.tasklet.fields.limit
        while let limit = next, limit != outer {
            if limit.fields.isPending { return limit }
            next = limit.fields.outer
        }
        return nil
    }

    /// Takes the blocks off a tasklet that ends, or that nothing is to interrupt any more. Inside the gate.
    func dropLimits(of tasklet: TaskletRecord) {
        while let limit = tasklet.fields.limit {
            if limit.fields.timer.isSet { unsafe timers.remove(limit.timer) }
            limit.fields.isOrphaned = true
            tasklet.fields.limit = limit.fields.outer
        }
        tasklet.fields.refusals.remove(.expired)
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
        return found?.error
    }

    /// Whether one of the blocks that a tasklet is in throws such errors.
    func isErrorOfLimit(_ error: any Error, of tasklet: TaskletRecord) -> Bool {
        var next = tasklet.fields.limit
        while let limit = next {
            if type(of: limit.error) == type(of: error) { return true }
            next = limit.fields.outer
        }
        return false
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
