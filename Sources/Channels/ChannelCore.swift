public import Tasklets

/// Everything of a channel that does not depend on the type of its values: the line, the settings, the rules.
///
/// The memory belongs to the channel's `ChannelPlace`. It is raw because every message touches it (see the rules of the
/// kernel in CONTRIBUTING).
@safe
@usableFromInline
struct ChannelCore {
    @safe
    @usableFromInline
    struct Fields: ~Copyable {
        /// First, so that its address is that of the fields: an `inout` access would look like a write to
        /// ThreadSanitizer.
        @usableFromInline var line = WaitLine.Fields()
        /// Who goes on after a meeting. Behind the line: what a message touches of both lies together.
        @usableFromInline var preference = ChannelPreference.receiver
        @usableFromInline var schedulesAll = false
        @usableFromInline var isClosing = false
        let origin: Origin
    }

    /// What a tasklet waits for in a channel: the `kind` of its entry.
    @usableFromInline
    enum Wait: UInt8 {
        /// The argument is an optional in the caller's frame, to be filled.
        case receive = 0
        /// The same for `next`, to which a closed channel is the end and no error.
        case next = 2
        /// The argument is an optional in the caller's frame, to be emptied.
        case send = 1
        /// The argument is an optional error in the caller's frame, to be emptied.
        case sendError = 3

        /// The bit that tells who sends.
        @inlinable static var sending: UInt8 { 1 }

        @inlinable
        var isSending: Bool { rawValue & Wait.sending != 0 }
    }

    @usableFromInline
    let memory: UnsafeMutablePointer<Fields>

    @inlinable
    init(memory: UnsafeMutablePointer<Fields>) {
        unsafe self.memory = unsafe memory
    }

    @usableFromInline
    var fields: Fields {
        @inlinable unsafeAddress { unsafe UnsafePointer(memory) }
        @inlinable nonmutating unsafeMutableAddress { unsafe memory }
    }

    @inlinable
    var line: WaitLine {
        unsafe WaitLine(memory: UnsafeMutableRawPointer(memory).assumingMemoryBound(to: WaitLine.Fields.self))
    }

    /// The first in line, if it waits in the other direction than the caller.
    ///
    /// - Parameter isClaimed: true when the caller is about to meet the partner: no other thread can meet it then. False
    ///   only looks.
    @inlinable @inline(__always)
    func partner(whenSending isSending: Bool, isClaimed: Bool = true) -> WaitEntry? {
        guard let first = line.first else { return nil }
        let kind = first.fields.kind & (Wait.sending | WaitEntry.oneOfSeveral)
        if kind == (isSending ? 0 : Wait.sending) { return first }
        if kind & WaitEntry.oneOfSeveral == 0 { return nil }
        return partnerAmongSeveral(whenSending: isSending, isClaimed: isClaimed)
    }

    /// The same when tasklets in the line wait at several places. Such a tasklet may wait both to send and to receive. And
    /// when another place has just ended its wait, its entry here is dead: it is taken out.
    @usableFromInline @inline(never)
    func partnerAmongSeveral(whenSending isSending: Bool, isClaimed: Bool) -> WaitEntry? {
        var next = line.first
        while let entry = next {
            next = entry.fields.next
            if entry.isDead {
                line.unlink(entry)
            } else if entry.isSending == isSending {
                // Behind an entry that is the only one of its wait, all wait in its direction.
                if !entry.isOneOfSeveral { return nil }
            } else if !isClaimed || entry.claim() {
                return entry
            }
        }
        return nil
    }

    /// Waiting senders minus waiting receivers. All in a line wait in the same direction, except a tasklet that waits for
    /// both.
    var balance: Int {
        guard let first = line.first else { return 0 }
        if !first.isOneOfSeveral { return first.isSending ? line.fields.count : -line.fields.count }
        var balance = 0
        line.forEachEntry { if !$0.isDead { balance += $0.isSending ? 1 : -1 } }
        return balance
    }

    /// Takes the lock of a shared line, and the gate, for as long as `body` runs.
    func inside<Result>(_ body: () -> Result) -> Result {
        line.inside(body)
    }
}

extension WaitEntry {
    /// Whether the tasklet waits to send. The entry is in the line of a channel.
    @inlinable
    var isSending: Bool { fields.kind & ChannelCore.Wait.sending != 0 }

    @inlinable
    var isSendingError: Bool { purpose == ChannelCore.Wait.sendError.rawValue }
}

/// What the kernel sees of a channel; the owner of its memory, which lies in the object itself, behind its header: a
/// channel takes no more room than it must, and what a message touches lies together.
@usableFromInline
final class ChannelPlace: ManagedBuffer<Void, ChannelCore.Fields>, WaitLineOwner {
    static func make(name: String?, fileID: StaticString, line: UInt, column: UInt) -> ChannelPlace {
        let origin = Origin(kind: "channel", name: name, fileID: fileID, line: line, column: column)
        let place = unsafe unsafeDowncast(ChannelPlace.create(minimumCapacity: 1) { _ in }, to: ChannelPlace.self)
        unsafe place.core.memory.initialize(to: ChannelCore.Fields(origin: origin))
        return place
    }

    deinit {
        line.end()
        unsafe core.memory.deinitialize(count: 1)
    }

    @inlinable
    var core: ChannelCore {
        unsafe withUnsafeMutablePointerToElements { unsafe ChannelCore(memory: $0) }
    }

    package var line: WaitLine { core.line }

    package func describe(_ entry: WaitEntry) -> String {
        (entry.isSending ? "send" : "receive") + " on " + core.fields.origin.mention
    }

    package func deadlockReason(of entry: WaitEntry) -> DeadlockError.Reason {
        entry.isSending ? .mainSending : .mainReceiving
    }
}
