/// A result that is there later: of a tasklet, or of whatever calls ``fulfill(_:)`` or ``fail(_:)``.
///
/// ```swift
/// let page = Tasklet.spawn(name: "page") { try fetch(url) }
/// let icon = Tasklet.spawn(name: "icon") { try fetch(iconURL) }
/// show(try page.value(), try icon.value())
/// ```
///
/// Any number of tasklets may wait for it, any number of times. When the result comes all of them join the end of their run
/// queues, in the order in which they began to wait; the one that brings the result goes on.
///
/// **Its error is not lost.** Somebody takes it by ``value()`` or ``result``, or it goes the way of an error that leaves a
/// tasklet's body, out of `run()` or out of what main is doing: when the body ends, if nobody holds the promise any more then;
/// or when the last reference goes, by a tasklet at the end of the run queue that throws it. At the end of its thread it is
/// thrown by the scope, or reported on standard error.
///
/// A tasklet that ends without a result, since it was killed or cancelled or never ran, leaves a `CancellationError` in its
/// promise. That one need not be taken.
///
/// A promise of a `Sendable` value may be used by several threads. A thread that waits for one that no other thread has used
/// yet gets a ``DeadlockError``, unless ``share()`` was called before.
public final class Promise<Value> {
    let state: PromiseState<Value>

    /// The tasklet that brings the result; `nil` of a promise that was made by hand.
    public let tasklet: Tasklet?

    init(state: PromiseState<Value>, tasklet: Tasklet?) {
        self.state = state
        self.tasklet = tasklet
    }

    /// Makes a promise that somebody is going to keep by ``fulfill(_:)`` or ``fail(_:)``.
    ///
    /// ```swift
    /// let answer = Promise<Int>()
    /// Tasklet { print(try answer.value()) }
    /// Tasklet { answer.fulfill(42) }
    /// try Tasklet.runUntilDone()
    /// ```
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - fileID: where the promise is made, for reports.
    ///   - line: where the promise is made, for reports.
    public convenience init(name: String? = nil, fileID: StaticString = #fileID, line: UInt = #line) {
        let origin = Origin(kind: "promise", name: name ?? "promise", fileID: fileID, line: line)
        self.init(state: PromiseState(origin: origin), tasklet: nil)
    }

    deinit {
        state.abandon()
    }
}

// Safe because the result is touched under the lock of the line, and one that may travel between threads is shared by them.
extension Promise: @unchecked Sendable where Value: Sendable {}

// MARK: - Taking the result

extension Promise {
    /// The result; waits for it.
    ///
    /// - Throws: the error of the promise. When the wait ends without a result: `CancellationError` in a cancelled tasklet,
    ///   ``DeadlockError``, ``TaskletError/blockTrap``, ``TaskletError/switchTrap``, or what is sent to the waiting tasklet.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func value() throws -> Value {
        try state.wait()
        return try state.take()!.get()
    }

    /// The same, for some time: `nil` when that is up. Zero or less gives way and looks.
    ///
    /// - Throws: as ``value()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func value(within time: Duration) throws -> Value? {
        if let result = state.take() { return try result.get() }
        try PromiseState.wait(forOneOf: [state], until: SchedulerCore.current.time(in: time))
        return try state.take()?.get()
    }

    /// The result if it is there. Does not wait.
    public var result: Result<Value, any Error>? { state.take() }
}

extension Promise {
    /// A clause of a ``select(_:)`` that is ready when there is a result: the body gets the value.
    ///
    /// ```swift
    /// try select {
    ///     page.onValue { page in show(page) }
    ///     after(.seconds(1)) { print("still loading") }
    /// }
    /// ```
    ///
    /// The select throws the error of a promise that has one.
    @inlinable @inline(__always)
    public func onValue<Result>(_ body: @escaping (Value) throws -> Result) -> PlaceClause<Result> {
        PlaceClause(self, place) { try body(self.settledValue()) }
    }

    @usableFromInline var place: PlaceWait { PlaceWait(state) }

    /// - Precondition: there is a result.
    @usableFromInline
    func settledValue() throws -> Value { try state.take()!.get() }
}

/// For those that wait without a tasklet.
extension Promise where Value: Sendable {
    /// Calls `observer` once, on whatever thread: with true when there is a result, with false when the observation is stopped.
    package func observe(
        _ observation: ObjectIdentifier,
        _ observer: @escaping @Sendable (_ isSettled: Bool) -> Void
    ) {
        state.observe(observation, observer)
    }

    package func stopObserving(_ observation: ObjectIdentifier) { state.stopObserving(observation) }
}

// MARK: - Bringing the result

extension Promise {
    /// Gives the promise its value. Those that wait join the end of their run queues; the caller goes on.
    ///
    /// Once only: a promise that has a result keeps it, and the process ends with a message. Not for the promise of a tasklet.
    public func fulfill(_ value: Value) {
        settle(.success(value))
    }

    /// Gives the promise an error instead of a value, as ``fulfill(_:)`` does.
    public func fail(_ error: any Error) {
        settle(.failure(error))
    }

    private func settle(_ result: Result<Value, any Error>) {
        if let tasklet { fatalError("The result of the promise is that of \(tasklet): it cannot be given by hand.") }
        state.settle(result)
    }

    /// Announces that another thread is going to bring the result: a thread whose tasklets wait for it sleeps until it comes,
    /// although that thread has not used the promise yet.
    public func share() where Value: Sendable {
        state.line.setPromised(true)
    }
}
