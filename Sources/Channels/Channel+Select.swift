public import Tasklets

extension Channel {
    /// A clause of a `select` that receives a value.
    ///
    /// ```swift
    /// try select {
    ///     jobs.onReceive { job in try work(on: job) }
    ///     stop.onReceive { _ in isRunning = false }
    /// }
    /// ```
    ///
    /// Ready when a sender waits, or when the channel is closed: the select throws what ``receive()`` throws then.
    @inlinable @inline(__always)
    public func onReceive<Result>(_ body: @escaping (Element) throws -> Result) -> ReceiveClause<Element, Result> {
        ReceiveClause(channel: self, body: body)
    }

    /// A clause of a `select` that receives a value, or `nil` once the channel is closed and no sender waits.
    ///
    /// ```swift
    /// var isOpen = true
    /// while isOpen {
    ///     try select {
    ///         lines.onNext { line in
    ///             if let line { print(line) } else { isOpen = false }
    ///         }
    ///         after(.seconds(1)) { print("nothing for a second") }
    ///     }
    /// }
    /// ```
    @inlinable @inline(__always)
    public func onNext<Result>(_ body: @escaping (Element?) throws -> Result) -> NextClause<Element, Result> {
        NextClause(channel: self, body: body)
    }

    /// A clause of a `select` that sends a value.
    ///
    /// ```swift
    /// try select {
    ///     left.onSend(value) { print("left") }
    ///     right.onSend(value) { print("right") }
    /// }
    /// ```
    ///
    /// Ready when a receiver waits, or when the channel is closed: the select throws what ``send(_:)`` throws then. A value
    /// that is not sent is released when the select ends.
    @inlinable @inline(__always)
    public func onSend<Result>(
        _ value: consuming Element,
        _ body: @escaping () throws -> Result
    ) -> SendClause<Element, Result> {
        SendClause(channel: self, value: value, body: body)
    }
}

// MARK: - Receiving

/// What ``Channel/onReceive(_:)`` makes.
public struct ReceiveClause<Element, Result>: SelectClause, SelectBody {
    @usableFromInline let channel: Channel<Element>
    @usableFromInline let body: (Element) throws -> Result

    @inlinable @inline(__always)
    init(channel: Channel<Element>, body: @escaping (Element) throws -> Result) {
        self.channel = channel
        self.body = body
    }

    @inlinable @inline(__always)
    public consuming func split() -> (ReceiveWait<Element>, Self) {
        (ReceiveWait(channel, .receive), self)
    }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<ReceiveWait<Element>>) throws -> Result {
        guard let value = unsafe wait.pointee.slot.take() else { throw ChannelError.closed }
        return try body(value)
    }

    @inlinable @inline(__always)
    public func keepPlaces() { withExtendedLifetime(channel) {} }
}

/// What ``Channel/onNext(_:)`` makes.
public struct NextClause<Element, Result>: SelectClause, SelectBody {
    @usableFromInline let channel: Channel<Element>
    @usableFromInline let body: (Element?) throws -> Result

    @inlinable @inline(__always)
    init(channel: Channel<Element>, body: @escaping (Element?) throws -> Result) {
        self.channel = channel
        self.body = body
    }

    @inlinable @inline(__always)
    public consuming func split() -> (ReceiveWait<Element>, Self) {
        (ReceiveWait(channel, .next), self)
    }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<ReceiveWait<Element>>) throws -> Result {
        try body(unsafe wait.pointee.slot.take())
    }

    @inlinable @inline(__always)
    public func keepPlaces() { withExtendedLifetime(channel) {} }
}

/// What a ``ReceiveClause`` or a ``NextClause`` waits for.
///
/// Safe because the clause keeps the place until `keepPlaces`.
@safe
public struct ReceiveWait<Element>: SelectWait {
    /// Not retained: the clause is.
    @usableFromInline let place: Unmanaged<AnyObject>
    @usableFromInline let core: ChannelCore
    @usableFromInline let kind: ChannelCore.Wait
    /// The value, once there is one. Stays empty when the channel is closed.
    @usableFromInline var slot: Element?

    @inlinable @inline(__always)
    init(_ channel: Channel<Element>, _ kind: ChannelCore.Wait) {
        unsafe self.place = Unmanaged.passUnretained(channel.place as AnyObject)
        core = channel.core
        self.kind = kind
    }

    @inlinable @inline(__always)
    static func slot(_ wait: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Element?> {
        unsafe withUnsafeMutablePointer(to: &wait.pointee.slot) { unsafe $0 }
    }

    @inlinable @inline(__always)
    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
        unsafe wait.pointee.core.prepareToSelect(selection, sending: false)
    }

