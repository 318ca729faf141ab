public import Channels
public import Tasklets

extension Queue {
    /// A clause of a `select` that receives an element.
    ///
    /// ```swift
    /// try select {
    ///     jobs.onReceive { job in try work(on: job) }
    ///     after(.seconds(1)) { print("no job for a second") }
    /// }
    /// ```
    ///
    /// Ready when an element is inside, or when the queue is closed: the select throws what ``receive()`` throws then. A
    /// select waits in line with the callers of ``receive()``, and no element is lost when its tasklet is killed.
    @inlinable @inline(__always)
    public func onReceive<Result>(_ body: @escaping (Element) throws -> Result) -> ReceiveClause<Result> {
        ReceiveClause(queue: self, body: body)
    }

    /// A clause of a `select` that receives an element, or `nil` once the queue is closed and empty.
    @inlinable @inline(__always)
    public func onNext<Result>(_ body: @escaping (Element?) throws -> Result) -> NextClause<Result> {
        NextClause(queue: self, body: body)
    }

    /// A clause of a `select` that sends an element.
    ///
    /// Ready when there is room, or when the queue is closed: the select throws what ``send(_:)`` throws then. An element that
    /// is not sent is released when the select ends.
    @inlinable @inline(__always)
    public func onSend<Result>(
        _ element: consuming Element,
        _ body: @escaping () throws -> Result
    ) -> SendClause<Result> {
        let rank = rank(of: element)
        return SendClause(queue: self, slot: Slot(element: element, rank: rank), body: body)
    }
}

// MARK: - Receiving

extension Queue {
    /// What ``onReceive(_:)`` makes.
    public struct ReceiveClause<Result>: SelectClause, SelectBody {
        @usableFromInline let queue: Queue
        @usableFromInline let body: (Element) throws -> Result

        @inlinable @inline(__always)
        init(queue: Queue, body: @escaping (Element) throws -> Result) {
            self.queue = queue
            self.body = body
        }

        @inlinable @inline(__always)
        public consuming func split() -> (ReceiveWait, Self) { (ReceiveWait(queue), self) }

        @inlinable @inline(__always)
        public func run(_ number: Int, _ wait: UnsafeMutablePointer<ReceiveWait>) throws -> Result {
            guard let element = unsafe wait.pointee.slot.element.take() else { throw ChannelError.closed }
            return try body(element)
        }

        @inlinable @inline(__always)
        public func keepPlaces() { withExtendedLifetime(queue) {} }
    }

    /// What ``onNext(_:)`` makes.
    public struct NextClause<Result>: SelectClause, SelectBody {
        @usableFromInline let queue: Queue
        @usableFromInline let body: (Element?) throws -> Result

        @inlinable @inline(__always)
        init(queue: Queue, body: @escaping (Element?) throws -> Result) {
            self.queue = queue
            self.body = body
        }

        @inlinable @inline(__always)
        public consuming func split() -> (ReceiveWait, Self) { (ReceiveWait(queue), self) }

        @inlinable @inline(__always)
        public func run(_ number: Int, _ wait: UnsafeMutablePointer<ReceiveWait>) throws -> Result {
            try body(unsafe wait.pointee.slot.element.take())
        }

        @inlinable @inline(__always)
        public func keepPlaces() { withExtendedLifetime(queue) {} }
    }

    /// What a ``ReceiveClause`` or a ``NextClause`` waits for.
    ///
    /// Safe because the clause keeps the queue until `keepPlaces`.
    @safe
    public struct ReceiveWait: SelectWait {
        @usableFromInline unowned(unsafe) let queue: Queue
        /// The element, once there is one. Stays empty when the queue is closed.
        @usableFromInline var slot = Slot(element: nil)

        @inlinable @inline(__always)
        init(_ queue: Queue) {
            unsafe self.queue = queue
        }

        @inlinable
        public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
            unsafe wait.pointee.queue.line.prepareToJoin(selection.core)
        }

