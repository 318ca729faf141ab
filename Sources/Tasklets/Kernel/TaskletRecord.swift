public import CTasklets
import Synchronization

/// Where a tasklet is: in exactly one place (WhoRunsWhen, "Overview").
@usableFromInline
package enum TaskletState: UInt8 {
    /// No function, a function that is not set up, or ended.
    case dead
    /// In the ring of its scheduler: current, or waiting for its turn.
    case queued
    /// In the line of a wait place.
    case blocked
    /// Nowhere, but startable or resumable.
    case paused
}

/// What a tasklet does: called once. In a struct of its own, since a bare closure would get another wrapper each time it
/// is moved through an optional or a pointer; not copyable, since each copy would be counted.
struct TaskletBody: ~Copyable {
    let function: () throws -> Void

    consuming func call() throws {
        try function()
    }
}

/// The kernel's side of a tasklet: everything a switch touches, in one piece of memory that never moves.
///
/// `Tasklet` is the handle on it. A record outlives its handle while the tasklet is queued or blocked, and a handle
/// outlives the tasklet's end, but never the record.
///
/// Fields belong to the thread of `scheduler`: they are touched inside its gate only (see `SchedulerCore+Gate`).
/// The exceptions are `entry`, which another thread writes while it holds the lock of the shared line that the entry is in,
/// and `error` and `next` of a tasklet that it has taken out of such a line: they are its own until it posts the tasklet.
///
/// Safe because the memory stays until the last handle has gone and the tasklet is dead or never ran (`SchedulerCore+Lifetime`).
@safe
@usableFromInline
package struct TaskletRecord: Equatable {
    /// Safe as the record is: the pointers in it lead into frames that wait, and to memory that the record owns.
    @safe
    @usableFromInline
    struct Fields: ~Copyable {
        /// First, since a fiber's memory is the beginning of its record; the scheduler of the tasklet is in it.
        @usableFromInline var fiber: Fiber.Fields

        // What a switch and a message touch, in two lines of the processor's cache with the last fields of the fiber: what
        // the ring needs, then what a line needs. The order is measured, as there.

        /// Neighbours in the ring when queued. `next` links the inbox and the spare records too.
        @usableFromInline var next: TaskletRecord?
        @usableFromInline var previous: TaskletRecord?
        /// The only entry, or the first one, of the tasklet's wait.
        @usableFromInline var entry: WaitEntry.Fields
        @usableFromInline var state = TaskletState.dead
        @usableFromInline var refusals: Refusals = []
        var isInsideRun = false
        /// Whether the run() it is inside sleeps for other threads.
        var runsUntilDone = false
        /// Whether the stack was clear when the tasklet began: what is not zero was touched by it.
        var hasStackMark = false
        /// How often the last reference went away and the tasklet caught its `TaskletExit`.
        var dropCount: UInt8 = 0
        /// How many waits were refused at the end of the scheduler.
        var refusalCount: UInt8 = 0
        /// Whether the tasklet has ended, or never begins any more. One that was never set up has not.
        var hasEnded = false
        /// Whether the tasklet was made to throw an error that nobody took.
        var carriesUntakenError = false
        /// How many blocks of groups the tasklet is in whose children have failed.
        var failedBlocks: UInt16 = 0
        /// Whether a wait at several places has been ended; see `SchedulerCore+Several`.
        let taking = Atomic(Taking.free)
        /// How many handles there are. One, as a rule; a second one is made when the first is on its way out on another
        /// thread.
        var handleCount: UInt32 = 0
        /// When the tasklet began to wait, by the scheduler's `WaitClock`.
        @usableFromInline var waitStart: Int64 = 0
        /// The fiber that runs inside the tasklet; `nil` when that is the tasklet's own.
        @usableFromInline var innermost: Fiber?

        // What a tasklet's beginning and end touch.

        var body: TaskletBody?
        /// What few tasklets have.
        var extras: TaskletExtras?
        /// The entry that has ended a wait at several places.
        var wokenEntry: WaitEntry?
        /// The handle, while the record keeps it: always, except paused or dead. A spare record keeps one that nobody
        /// else has for the next tasklet.
        var handle: TaskletHandle?
        /// The newest handle, if it was ever paused: when nobody else holds it, nobody can ever resume the tasklet.
        var weakHandle: WeakHandle?
        /// Neighbours among all living tasklets of the scheduler.
        var living = RingLinks<LivingTasklet>()
        /// The tasklet inside run() that this one's run() is nested in.
        var outerRunner: TaskletRecord?
        /// The innermost block that has a time limit.
        var limit: TimeLimit?
    }

    @usableFromInline
    let memory: UnsafeMutablePointer<Fields>

    /// Everything that the record holds. The one way to it: an address, so no access is checked or held open.
    @usableFromInline
    var fields: Fields {
        @inlinable unsafeAddress { unsafe UnsafePointer(memory) }
        @inlinable nonmutating unsafeMutableAddress { unsafe memory }
    }

    @inlinable
    package static func == (left: TaskletRecord, right: TaskletRecord) -> Bool {
        unsafe left.memory == right.memory
    }

    init(scheduler: SchedulerCore) {
        unsafe memory = Fiber.allocate(Fields.self)
        unsafe memory.initialize(
            to: Fields(
                fiber: Fiber.Fields(kind: "tasklet", scheduler: scheduler),
                entry: WaitEntry.Fields(tasklet: self)
            )
        )
        assert(fiber.isAligned, "The fields of a fiber have moved.")
        assert(isEntryInItsPlace, "The fields of a record have moved.")
    }

    /// Whether the entry lies where `entryOffset` says, a line of the processor's cache behind the context, which is what
    /// `WaitEntry.prefetchRecord` relies on.
    private var isEntryInItsPlace: Bool {
        unsafe withUnsafeMutablePointer(to: &memory.pointee.entry) { entry in
            unsafe withUnsafeMutablePointer(to: &fiber.fields.context) { context in
                unsafe UnsafeRawPointer(entry) - UnsafeRawPointer(memory) == TaskletRecord.entryOffset
                    && UnsafeRawPointer(entry) - UnsafeRawPointer(context) == 64
            }
        }
    }

    /// - Precondition: the tasklet is dead or never ran, is in no list, and the record is not used again.
    @usableFromInline
    package func free() {
        fiber.freeSanitizer()
        unsafe memory.deinitialize(count: 1)
        unsafe Fiber.deallocate(memory)
    }

    /// The tasklet as something that is switched to.
    @inlinable
    package var fiber: Fiber {
        unsafe Fiber(memory: UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Fiber.Fields.self))
    }

    @inlinable
    package var entry: WaitEntry {
        let address = unsafe UnsafeMutableRawPointer(memory) + TaskletRecord.entryOffset
        return unsafe WaitEntry(memory: address.assumingMemoryBound(to: WaitEntry.Fields.self))
    }

    /// Where the entry lies in the record. Not by an `inout` access, which would look like a write to ThreadSanitizer: other
    /// threads take the address of an entry too.
    @inlinable static var entryOffset: Int { 144 }

    /// Makes the record ready for another tasklet. The rest is as in a new one when a tasklet ends.
    ///
    /// - Precondition: `takeLeftovers` has been called.
    func clear() {
        fields.refusals = []
        fields.refusalCount = 0
        fields.hasEnded = false
        fields.carriesUntakenError = false
        if fields.fiber.origin.name != nil { fields.fiber.origin.name = nil }
    }

    /// Takes out what belongs to the program: releasing it may run the program's code. `nil` when there is nothing.
    ///
    /// - Precondition: the tasklet never ran, or has none of it any more.
    func takeLeftovers() -> Any? {
        let function = takeFunction()
        let error = takeError()
        if let extras = fields.extras.take() {
            return NeverRun(function: function, error: error, extras: extras, scheduler: scheduler)
        }
        return function == nil && error == nil ? nil : (function, error)
    }

    /// Takes out what the tasklet was to do.
    func takeFunction() -> (() throws -> Void)? {
        guard let body = fields.body.take() else { return nil }
        return body.function
    }

    /// Takes out the body of a tasklet that is about to run.
    func takeBody() -> TaskletBody {
        fields.body.take()!
    }

    /// Sets the body of a record that has none.
    @inline(__always)
    func setBody(_ body: consuming TaskletBody) {
        fields.body = .some(consume body)
    }

    /// Takes out the error that is to be thrown.
    @usableFromInline
    func takeError() -> (any Error)? {
        fields.refusals.remove(.error)
        fields.limit?.errorWasTaken()
        return fiber.takeError()
    }

    /// Throws the error when the tasklet goes on, or when it is about to wait: it may be running.
    func setError(_ error: any Error) {
        fields.fiber.error = error
        fields.refusals.insert(.error)
    }
}

