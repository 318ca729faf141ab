import Synchronization

/// What a promise and the tasklet that keeps it share: the result, and who waits for it.
///
/// The tasklet holds this and not the promise, so that the promise knows when nobody else holds it.
final class PromiseState<Value>: TaskletExtras, WaitLineOwner {
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
    private var gatherings: [(gathering: Gathering, number: Int)] = []

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
        while line.wakeFirst(core) {}
        let gatherings = self.gatherings
        self.gatherings = []
        line.leave(core)
        for (gathering, number) in gatherings { gathering.note(number, hasFailed: result.isFailure) }
        guard case .failure(let error) = result, !isQuiet else { return }
        let former = marks.bitwiseOr(Mark.failed, ordering: .acquiringAndReleasing).oldValue
        if former & (Mark.abandoned | Mark.taken) == Mark.abandoned { passOn(error) }
    }

    /// The result; its error counts as taken.
    func take() -> Result<Value, any Error>? {
        let outcome = line.inside { self.outcome }
        if case .failure = outcome { marks.bitwiseOr(Mark.taken, ordering: .acquiringAndReleasing) }
        return outcome
    }

    /// The promise has gone: from now on nobody takes the error.
    func abandon() {
        let former = marks.bitwiseOr(Mark.abandoned, ordering: .acquiringAndReleasing).oldValue
        guard former & (Mark.failed | Mark.taken) == Mark.failed else { return }
        // Written before it was marked.
        if case .failure(let error) = outcome { passOn(error) }
    }

    private func passOn(_ error: any Error) {
        line.fields.maker.passOn(untaken: error, of: origin)
    }

    // MARK: Waiting

    /// - Throws: what ends the wait without a result.
    func wait() throws {
        let core = line.enter()
        if outcome != nil { return line.leave(core) }
        unsafe try line.wait(core, at: self)
    }

    /// The same until `deadline` at most.
    func wait(until deadline: Int64) throws {
        try wait(until: deadline) { self.outcome != nil }
    }

    /// Notes the gathering as one that waits for the result. False when there is a result already: whether it is an error.
    func join(_ gathering: Gathering, number: Int) -> Bool? {
        line.inside {
            if let outcome { return outcome.isFailure }
            gatherings.append((gathering, number))
            return nil
        }
    }

    func leave(_ gathering: Gathering) {
        line.inside { gatherings.removeAll { $0.gathering === gathering } }
    }
}

extension Result {
    var isFailure: Bool { if case .failure = self { true } else { false } }
}