        @inlinable
        public static func take(
            _ wait: UnsafeMutablePointer<Self>,
            _ first: Int,
            _ end: Int,
            _ selection: Selection
        ) -> Int? {
            guard first <= 0, end > 0 else { return nil }
            let queue = unsafe wait.pointee.queue
            queue.line.lock()
            guard queue.hasSomethingForReceiver else {
                queue.line.unlock(selection.core)
                return nil
            }
            unsafe wait.pointee.slot.element = queue.takeIfAny(selection.core)
            queue.line.leave(selection.core)
            return 0
        }

        @inlinable
        public static func join(
            _ wait: UnsafeMutablePointer<Self>,
            _ number: Int,
            _ entry: Selection.Entry,
            _ selection: Selection
        ) -> Selection.Joining {
            let (queue, entry) = unsafe (wait.pointee.queue, entry.entry)
            queue.line.lock()
            guard queue.hasSomethingForReceiver else {
                unsafe queue.join(entry, for: .receive, &wait.pointee.slot, selection.core)
                return Selection.Joining(.joined)
            }
            defer { queue.line.unlock(selection.core) }
            guard entry.takeOwnWait() else { return Selection.Joining(.tooLate) }
            unsafe wait.pointee.slot.element = queue.takeIfAny(selection.core)
            return Selection.Joining(.ready)
        }

        @inlinable
        public static func fail(_ wait: UnsafeMutablePointer<Self>, _ error: any Error) -> any Error {
            if let element = unsafe wait.pointee.slot.element.take() { unsafe wait.pointee.queue.putBack(element) }
            return error
        }
    }

    /// Whether a receiver need not wait: there is an element, or none comes any more. Inside.
    @inlinable
    var hasSomethingForReceiver: Bool { fields.elements.count > 0 || fields.isClosing }

    /// Takes the next element, if there is one, and lets a sender have its room. Inside.
    @inlinable
    func takeIfAny(_ core: SchedulerCore) -> Element? {
        guard fields.elements.count > 0 else { return nil }
        let element = fields.elements.take()
        if line.first != nil { admitSender(core) }
        return element
    }

    /// Links an entry of a select, and goes out of the line.
    @usableFromInline
    func join(_ entry: WaitEntry, for wait: Wait, _ slot: UnsafeMutablePointer<Slot>, _ core: SchedulerCore) {
        unsafe entry.describe(at: self, kind: wait.rawValue, argument: UnsafeMutableRawPointer(slot))
        line.join(entry, core)
    }
}

// MARK: - Sending

extension Queue {
    /// What ``onSend(_:_:)`` makes.
    public struct SendClause<Result>: SelectClause {
        @usableFromInline let queue: Queue
        @usableFromInline let slot: Slot
        @usableFromInline let body: () throws -> Result

        @inlinable @inline(__always)
        init(queue: Queue, slot: consuming Slot, body: @escaping () throws -> Result) {
            self.queue = queue
            self.slot = slot
            self.body = body
        }

        @inlinable @inline(__always)
        public consuming func split() -> (SendWait, SendBody<Result>) {
            (SendWait(queue, slot), SendBody(queue: queue, body: body))
        }
    }

    /// What a ``SendClause`` does when it has been chosen.
    public struct SendBody<Result>: SelectBody {
        @usableFromInline let queue: Queue
        @usableFromInline let body: () throws -> Result

        @inlinable @inline(__always)
        init(queue: Queue, body: @escaping () throws -> Result) {
            self.queue = queue
            self.body = body
        }

        @inlinable @inline(__always)
        public func run(_ number: Int, _ wait: UnsafeMutablePointer<SendWait>) throws -> Result {
            if unsafe wait.pointee.isClosed { throw ChannelError.closed }
            return try body()
        }

        @inlinable @inline(__always)
        public func keepPlaces() { withExtendedLifetime(queue) {} }
    }

