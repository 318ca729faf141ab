public import Tasklets

/// An unbuffered channel: hands one value at a time from a sender to a receiver. Whichever comes first waits for the other.
///
/// ```swift
/// let lines = Channel<String>(name: "lines")
/// Tasklet {
///     for n in 1...3 { try lines.send("line \(n)") }
///     lines.finish()
/// }
/// while let line = try lines.next() { print(line) }
/// ```
///
/// Nothing is stored in a channel: a value moves straight from the sender's stack to the receiver's. Waiting tasklets are
/// served in the order in which they came. ``preference`` and ``schedulesAll`` decide which tasklet runs after sender and
/// receiver have met.
///
/// A channel whose elements are `Sendable` may be used by several threads. When the partners are on two threads, there is no
/// switch: the caller goes on, and the partner joins the run queue of its own thread, which is woken if it sleeps. A channel is
/// fastest while only one thread uses it: from the first use by a second thread on, each operation takes a lock.
///
/// All rules of a meeting: <doc:Channels#Who-goes-on-after-a-meeting>.
public final class Channel<Element> {
    @usableFromInline
    let core: ChannelCore
    @usableFromInline
    let place: ChannelPlace

    /// Who runs after a sender and a receiver have met.
    public typealias Preference = ChannelPreference

    /// Makes an open channel with ``ChannelPreference/receiver``.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - fileID: where the channel is made, for reports.
    ///   - line: where the channel is made, for reports.
    ///   - column: where the channel is made, for reports.
    public init(name: String? = nil, fileID: StaticString = #fileID, line: UInt = #line, column: UInt = #column) {
        place = ChannelPlace.make(name: name, fileID: fileID, line: line, column: column)
        core = place.core
    }

    /// The name given at creation.
    public var name: String? { core.fields.origin.name }
}

/// Who runs after a sender and a receiver have met.
public enum ChannelPreference: Int, Sendable {
    /// The receiver; a sender that found it waiting goes to the end of the run queue.
    case receiver = -1
    /// The caller goes on, whichever it is.
    case neither = 0
    /// The sender; a receiver that found it waiting goes to the end of the run queue.
    case sender = 1
}

// Safe because the core is touched inside its scheduler's gate or under its lock, and an element that may travel
// between threads is moved by one of them only.
extension Channel: @unchecked Sendable where Element: Sendable {}

// MARK: - Sending

extension Channel {
    /// Gives `value` to a receiver; waits for a receiver if none is waiting.
    ///
    /// - Throws: ``ChannelError/closed`` when it would have to wait and the channel is closed; `CancellationError` when it
    ///   would have to wait, or waits, in a cancelled tasklet; `TaskletError.blockTrap`, `TaskletError.switchTrap`,
    ///   `DeadlockError`, the error of a time limit, or an error that is raised in the waiting tasklet. Then the value is lost.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func send(_ value: consuming Element) throws {
        let scheduler = SchedulerCore.current
        if let receiver = try core.begin(scheduler, for: .send) {
            // Empty until now: there is nothing to destroy.
            unsafe receiver.slot(Element.self).initialize(to: consume value)
            try core.meet(receiver, scheduler, sending: true)
        } else {
            // The receiver takes the value out of this variable; if it is still there after an error, it ends here.
            var slot: Element? = consume value
            guard try unsafe core.wait(scheduler, at: place, for: .send, &slot) else { throw ChannelError.closed }
        }
    }

    /// Sends an error: the receiver's ``receive()`` throws it. Waits and switches as ``send(_:)`` does.
    ///
    /// - Throws: as ``send(_:)``. The sent error does not affect the sender.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func send(throwing error: any Error) throws {
        let scheduler = SchedulerCore.current
        if let receiver = try core.begin(scheduler, for: .sendError) {
            receiver.tasklet.error = error
            try core.meet(receiver, scheduler, sending: true)
        } else {
            var slot: (any Error)? = error
            guard try unsafe core.wait(scheduler, at: place, for: .sendError, &slot) else { throw ChannelError.closed }
        }
    }

    /// Sends the elements one after the other.
    ///
    /// - Returns: how many there were.
    /// - Throws: as ``send(_:)``; the elements before were received.
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
}

extension Channel {
    /// Asks for the memory that a message to the first in line is going to touch. For whoever sends to many in turn.
    ///
    /// Looks without a lock: only where no other thread uses the channel.
    @inlinable @inline(__always)
    package func prefetchFirst() {
        core.line.first?.tasklet.prefetchFrames()
    }
}

// MARK: - Receiving

extension Channel {
    /// Takes a value from a sender; waits for a sender if none is waiting.
    ///
    /// - Throws: an error that was sent by ``send(throwing:)``; ``ChannelError/closed`` when it would have to wait and the
    ///   channel is closed; `CancellationError` when it would have to wait, or waits, in a cancelled tasklet;
    ///   `TaskletError.blockTrap`, `TaskletError.switchTrap`, `DeadlockError`, the error of a time limit, or an error that is
    ///   raised in the waiting tasklet.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func receive() throws -> Element {
        guard let value = try take(for: .receive) else { throw ChannelError.closed }
        return value
    }

    /// Takes the next value; `nil` once the channel is closed and no sender waits.
    ///
    /// ```swift
    /// while let line = try lines.next() { print(line) }
    /// ```
    ///
    /// Leaving the loop early leaves the senders waiting.
    ///
    /// - Throws: as ``receive()``, but ``ChannelError/closed`` only when a sender has sent this error.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @inlinable @inline(__always)
    public func next() throws -> Element? {
        try take(for: .next)
    }

    /// A value; `nil` when the channel is closed and no sender waits, or has been finished meanwhile.
    @inlinable @inline(__always)
    func take(for wait: ChannelCore.Wait) throws -> Element? {
        let scheduler = SchedulerCore.current
        if let sender = try core.begin(scheduler, for: wait) {
            if sender.isSendingError { try core.takeError(from: sender, scheduler) }
            let value = unsafe sender.slot(Element.self).pointee.take()
            try core.meet(sender, scheduler, sending: false)
            return value
        }
        var slot: Element?
        _ = try unsafe core.wait(scheduler, at: place, for: wait, &slot)
        return slot
    }
}

extension WaitEntry {
    /// The optional in the waiter's frame: of a receiver to be filled, of a sender to be emptied.
    @inlinable @inline(__always)
    func slot<Value>(_ type: Value.Type) -> UnsafeMutablePointer<Value?> {
        unsafe fields.argument.unsafelyUnwrapped.assumingMemoryBound(to: Value?.self)
    }
}
