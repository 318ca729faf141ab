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
        /// Who goes on after a meeting.
        @usableFromInline var preference = ChannelPreference.receiver
        @usableFromInline var schedulesAll = false
        @usableFromInline var isClosing = false
        /// Behind the settings: what a message touches of both lies together.
        @usableFromInline var line = WaitLine.Fields()
        let origin: Origin
    }

    /// What a tasklet waits for in a channel: the `kind` of its entry.
    @usableFromInline
    enum Wait: UInt8 {
        /// The argument is an optional in the caller's frame, to be filled.
        case receive
        /// The same for `next`, to which a closed channel is the end and no error.
        case next
        /// The argument is an optional in the caller's frame, to be emptied.
        case send
        /// The argument is an optional error in the caller's frame, to be emptied.
        case sendError

        @inlinable
        var isSending: Bool { rawValue >= Wait.send.rawValue }
    }

    @usableFromInline
    let memory: UnsafeMutablePointer<Fields>

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
        unsafe WaitLine(memory: withUnsafeMutablePointer(to: &memory.pointee.line) { unsafe $0 })
    }

    /// The first in line, if it waits in the other direction than the caller.
    @inlinable @inline(__always)
    func partner(whenSending isSending: Bool) -> WaitEntry? {
        guard let first = line.first, first.isSending != isSending else { return nil }
        return first
    }

    /// Waiting senders, or minus waiting receivers: all in a line wait in the same direction.
    var balance: Int {
        guard let first = line.first else { return 0 }
        return first.isSending ? line.fields.count : -line.fields.count
    }

    /// Takes the lock of a shared line, and the gate, for as long as `body` runs.
    func inside<Result>(_ body: () -> Result) -> Result {
        line.inside(body)
    }
}

extension WaitEntry {
    /// Whether the tasklet waits to send. The entry is in the line of a channel.
    @inlinable
    var isSending: Bool { fields.kind >= ChannelCore.Wait.send.rawValue }
}

/// What the kernel sees of a channel; the owner of its memory, which lies in the object itself, behind its header: a
/// channel takes no more room than it must, and what a message touches lies together.
@usableFromInline
final class ChannelPlace: ManagedBuffer<Void, ChannelCore.Fields>, WaitLineOwner {
    static func make(name: String?, fileID: StaticString, line: UInt) -> ChannelPlace {
        let origin = Origin(kind: "channel", name: name, fileID: fileID, line: line)
        let place = unsafe unsafeDowncast(ChannelPlace.create(minimumCapacity: 1) { _ in }, to: ChannelPlace.self)
        unsafe place.core.memory.initialize(to: ChannelCore.Fields(origin: origin))
        return place
    }

    deinit {
        line.end()
        unsafe core.memory.deinitialize(count: 1)
    }

    var core: ChannelCore {
        unsafe withUnsafeMutablePointerToElements { unsafe ChannelCore(memory: $0) }
    }

    package var line: WaitLine { core.line }

    package func describe(_ entry: WaitEntry) -> String {
        (entry.isSending ? "send" : "receive") + " on " + name
    }

    package func deadlockReason(of entry: WaitEntry) -> DeadlockError.Reason {
        entry.isSending ? .mainSending : .mainReceiving
    }

    private var name: String {
        let origin = core.fields.origin
        if let name = origin.name { return "channel '\(name)'" }
        return "the channel made at \(origin.place)"
    }
}
