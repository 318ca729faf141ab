public import Tasklets

/// Keeps elements between those that send and those that receive.
///
/// ```swift
/// let jobs = Queue<Job>(capacity: 128, name: "jobs")
/// Tasklet {
///     for job in allJobs { try jobs.send(job) }  // waits while 128 are inside
///     jobs.finish()
/// }
/// while let job = try jobs.next() { work(on: job) }
/// ```
///
/// A queue has the verbs of a `Channel`, and one may stand for the other. In a channel sender and receiver meet, and one
/// of them goes on at once; an operation on a queue that finds room, or an element, goes on itself. Whom it wakes is put
/// at the end of its run queue.
///
/// Those that wait are served in the order in which they came, and nobody who comes later can take what was meant for
/// them: an element is handed over to the receiver that has waited longest. If that one is killed before its turn, the
/// element goes back to where it was: no element is lost.
///
/// A queue whose elements are `Sendable` may be used by several threads. A thread that is awake is not woken: the
/// queue touches another thread only when a tasklet of it waits.
// Safe because the memory belongs to the queue alone, and stays as long as it does.
@safe
public final class Queue<Element>: WaitLineOwner {
    /// What every operation touches.
    @safe
    @usableFromInline
    struct Fields: ~Copyable {
        @usableFromInline var elements: QueueElements<Element>
        /// How many were sent without ``taskDone()``.
        @usableFromInline var unfinished = 0
        @usableFromInline var isClosing = false

        init(order: QueueOrder<Element>.Kind) {
            elements = QueueElements(order: order)
        }
    }

    /// What a tasklet waits for: the `kind` of its entry. Senders and receivers are never in line at the same time, but for
    /// dead entries of a `select` that has just ended elsewhere.
    @usableFromInline
    enum Wait: UInt8 {
        /// The argument is a `Slot` to be filled.
        case receive
        /// The same; the element stays in the queue.
        case peek
        /// The argument is a `Slot` to be emptied.
        case send
        /// For the last ``taskDone()``.
        case join
    }

    /// In the frame that waits.
    @usableFromInline
    struct Slot {
        @usableFromInline var element: Element?
        @usableFromInline let rank: Int

        @inlinable
        init(element: consuming Element?, rank: Int = 0) {
            self.element = element
            self.rank = rank
        }
    }

    /// Which element is received first.
    public typealias Order = QueueOrder<Element>

    @usableFromInline package let line = WaitLine()
    @usableFromInline let memory: UnsafeMutablePointer<Fields>
    /// The capacity, or more than there can be.
    @usableFromInline let limit: Int
    @usableFromInline let rankOfElement: (@Sendable (Element) -> Int)?
    private let origin: Origin

    /// Makes an empty queue.
    ///
    /// - Parameters:
    ///   - capacity: how many elements it holds before senders wait; at least one. `nil`: any number, senders never wait.
    ///   - order: which element is received first.
    ///   - name: shown in reports.
    ///   - fileID: where the queue is made, for reports.
    ///   - line: where the queue is made, for reports.
    ///   - column: where the queue is made, for reports.
    public init(
        capacity: Int? = nil,
        order: Order = .fifo,
        name: String? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        column: UInt = #column
    ) {
        guard capacity != 0 else {
            fatalError(
                "A queue of capacity 0 keeps nothing: use a Channel, which hands each element from sender to receiver."
            )
        }
        guard capacity.map({ $0 > 0 }) ?? true else {
            fatalError("A queue cannot have the capacity \(capacity!): give it 1 or more, or nil for any number.")
        }
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Fields(order: order.kind))
        limit = capacity ?? .max
        if case .priority(let rank) = order.kind { rankOfElement = rank } else { rankOfElement = nil }
        origin = Origin(kind: "queue", name: name, fileID: fileID, line: line, column: column)
    }

    deinit {
        line.free()
        fields.elements.destroy()
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

    @usableFromInline
    var fields: Fields {
        @inlinable unsafeAddress { unsafe UnsafePointer(memory) }
        @inlinable unsafeMutableAddress { unsafe memory }
    }

    package func describe(_ entry: WaitEntry) -> String {
        switch Wait(rawValue: entry.purpose)! {
        case .receive: "receive on " + origin.mention
        case .peek: "peek on " + origin.mention
        case .send: "send on " + origin.mention
        case .join: "join of \(origin.mention), with \(line.locked { fields.unfinished }) not done"
        }
    }

    package func deadlockReason(of entry: WaitEntry) -> DeadlockError.Reason {
        switch Wait(rawValue: entry.purpose)! {
        case .receive, .peek: .mainReceiving
        case .send: .mainSending
        case .join: .mainWaiting
        }
    }
}

