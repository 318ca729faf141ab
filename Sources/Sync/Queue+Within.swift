public import Tasklets

// Operations that wait for a time only.

extension Queue {
    /// Takes the next element; waits for one no longer than `duration`.
    ///
    /// A time of zero or less is up when it is about to wait: an element that is inside is taken, else it gives way once.
    ///
    /// - Returns: `nil` when the time is up.
    /// - Throws: as ``receive()``.
    @inlinable
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func receive(within duration: Duration) throws -> Element? {
        try select {
            onReceive { element -> Element? in element }
            after(duration) { () -> Element? in nil }
        }
    }

    /// Sends `element`; waits for room no longer than `duration`, as ``receive(within:)`` does.
    ///
    /// - Returns: whether the element was sent; false when the time is up.
    /// - Throws: as ``send(_:)``.
    @inlinable
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public func send(_ element: consuming Element, within duration: Duration) throws -> Bool {
        var element: Element? = consume element
        return try select {
            onSend(element.take()!) { true }
            after(duration) { false }
        }
    }
}
