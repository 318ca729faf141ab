public import CTasklets

/// One place that a tasklet waits at, linked in the line of that place.
///
/// A wait has one entry as a rule: the one inside the tasklet's record, in the memory that a switch touches anyway. A wait
/// at several places has one entry more for each, in the frame of the operation, linked by `sibling`:
///
///     record ── entry ──sibling──▶ entry (frame) ──sibling──▶ entry (frame)
///                 │                   │                         │
///             line of a           line of b                  timers
///
/// The first entry to be woken ends the wait; the tasklet's thread takes the others out before it goes on (see
/// `SchedulerCore+Several`).
///
/// An entry is touched while its place is locked: inside the gate of the scheduler that the place is at home at, or under
/// the lock of a shared line. The thread that takes it out of the line has the tasklet to itself until it queues it.
@safe
@usableFromInline
package struct WaitEntry: Equatable {
    @safe
    @usableFromInline
    package struct Fields: ~Copyable {
        @usableFromInline package let tasklet: TaskletRecord
        /// A `WaitPlace`, not retained: the waiting frame keeps it alive. As any object, since a wait need not know the
        /// protocol.
        @usableFromInline package var place: Unmanaged<AnyObject>?
        /// Neighbours in the line.
        @usableFromInline package var next: WaitEntry?
        @usableFromInline package var previous: WaitEntry?
        /// Memory in the waiter's frame. What is in it is the place's affair: the value of a channel, say.
        @usableFromInline package var argument: UnsafeMutableRawPointer?
        /// The next entry of the same wait.
        @usableFromInline package var sibling: WaitEntry?
        /// The line of the place, of a wait at several places. So such an entry is taken out without asking the place, which
        /// would mean a cast to its protocol.
        @usableFromInline var line: WaitLine?
        /// What the tasklet waits for. Its meaning is the place's affair, to send or to receive, say, but for the bit
        /// `oneOfSeveral`.
        @usableFromInline package var kind: UInt8 = 0
        /// Whether the entry is in the line. Not after it has been woken or taken out.
        @usableFromInline package var isLinked = false
        /// As what the entry is counted. Belongs to the tasklet's thread.
        @usableFromInline var reach = Reach.home
        /// How far a wait at several places has come with this entry; not used by a wait at one place.
        var stage = Stage.joined

        @inlinable
        package init(tasklet: TaskletRecord) {
            self.tasklet = tasklet
        }

        /// One of the further entries of a wait.
        init(tasklet: TaskletRecord, sibling: WaitEntry?, stage: Stage) {
            self.tasklet = tasklet
            self.sibling = sibling
            self.stage = stage
        }
    }

    /// How far a wait at several places has come with the entry.
    enum Stage: UInt8 {
        case joined
        /// The wait has ended, but the place has to finish something before the tasklet may go on.
        case late
        /// Not joined yet, or not in its place any more.
        case out
    }

    @usableFromInline
    package let memory: UnsafeMutablePointer<Fields>

    @inlinable
    package init(memory: UnsafeMutablePointer<Fields>) {
        unsafe self.memory = unsafe memory
    }

    @usableFromInline
    package var fields: Fields {
        @inlinable unsafeAddress { unsafe UnsafePointer(memory) }
        @inlinable nonmutating unsafeMutableAddress { unsafe memory }
    }

    @inlinable
    package static func == (left: WaitEntry, right: WaitEntry) -> Bool {
        unsafe left.memory == right.memory
    }

    @inlinable
    package var tasklet: TaskletRecord { fields.tasklet }

    /// The bit of `kind` that says that the wait has more entries. In `kind`, since a channel looks at that in any case.
    @inlinable package static var oneOfSeveral: UInt8 { 0x80 }

    @inlinable
    package var isOneOfSeveral: Bool { fields.kind & WaitEntry.oneOfSeveral != 0 }

    /// The `kind` without that bit: what the tasklet waits for.
    @inlinable
    package var purpose: UInt8 { fields.kind & ~WaitEntry.oneOfSeveral }

    /// Asks for the memory in front of the entry. As a rule that is the part of the tasklet's record that a switch
    /// touches. Both lines of the cache are loaded at the same time then, and not one after the other by way of `tasklet`:
    /// with many tasklets parked that is a third of a message. In front of an entry in a frame lies something else, which
    /// does no harm.
    @inlinable @inline(__always)
    package func prefetchRecord() {
        unsafe stack_prefetch(UnsafeRawPointer(memory) - 64)
    }

    package var place: (any WaitPlace)? {
        unsafe fields.place?.takeUnretainedValue() as! (any WaitPlace)?
    }
}

// The pointer may travel between threads, to one that is going to wake it; what it points to is touched as said above.
extension WaitEntry: @unchecked Sendable {}