// Safe because the fields are touched between `enter` and `leave` or `wait` only, and an element that may travel between
// threads is moved by one of them only.
extension Queue: @unchecked Sendable where Element: Sendable {}

// MARK: - Settings

extension Queue {
    /// The name given at creation.
    public var name: String? { origin.name }

    /// How many elements it holds before senders wait; `nil`: any number.
    public var capacity: Int? { limit == .max ? nil : limit }

    /// How many elements are inside: those that no receiver has been given yet. One more than ``capacity`` at most for each
    /// that has been put back, since its receiver was killed.
    public var count: Int { line.inside { fields.elements.count } }

    /// Announces that other threads are going to use this queue; a wait lasts until they do. See `Channel.share()`.
    ///
    /// ``close()`` and ``finish()`` end the announcement.
    public func share() {
        line.setPromised(true)
    }
}

// MARK: - Closing

extension Queue {
    /// Takes no more elements from now on: ``send(_:)`` throws `ChannelError.closed`, and so does ``receive()`` once the queue
    /// is empty.
    ///
    /// Wakes nobody: who waits goes on waiting. A receiver that waits may still be given an element. See ``finish()``.
    public func close() {
        let wasPromised = line.inside {
            fields.isClosing = true
            return line.isPromised
        }
        if wasPromised { line.setPromised(false) }
    }

    /// Closes the queue, and wakes the receivers that wait, in order: their ``receive()`` throws `ChannelError.closed`, their
    /// ``next()`` gives `nil`.
    ///
    /// What is inside stays until it has been received, and senders that wait until their elements have found room. The woken
    /// ones are put at the end of their run queues; the caller goes on.
    public func finish() {
        close()
        let core = line.enter()
        while let entry = claimFirst(waitingFor: .receive, or: .peek) { line.wake(entry, core) }
        line.leave(core)
    }

    /// Whether the queue has been closed.
    public var isClosing: Bool { line.inside { fields.isClosing } }

    /// Whether the queue has been closed, is empty, and nobody waits to send or receive any more.
    public var isClosed: Bool {
        line.inside { fields.isClosing && fields.elements.count == 0 && !hasPartner }
    }
}

// MARK: - Work that is done

extension Queue {
    /// How many elements were sent without a ``taskDone()``.
    public var unfinished: Int { line.inside { fields.unfinished } }

    /// Says that the work on an element that was received is done. The last one wakes those that wait in ``join()``.
    ///
    /// Traps when called more often than elements were sent.
    public func taskDone() {
        let core = line.enter()
        guard fields.unfinished > 0 else {
            fatalError(
                "taskDone() of \(origin.mention) is called more often than elements were sent: call it once for each."
            )
        }
        fields.unfinished -= 1
        if fields.unfinished == 0 {
            line.forEachEntry { if $0.isWaiting(for: Wait.join) { line.wake($0, core) } }
        }
        line.leave(core)
    }

    /// Waits until ``taskDone()`` has been called for each element that was sent.
    ///
    /// ```swift
    /// for page in pages { try jobs.send(page) }
    /// try jobs.join()  // all of them have been worked on
    /// ```
    ///
    /// - Throws: what refuses or ends a wait: see <doc:Sync#How-a-wait-ends>.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func join() throws {
        let core = try line.begin()
        if fields.unfinished == 0 { return line.leave(core) }
        unsafe try line.wait(core, at: self, kind: Wait.join.rawValue)
    }
}
