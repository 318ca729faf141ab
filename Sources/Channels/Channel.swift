public import Tasklets

/// Hands one value at a time from a sender to a receiver, and blocks whichever comes first.
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
/// Nothing is stored in a channel: a value moves straight from the sender's frame into the receiver's. Who waits is
/// served in order. What runs after a meeting is decided by ``preference`` and ``schedulesAll``.
///
/// A channel whose elements are `Sendable` may be used by several threads. Partners of two threads do not switch: the
/// caller goes on and the partner is queued in its own thread, which wakes if it sleeps. A channel is quickest while
/// one thread uses it: from the first use by a second one each operation takes a lock.
///
/// All rules of a meeting: <doc:Channels#Who-goes-on-after-a-meeting>.
public final class Channel<Element> {
    @usableFromInline
    let queue: WaitQueue

    /// Who runs after a sender and a receiver have met.
    public enum Preference: Int, Sendable {
        /// The receiver; a sender that found it waiting goes to the end of the run queue.
        case receiver = -1
        /// The caller goes on, whichever it is.
        case neither = 0
        /// The sender; a receiver that found it waiting goes to the end of the run queue.
        case sender = 1
    }

    /// Makes an open channel with ``Preference/receiver``.
    ///
    /// - Parameters:
    ///   - name: shown in reports.
    ///   - fileID: where the channel is made, for reports.
    ///   - line: where the channel is made, for reports.
    public init(name: String? = nil, fileID: StaticString = #fileID, line: UInt = #line) {
        queue = WaitQueue.make(name: name, fileID: fileID, line: line)
    }

    /// The name given at creation.
    public var name: String? { queue.name }
}

// Safe because the wait queue is touched inside its scheduler's gate or under its lock, and an element that may travel
// between threads is moved by one of them only.
extension Channel: @unchecked Sendable where Element: Sendable {}

// MARK: - Sending

extension Channel {
    /// Gives `value` to a receiver; waits for one if nobody is waiting.
    ///
    /// - Throws: ``ChannelError/closed`` when it would block on a closed channel, `TaskletError.blockTrap`,
    ///   `TaskletError.switchTrap`, `DeadlockError`, or what is sent to the waiting tasklet: the value is lost then.
    @inlinable @inline(__always)
    public func send(_ value: consuming Element) throws {
        let core = SchedulerCore.current
        let me = core.me
        if let receiver = try queue.begin(core, sending: true) {
            // Empty until now: there is nothing to destroy.
            unsafe receiver.slot!.assumingMemoryBound(to: Element?.self).initialize(to: consume value)
            if queue.finishMeeting(core, with: receiver, sending: true) { try core.switchAndGoOn(me) }
        } else {
            // The receiver takes the value out of this variable; if it is still there after an error, it ends here.
            var slot: Element? = consume value
            try unsafe withUnsafeMutablePointer(to: &slot) { slot in
                try unsafe queue.join(core, slot: slot, sending: true)
                try core.park(me)
            }
        }
    }

    /// Sends an error: the receiver's ``receive()`` throws it. Waits and switches as ``send(_:)`` does.
    ///
    /// - Throws: as ``send(_:)``. The sent error does not affect the sender.
    @inlinable @inline(__always)
    public func send(throwing error: any Error) throws {
        let core = SchedulerCore.current
        let me = core.me
        if let receiver = try queue.begin(core, sending: true) {
            receiver.error = error
            if queue.finishMeeting(core, with: receiver, sending: true) { try core.switchAndGoOn(me) }
        } else {
            me.carriedError = error
            defer { me.carriedError = nil }
            try unsafe queue.join(core, slot: nil, sending: true)
            try core.park(me)
        }
    }

    /// Sends the elements one after the other.
    ///
    /// - Returns: how many there were.
    /// - Throws: as ``send(_:)``; the elements before were received.
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
        unsafe queue.fields.pointee.first?.prefetchFrames()
    }
}

// MARK: - Receiving

extension Channel {
    /// Takes a value from a sender; waits for one if nobody is waiting.
    ///
    /// - Throws: an error that was sent; ``ChannelError/closed`` when it would block on a closed channel;
    ///   `TaskletError.blockTrap`, `TaskletError.switchTrap`, `DeadlockError`, or what is sent to the waiting tasklet.
    @inlinable @inline(__always)
    public func receive() throws -> Element {
        let core = SchedulerCore.current
        let me = core.me
        if let sender = try queue.begin(core, sending: false) {
            if let error = sender.carriedError {
                core.replaceError(of: me, by: error)
                if queue.finishMeeting(core, with: sender, sending: false) { try core.switchAndGoOn(me) }
                // A meeting that did not switch leaves the error where it was put.
                try core.throwDeliveredError()
            }
            let value = unsafe sender.slot!.assumingMemoryBound(to: Element?.self).pointee.take()!
            if queue.finishMeeting(core, with: sender, sending: false) { try core.switchAndGoOn(me) }
            return value
        }
        var slot: Element?
        try unsafe withUnsafeMutablePointer(to: &slot) { slot in
            try unsafe queue.join(core, slot: slot, sending: false)
            try core.park(me)
        }
        return slot.take()!
    }

    /// Takes the next value; `nil` once the channel is closed and no sender waits.
    ///
    /// ```swift
    /// while let line = try lines.next() { print(line) }
    /// ```
    ///
    /// Leaving the loop early leaves the senders waiting.
    ///
    /// - Throws: as ``receive()``, but never ``ChannelError/closed``.
    @inlinable @inline(__always)
    public func next() throws -> Element? {
        if queue.isDrained { return nil }
        do {
            return try receive()
        } catch ChannelError.closed where queue.isDrained {
            return nil
        }
    }
}