    @inlinable @inline(__always)
    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) throws -> Int? {
        guard first <= 0, end > 0 else { return nil }
        let (core, kind) = unsafe (wait.pointee.core, wait.pointee.kind)
        guard let sender = try core.beginSelected(selection, for: kind) else {
            return try core.isEnd(selection, for: kind) ? 0 : nil
        }
        if sender.isSendingError { try core.takeError(from: sender, selection.core) }
        unsafe slot(wait).pointee = unsafe sender.slot(Element.self).pointee.take()
        try core.meetSelected(sender, selection, sending: false)
        return 0
    }

    @inlinable
    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        let core = unsafe wait.pointee.core
        let (joining, sender) = unsafe core.join(
            entry.entry,
            at: wait.pointee.place,
            for: wait.pointee.kind,
            slot(wait),
            selection.core
        )
        if let sender {
            if sender.isSendingError {
                core.takeError(from: sender, whileJoining: entry.entry, selection.core)
            } else {
                unsafe slot(wait).pointee = unsafe sender.slot(Element.self).pointee.take()
            }
            core.endMeeting(with: sender, selection.core)
        }
        return Selection.Joining(joining)
    }
}

// MARK: - Sending

/// What ``Channel/onSend(_:_:)`` makes.
public struct SendClause<Element, Result>: SelectClause {
    @usableFromInline let channel: Channel<Element>
    @usableFromInline let value: Element
    @usableFromInline let body: () throws -> Result

    @inlinable @inline(__always)
    init(channel: Channel<Element>, value: consuming Element, body: @escaping () throws -> Result) {
        self.channel = channel
        self.value = value
        self.body = body
    }

    /// The value moves, or the receiver would not be its only owner.
    @inlinable @inline(__always)
    public consuming func split() -> (SendWait<Element>, SendBody<Element, Result>) {
        (SendWait(channel, value), SendBody(channel: channel, body: body))
    }
}

/// What a ``SendClause`` does when it has been chosen.
public struct SendBody<Element, Result>: SelectBody {
    @usableFromInline let channel: Channel<Element>
    @usableFromInline let body: () throws -> Result

    @inlinable @inline(__always)
    init(channel: Channel<Element>, body: @escaping () throws -> Result) {
        self.channel = channel
        self.body = body
    }

    @inlinable @inline(__always)
    public func run(_ number: Int, _ wait: UnsafeMutablePointer<SendWait<Element>>) throws -> Result {
        if unsafe wait.pointee.isClosed { throw ChannelError.closed }
        return try body()
    }

    @inlinable @inline(__always)
    public func keepPlaces() { withExtendedLifetime(channel) {} }
}

/// What a ``SendClause`` waits for.
///
/// Safe because the clause keeps the place until `keepPlaces`.
@safe
public struct SendWait<Element>: SelectWait {
    /// Not retained: the clause is.
    @usableFromInline let place: Unmanaged<AnyObject>
    @usableFromInline let core: ChannelCore
    /// The value, until a receiver takes it.
    @usableFromInline var slot: Element?
    /// Whether the select has found the channel closed: the value is still here then.
    @usableFromInline var isClosed = false

    @inlinable @inline(__always)
    init(_ channel: Channel<Element>, _ value: consuming Element) {
        unsafe self.place = Unmanaged.passUnretained(channel.place as AnyObject)
        core = channel.core
        slot = value
    }

    @inlinable @inline(__always)
    static func slot(_ wait: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Element?> {
        unsafe withUnsafeMutablePointer(to: &wait.pointee.slot) { unsafe $0 }
    }

    @inlinable @inline(__always)
    public static func prepare(_ wait: UnsafeMutablePointer<Self>, _ selection: Selection) {
        unsafe wait.pointee.core.prepareToSelect(selection, sending: true)
    }

    @inlinable @inline(__always)
    public static func take(
        _ wait: UnsafeMutablePointer<Self>,
        _ first: Int,
        _ end: Int,
        _ selection: Selection
    ) throws -> Int? {
        guard first <= 0, end > 0 else { return nil }
        let core = unsafe wait.pointee.core
        guard let receiver = try core.beginSelected(selection, for: .send) else {
            guard try core.isEnd(selection, for: .send) else { return nil }
            unsafe wait.pointee.isClosed = true
            return 0
        }
        unsafe receiver.slot(Element.self).initialize(to: slot(wait).pointee.take())
        try core.meetSelected(receiver, selection, sending: true)
        return 0
    }

    @inlinable
    public static func join(
        _ wait: UnsafeMutablePointer<Self>,
        _ number: Int,
        _ entry: Selection.Entry,
        _ selection: Selection
    ) -> Selection.Joining {
        let core = unsafe wait.pointee.core
        let (joining, receiver) = unsafe core.join(
            entry.entry,
            at: wait.pointee.place,
            for: .send,
            slot(wait),
            selection.core
        )
        if let receiver {
            unsafe receiver.slot(Element.self).initialize(to: slot(wait).pointee.take())
            core.endMeeting(with: receiver, selection.core)
        } else if case .ready = joining {
            unsafe wait.pointee.isClosed = true
        }
        return Selection.Joining(joining)
    }
}
