public import Channels
public import Tasklets

// MARK: - Sending

extension Queue {
    /// Gives `element` to the receiver that has waited longest, else keeps it; waits for room if the queue is full.
    ///
    /// - Throws: `ChannelError.closed` when the queue is closed and no receiver waits, or what refuses or ends a wait: see
    ///   <doc:Sync#How-a-wait-ends>. The element is lost then, unless it had found room before the tasklet was killed.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func send(_ element: consuming Element) throws {
        let rank = rank(of: element)
        let core = try line.begin()
        // Nobody waits, as a rule.
        if line.first == nil, fields.elements.count < limit, !fields.isClosing {
            fields.elements.insert(element, rank: rank)
            fields.unfinished &+= 1
            return line.leave(core)
        }
        try sendSlowly(element, rank, core)
    }

    /// Sends the elements one after the other.
    ///
    /// - Returns: how many there were.
    /// - Throws: as ``send(_:)``; the elements before were sent.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    @discardableResult
    public func send(contentsOf elements: some Sequence<Element>) throws -> Int {
        var count = 0
        for element in elements {
            try send(element)
            count += 1
        }
        return count
    }

    /// Sends `element` if that needs no wait.
    ///
    /// - Returns: false when the queue is full, or closed and no receiver waits.
    @inlinable
    @discardableResult
    public func trySend(_ element: consuming Element) -> Bool {
        let rank = rank(of: element)
        let core = line.enter()
        defer { line.leave(core) }
        return offer(element, rank: rank, core)
    }

    @inlinable @inline(never)
    func sendSlowly(_ element: consuming Element, _ rank: Int, _ core: SchedulerCore) throws {
        if offer(element, rank: rank, core) { return line.leave(core) }
        if fields.isClosing {
            line.leave(core)
            throw ChannelError.closed
        }
        // A receiver takes the element out of this variable; if it is still there after an error, it ends here.
        var slot = Slot(element: element, rank: rank)
        try unsafe wait(core, for: .send, &slot)
    }

    /// The rank of an element. It is the program's code: out of the gate.
    @inlinable @inline(__always)
    func rank(of element: borrowing Element) -> Int {
        if let rankOfElement { rankOfElement(copy element) } else { 0 }
    }
}

// MARK: - Receiving

extension Queue {
    /// Takes the next element; waits for one if the queue is empty.
    ///
    /// - Throws: `ChannelError.closed` when the queue is closed and empty, or what refuses or ends a wait: see
    ///   <doc:Sync#How-a-wait-ends>. No element is lost then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func receive() throws -> Element {
        guard let element = try next() else { throw ChannelError.closed }
        return element
    }

    /// Takes the next element; `nil` once the queue is closed and empty.
    ///
    /// ```swift
    /// while let job = try jobs.next() { work(on: job) }
    /// ```
    ///
    /// - Throws: as ``receive()``, but never `ChannelError.closed`.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func next() throws -> Element? {
        let core = try line.begin()
        guard fields.elements.count > 0 else { return try wait(core, for: .receive) }
        let element = fields.elements.take()
        if line.first != nil { admitSender(core) }
        line.leave(core)
        return element
    }

    /// Takes the next element if there is one; never waits.
    ///
    /// - Throws: `ChannelError.closed` when the queue is closed and empty.
    @inlinable
    public func tryReceive() throws -> Element? {
        let core = line.enter()
        guard fields.elements.count > 0 else {
            let isClosing = fields.isClosing
            line.leave(core)
            if isClosing { throw ChannelError.closed }
            return nil
        }
        let element = fields.elements.take()
        if line.first != nil { admitSender(core) }
        line.leave(core)
        return element
    }

    /// The next element, which stays in the queue; waits for one if the queue is empty.
    ///
    /// - Throws: as ``receive()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable
    public func peek() throws -> Element {
        let core = try line.begin()
        guard fields.elements.count > 0 else {
            guard let element = try wait(core, for: .peek) else { throw ChannelError.closed }
            return element
        }
        let element = fields.elements.next
        line.leave(core)
        return element
    }

    /// Waits until an element is handed over; `nil` when the queue is closed, or has been finished meanwhile.
    @inlinable @inline(never)
    func wait(_ core: SchedulerCore, for wait: Wait) throws -> Element? {
        if fields.isClosing {
            line.leave(core)
            return nil
        }
        var slot = Slot(element: nil)
        do {
            try unsafe self.wait(core, for: wait, &slot)
        } catch {
            if wait == .receive, let element = slot.element.take() { putBack(element) }
            throw error
        }
        return slot.element
    }

    /// Joins the line; returns when the caller has been woken.
    ///
    /// - Parameter slot: a variable in the caller's frame.
    @inlinable @inline(__always)
    func wait(_ core: SchedulerCore, for wait: Wait, _ slot: UnsafeMutablePointer<Slot>) throws {
        try unsafe line.wait(core, at: self, kind: wait.rawValue, argument: UnsafeMutableRawPointer(slot))
    }
}
