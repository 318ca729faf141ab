/// Waiting for several promises.
extension Promise {
    /// The values of all, in the order of the list. Waits for them.
    ///
    /// ```swift
    /// let pages = urls.map { url in Tasklet.spawn { try fetch(url) } }
    /// let texts = try Promise.all(pages)
    /// ```
    ///
    /// - Throws: the first error, as soon as it is there; the others go on. To have them cancelled then, use
    ///   ``withTaskletGroup(of:limit:_:)``. Else as ``value()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func all(_ promises: [Promise]) throws -> [Value] {
        try finished(promises.count, of: promises, until: nil)
        return try promises.map { try $0.state.take()!.get() }
    }

    /// The same, for some time: `nil` when that is up.
    ///
    /// - Throws: as ``all(_:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func all(_ promises: [Promise], within time: Duration) throws -> [Value]? {
        let deadline = SchedulerCore.current.time(in: time)
        guard try finished(promises.count, of: promises, until: deadline).count == promises.count else { return nil }
        return try promises.map { try $0.state.take()!.get() }
    }

    /// The value of the one that is there first. Waits for it; the others go on.
    ///
    /// - Throws: the error of that one; else as ``value()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func first(of promises: [Promise]) throws -> Value {
        try first(1, of: checked(promises))[0]
    }

    /// The same, for some time: `nil` when that is up.
    ///
    /// - Throws: as ``first(of:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func first(of promises: [Promise], within time: Duration) throws -> Value? {
        try first(1, of: checked(promises), within: time).first
    }

    /// The values of the first `count` that are there, in the order in which they came; of all when there are not so many.
    ///
    /// - Throws: the first error among them, as soon as it is there; else as ``value()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func first(_ count: Int, of promises: [Promise]) throws -> [Value] {
        try finished(count, of: promises, until: nil).map { try promises[$0].state.take()!.get() }
    }

    /// The same, for some time: fewer when that is up.
    ///
    /// - Throws: as ``first(_:of:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func first(_ count: Int, of promises: [Promise], within time: Duration) throws -> [Value] {
        let deadline = SchedulerCore.current.time(in: time)
        return try finished(count, of: promises, until: deadline).map { try promises[$0].state.take()!.get() }
    }

    private static func checked(_ promises: [Promise]) -> [Promise] {
        if promises.isEmpty { fatalError("first(of:) needs at least one promise.") }
        return promises
    }

    /// Waits for the first results.
    ///
    /// - Returns: whose they are, in the order in which they came.
    /// - Throws: the first error among them; what ends the wait early.
    @discardableResult
    private static func finished(_ wanted: Int, of promises: [Promise], until deadline: Int64?) throws -> [Int] {
        guard wanted >= 0 else { fatalError("first(_:of:) needs a number of promises, not \(wanted).") }
        let wanted = min(wanted, promises.count)
        var finished: [Int] = []
        var pending = Array(promises.indices)
        var isTimeUp = false
        while true {
            var new: [(index: Int, number: UInt64)] = []
            pending.removeAll { index in
                guard let number = promises[index].state.number else { return false }
                new.append((index, number))
                return true
            }
            // What has come since the last look came later than what was there then; between threads, about so.
            for index in new.sorted(by: { $0.number < $1.number }).map(\.index).prefix(wanted - finished.count) {
                if case .failure(let error) = promises[index].result { throw error }
                finished.append(index)
            }
            if finished.count == wanted || isTimeUp { return finished }
            try PromiseState.wait(forOneOf: pending.map { promises[$0].state }, until: deadline)
            if let deadline { isTimeUp = SchedulerCore.current.now >= deadline }
        }
    }
}