    /// What a ``SendClause`` waits for.
    ///
    /// Safe because the clause keeps the queue until `keepPlaces`.
    @safe
    public struct SendWait: SelectWait {
        @usableFromInline unowned(unsafe) let queue: Queue
        /// The element, until the queue or a receiver has it.
        @usableFromInline var slot: Slot
        /// Whether the select has found the queue closed.
        @usableFromInline var isClosed = false

        @inlinable @inline(__always)
        init(_ queue: Queue, _ slot: consuming Slot) {
            unsafe self.queue = queue
            self.slot = slot
        }

        @inlinable
        public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
            unsafe wait.pointee.queue.line.prepareToJoin(selection.core)
        }

        @inlinable
        public static func take(
            _ wait: UnsafeMutablePointer<Self>,
            _ first: Int,
            _ end: Int,
            _ selection: Selection
        ) -> Int? {
            guard first <= 0, end > 0 else { return nil }
            let queue = unsafe wait.pointee.queue
            queue.line.lock()
            let receiver = queue.claimFirst(waitingFor: .receive)
            guard receiver != nil || queue.hasSomethingForSender else {
                queue.line.unlock(selection.core)
                return nil
            }
            unsafe send(wait, to: receiver, selection.core)
            queue.line.leave(selection.core)
            return 0
        }

        @inlinable
        public static func join(
            _ wait: UnsafeMutablePointer<Self>,
            _ number: Int,
            _ entry: Selection.Entry,
            _ selection: Selection
        ) -> Selection.Joining {
            let (queue, entry) = unsafe (wait.pointee.queue, entry.entry)
            queue.line.lock()
            let (joining, receiver) = queue.findWhileJoining(entry)
            switch joining {
            case .joined:
                unsafe queue.join(entry, for: .send, &wait.pointee.slot, selection.core)
                return Selection.Joining(joining)
            case .ready: unsafe send(wait, to: receiver, selection.core)
            case .tooLate: break
            }
            queue.line.unlock(selection.core)
            return Selection.Joining(joining)
        }

        /// The queue takes the element: for that receiver, or to keep it, or not, since it is closed. Inside.
        @inlinable
        static func send(_ wait: UnsafeMutablePointer<Self>, to receiver: WaitEntry?, _ core: SchedulerCore) {
            let queue = unsafe wait.pointee.queue
            if receiver == nil, queue.fields.isClosing {
                unsafe wait.pointee.isClosed = true
                return
            }
            let element = unsafe wait.pointee.slot.element.take()!
            if let receiver {
                queue.hand(element, to: receiver, core)
            } else {
                queue.keep(element, rank: unsafe wait.pointee.slot.rank, core)
            }
            queue.fields.unfinished &+= 1
        }
    }

    /// Whether a sender need not wait although nobody receives: there is room, or the queue takes nothing any more. Inside.
    @inlinable
    var hasSomethingForSender: Bool { fields.elements.count < limit || fields.isClosing }

    /// What a select that sends finds when it comes to wait: another thread may have come to a shared line meanwhile. Takes
    /// the select's own wait, if it need not wait, together with that of the receiver.
    @usableFromInline
    func findWhileJoining(_ entry: WaitEntry) -> (SchedulerCore.Joining, receiver: WaitEntry?) {
        guard line.isShared else { return (.joined, nil) }
        var next = line.first
        search: while let other = next {
            next = other.fields.next
            if other.isDead {
                line.unlink(other)
            } else if other.isWaiting(for: Wait.receive), other.tasklet != entry.tasklet {
                switch entry.takeOwnWait(meeting: other) {
                case .met: return (.ready, other)
                case .partnerIsGone: line.unlink(other)
                case .tooLate: return (.tooLate, nil)
                }
            } else if other.isWaiting(for: Wait.send), other.tasklet != entry.tasklet {
                // No receiver waits then.
                break search
            }
        }
        guard hasSomethingForSender else { return (.joined, nil) }
        return (entry.takeOwnWait() ? .ready : .tooLate, nil)
    }
}