// MARK: - Prefetching

extension TaskletRecord {
    /// Asks for the memory that going on with this tasklet is going to touch: the innermost frames of its stack.
    @inlinable @inline(__always)
    package func prefetchFrames() {
        let innermost = unsafe fields.fiber.context.stack_pointer
        unsafe stack_prefetch(innermost)
        unsafe stack_prefetch(innermost.map { unsafe $0 + 64 })
        unsafe stack_prefetch(innermost.map { unsafe $0 + 128 })
        unsafe stack_prefetch(innermost.map { unsafe $0 + 192 })
    }

    /// Asks for what a switch touches of the record.
    @inlinable @inline(__always)
    package func prefetchRecord() {
        entry.prefetchRecord()
        unsafe stack_prefetch(entry.memory)
    }
}

// MARK: - Fields

extension TaskletRecord: Reusable {
    @inlinable
    package var next: TaskletRecord? {
        get { fields.next }
        nonmutating set { fields.next = newValue }
    }
    @inlinable
    package var previous: TaskletRecord? {
        get { fields.previous }
        nonmutating set { fields.previous = newValue }
    }
    /// The successor of a tasklet that is in the ring.
    @inlinable
    package var successor: TaskletRecord {
        unsafe fields.next.unsafelyUnwrapped
    }
    /// The predecessor of a tasklet that is in the ring.
    @inlinable
    package var predecessor: TaskletRecord {
        unsafe fields.previous.unsafelyUnwrapped
    }
    @inlinable
    package var error: (any Error)? {
        get { fields.fiber.error }
        nonmutating set { fields.fiber.error = newValue }
    }
    @inlinable
    package var state: TaskletState {
        get { fields.state }
        nonmutating set { fields.state = newValue }
    }
    /// Whether it is there to throw an error that nobody took, and for nothing else.
    package var carriesUntakenError: Bool { fields.carriesUntakenError }
    @inlinable
    package var blockTrap: Bool {
        get { fields.refusals.contains(.blockTrap) }
        nonmutating set {
            if newValue { fields.refusals.insert(.blockTrap) } else { fields.refusals.remove(.blockTrap) }
        }
    }
    @inlinable
    package var scheduler: SchedulerCore {
        fields.fiber.scheduler
    }
    @inlinable
    package var innermost: Fiber? {
        get { fields.innermost }
        nonmutating set { fields.innermost = newValue }
    }
    /// Whether the tasklet has run: there is something to switch to.
    @inlinable
    package var hasFrames: Bool {
        fiber.hasFrames
    }
    /// Whether there are frames on a stack of its own.
    var isStarted: Bool {
        fields.fiber.stack != nil
    }
    var outerRunner: TaskletRecord? {
        get { fields.outerRunner }
        nonmutating set { fields.outerRunner = newValue }
    }
    var isInsideRun: Bool {
        get { fields.isInsideRun }
        nonmutating set { fields.isInsideRun = newValue }
    }
    /// What the tasklet is called, and where it was made.
    package var origin: Origin {
        fields.fiber.origin
    }
}

/// A tasklet as a member of the ring of all living ones.
struct LivingTasklet: RingMember {
    let tasklet: TaskletRecord

    var next: LivingTasklet? {
        get { tasklet.fields.living.next }
        nonmutating set { tasklet.fields.living.next = newValue }
    }
    var previous: LivingTasklet? {
        get { tasklet.fields.living.previous }
        nonmutating set { tasklet.fields.living.previous = newValue }
    }
}
