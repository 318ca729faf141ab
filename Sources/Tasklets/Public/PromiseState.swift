import Synchronization

/// What a promise and the tasklet that keeps it share: the result, and who waits for it.
///
/// The tasklet holds this and not the promise, so that the promise knows when nobody else holds it.
final class PromiseState<Value>: TaskletExtras, SelectPlace {
    /// What has become of an error. Changed from any thread; the one that comes second acts.
    private enum Mark {
        static var failed: UInt8 { 1 }
        /// Somebody has seen the error.
        static var taken: UInt8 { 2 }
        /// The promise has gone.
        static var abandoned: UInt8 { 4 }
    }

    let line = WaitLine()
    private let marks = Atomic<UInt8>(0)
    /// Of the tasklet, or of the promise itself.
    private let origin: Origin
    /// Between `enter` and `leave` of the line; never changed again.
    private var outcome: Result<Value, any Error>?
    /// What the tasklet's body has ended with: the result as soon as the tasklet has ended.
    private var kept: Result<Value, any Error>?
    /// How many promises of the process had a result before.
    private var settleNumber: UInt64 = 0
    /// Who waits without a tasklet. Between `enter` and `leave` of the line; `nil` as a rule.
    private var observers: [ObjectIdentifier: (_ isSettled: Bool) -> Void]?

    init(origin: Origin) {
        self.origin = origin
    }

    deinit { line.free() }

    func describe(_ entry: WaitEntry) -> String { "value of \(origin)" }

    // MARK: The tasklet

    func keep(_ value: Value) { kept = .success(value) }

    override func keep(_ error: any Error) -> Bool {
        if marks.load(ordering: .acquiring) & Mark.abandoned != 0 { return false }
        kept = .failure(error)
        return true
    }

    override func taskletHasEnded() {
        if let kept {
            self.kept = nil
            settle(kept)
        } else {
            // Ended quietly: no error that anybody has to hear of.
            settle(.failure(CancellationError()), isQuiet: true)
        }
    }

    // MARK: The result

    func settle(_ result: Result<Value, any Error>, isQuiet: Bool = false) {
        let core = line.enter()
        guard outcome == nil else {
            line.leave(core)
            fatalError("The promise (\(origin)) has a result already: fulfill or fail it once.")
        }
        outcome = result
        core.touch(.promises)
        settleNumber = settledPromises.add(1, ordering: .relaxed).oldValue
        while line.wakeFirst(core) {}
        let observers = self.observers.take()
        line.leave(core)
        if let observers { for observer in observers.values { observer(true) } }
        guard case .failure(let error) = result, !isQuiet else { return }
        let former = marks.bitwiseOr(Mark.failed, ordering: .acquiringAndReleasing).oldValue
        switch former & (Mark.abandoned | Mark.taken) {
        case Mark.abandoned: passOn(error)
        case 0:
            line.fields.maker.note(untakenErrorOf: self) { marks.load(ordering: .acquiring) == Mark.failed }
        default: break
        }
    }

    /// The result; its error counts as taken.
    func take() -> Result<Value, any Error>? {
        let outcome = line.inside { self.outcome }
        if case .failure = outcome {
            let former = marks.bitwiseOr(Mark.taken, ordering: .acquiringAndReleasing).oldValue
            if former == Mark.failed { line.fields.maker.forget(untakenErrorOf: self) }
        }
        return outcome
    }

    override func takeUntakenError() -> (number: UInt64, error: LostError)? {
        let former = marks.bitwiseOr(Mark.taken, ordering: .acquiringAndReleasing).oldValue
        // Written before it was marked.
        guard former == Mark.failed, case .failure(let error) = outcome else { return nil }
        return (settleNumber, LostError(error: error, origin: origin))
    }

    /// The promise has gone: from now on nobody takes the error.
    func abandon() {
        SchedulerCore.currentIfAny?.touchEverything()
        let former = marks.bitwiseOr(Mark.abandoned, ordering: .acquiringAndReleasing).oldValue
        guard former & (Mark.failed | Mark.taken) == Mark.failed else { return }
        line.fields.maker.forget(untakenErrorOf: self)
        // Written before it was marked.
        if case .failure(let error) = outcome { passOn(error) }
    }

    private func passOn(_ error: any Error) {
        line.fields.maker.passOn(untaken: error, of: origin)
    }

    // MARK: Waiting

    /// Calls `observer` once: when there is a result, on the thread that brings it; or when the observation is stopped.
    func observe(_ observation: ObjectIdentifier, _ observer: @escaping (_ isSettled: Bool) -> Void) {
        let isSettled = line.inside {
            if outcome != nil { return true }
            observers = observers ?? [:]
            observers![observation] = observer
            return false
        }
        if isSettled { observer(true) }
    }

    /// Without effect when it is over.
    func stopObserving(_ observation: ObjectIdentifier) {
        line.inside { observers?.removeValue(forKey: observation) }?(false)
    }

    var isReady: Bool { outcome != nil }

    /// The result stays.
    func pass() {}

    /// - Throws: what ends the wait without a result.
    func wait() throws {
        let core = try line.begin()
        if outcome != nil { return line.leave(core) }
        try unsafe line.wait(core, at: self)
    }

    /// Which of those that have a result it is, in the order in which these came; `nil` while there is none.
    var number: UInt64? { line.inside { outcome == nil ? nil : settleNumber } }

    /// Waits until one of several has a result, or until `deadline`. Not when one has it already. Out of the gate.
    ///
    /// - Throws: what ends the wait without a result.
    static func wait(forOneOf states: [PromiseState], until deadline: Int64?) throws {
        let core = SchedulerCore.current
        try core.beginOperation()
        if let deadline, deadline <= core.now {
            _ = core.enter()
            return try core.giveWayInsteadOfWaiting()
        }
        for state in states { state.line.prepareToJoin(core) }
        let count = states.count + (deadline == nil ? 0 : 1)
        let further = UnsafeMutableBufferPointer<WaitEntry.Fields>.allocate(capacity: count - 1)
        defer { unsafe further.deallocate() }
        var timer = Timers.Timer(deadline: deadline ?? 0)
        _ = try unsafe withUnsafeMutablePointer(to: &timer) { timer in
            _ = core.enter()
            return try unsafe core.waitAtSeveral(further) { number, entry in
                if number < states.count { return states[number].join(entry, core) }
                unsafe core.joinTimers(entry, timer)
                return .joined
            }
        }
    }

    private func join(_ entry: WaitEntry, _ core: SchedulerCore) -> SchedulerCore.Joining {
        line.lock()
        if outcome == nil {
            unsafe entry.describe(at: self)
            line.join(entry, core)
            return .joined
        }
        defer { line.unlock(core) }
        return entry.takeOwnWait() ? .ready : .tooLate
    }
}

private let settledPromises = Atomic<UInt64>(0)

extension Result {
    var isFailure: Bool { if case .failure = self { true } else { false } }
}
