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

/// A box of its own, since a weak field would make every record slow to make and to free.
@usableFromInline
final class WeakHandle {
    weak var handle: TaskletHandle?

    init(_ handle: TaskletHandle) {
        self.handle = handle
    }
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
@safe
@usableFromInline
package struct TaskletRecord: Equatable {
    @safe
    @usableFromInline
    struct Fields: ~Copyable {
        // What a switch and a message touch, in two lines of the processor's cache: what the ring needs, then what a line
        // needs. The order of the fields is measured: with many tasklets parked, each line more is a miss more.

        /// Where the tasklet is parked; all `nil` while it never ran.
        @usableFromInline var context = unsafe stack_context()
        /// Neighbours in the ring when queued. `next` links the inbox and the spare records too.
        @usableFromInline var next: TaskletRecord?
        @usableFromInline var previous: TaskletRecord?
        /// An error that is thrown in the tasklet when it goes on.
        @usableFromInline var error: (any Error)?
        @usableFromInline let scheduler: SchedulerCore
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
        /// Whether a wait at several places has been ended; see `SchedulerCore+Several`.
        let isTaken = Atomic(false)
        /// When the tasklet began to wait, by the scheduler's `WaitClock`.
        @usableFromInline var waitStart: Int64 = 0
        /// The innermost flow inside the tasklet; see `FlowHeader`.
        @usableFromInline var flow: UnsafeMutableRawPointer?

        // What a tasklet's beginning and end touch.

        var body: TaskletBody?
        var stack: Stack?
        var stackSize: UInt32 = 0
        /// The entry that has ended a wait at several places.
        var wokenEntry: WaitEntry?
        /// How many handles there are. One, as a rule; a second one is made when the first is on its way out on another
        /// thread.
        var handleCount: UInt32 = 0
        /// The handle, while the record keeps it: always, except paused or dead. A spare record keeps one that nobody
        /// else has for the next tasklet.
        var handle: TaskletHandle?
        /// The newest handle, if it was ever paused: when nobody else holds it, nobody can ever resume the tasklet.
        var weakHandle: WeakHandle?
        /// All living tasklets of the scheduler, oldest first.
        var newer: TaskletRecord?
        var older: TaskletRecord?
        var number = 0
        var name: String?
        var fileID: StaticString = ""
        var line: UInt32 = 0
        /// The tasklet inside run() that this one's run() is nested in.
        var outerRunner: TaskletRecord?
        /// `nil` in a program without sanitizers.
        var sanitizer: UnsafeMutablePointer<stack_sanitizer>?
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
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Fields(scheduler: scheduler, entry: WaitEntry.Fields(tasklet: self)))
        if stack_is_sanitized() {
            unsafe fields.sanitizer = .allocate(capacity: 1)
            unsafe fields.sanitizer!.initialize(to: stack_sanitizer())
        }
    }

    /// What a new tasklet says of itself.
    func describe(name: String?, number: Int, stackSize: Int, fileID: StaticString, line: UInt) {
        if name != nil { fields.name = name }
        fields.number = number
        fields.stackSize = UInt32(stackSize)
        fields.fileID = fileID
        fields.line = UInt32(truncatingIfNeeded: line)
    }

    /// Makes the record ready for another tasklet. The rest is as in a new one when a tasklet ends.
    ///
    /// - Precondition: `takeLeftovers` has been called.
    func clear() {
        fields.refusals = []
        fields.refusalCount = 0
        if fields.name != nil { fields.name = nil }
    }

    /// Takes out what belongs to the program: releasing it may run the program's code.
    func takeLeftovers() -> (function: (() throws -> Void)?, error: (any Error)?) {
        (takeFunction(), takeError())
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

    /// Takes out the error that is to be thrown.
    @usableFromInline
    func takeError() -> (any Error)? {
        fields.refusals.remove(.error)
        return fields.error.take()
    }

    /// Throws the error when the tasklet goes on, or when it is about to wait: it may be running.
    func setError(_ error: any Error) {
        fields.error = error
        fields.refusals.insert(.error)
    }

    /// - Precondition: the program is built with a sanitizer.
    @usableFromInline
    package var sanitizer: UnsafeMutablePointer<stack_sanitizer> {
        unsafe fields.sanitizer.unsafelyUnwrapped
    }

    /// The name given at creation, or one made of the number.
    var displayName: String { name ?? "tasklet-\(number)" }

    /// - Precondition: the tasklet is dead or never ran, is linked nowhere, and nobody uses the record again.
    func free() {
        unsafe fields.sanitizer?.deallocate()
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }
}

extension TaskletRecord {
    /// Whether the tasklet has run: there is something to switch to.
    @inlinable
    package var hasFrames: Bool {
        unsafe fields.context.instruction != nil
    }
    /// Makes the next switch to the tasklet call `entry(argument)` on the stack.
    func prepare(
        on stack: Stack,
        argument: UnsafeMutableRawPointer,
        entry: @convention(c) (UnsafeMutableRawPointer) -> Void
    ) {
        self.stack = stack
        if stack_is_sanitized() {
            unsafe stack_sanitizer_prepare(sanitizer, stack.bottom(size: stackSize), stackSize)
        }
        unsafe fields.context = unsafe stack_prepare(stack.top, entry, argument)
    }
    func forgetContext() {
        unsafe fields.context = unsafe stack_context()
    }
    /// Parks this tasklet, which runs, and goes on with `target`. Returns when somebody switches back.
    @inlinable @inline(__always)
    package func switchStack(to target: TaskletRecord) {
        unsafe stack_switch(&fields.context, &target.fields.context)
    }
    /// Asks for the memory that going on with this tasklet is going to touch: the innermost frames of its stack.
    @inlinable @inline(__always)
    package func prefetchFrames() {
        let innermost = unsafe fields.context.stack_pointer
        unsafe stack_prefetch(innermost)
        unsafe stack_prefetch(innermost.map { unsafe $0 + 64 })
        unsafe stack_prefetch(innermost.map { unsafe $0 + 128 })
        unsafe stack_prefetch(innermost.map { unsafe $0 + 192 })
    }
    /// Asks for what a switch touches of the record.
    @inlinable @inline(__always)
    package func prefetchRecord() {
        unsafe stack_prefetch(memory)
        unsafe stack_prefetch(UnsafeRawPointer(memory) + 64)
    }
    /// The same from the stack of a tasklet that has ended.
    @inline(__always)
    func switchStackForEver() {
        var nobody = unsafe stack_context()
        unsafe stack_switch(&nobody, &fields.context)
    }
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
        get { fields.error }
        nonmutating set { fields.error = newValue }
    }
    @inlinable
    package var entry: WaitEntry {
        unsafe WaitEntry(memory: withUnsafeMutablePointer(to: &memory.pointee.entry) { unsafe $0 })
    }
    @inlinable
    package var state: TaskletState {
        get { fields.state }
        nonmutating set { fields.state = newValue }
    }
    @inlinable
    package var blockTrap: Bool {
        get { fields.refusals.contains(.blockTrap) }
        nonmutating set {
            if newValue { fields.refusals.insert(.blockTrap) } else { fields.refusals.remove(.blockTrap) }
        }
    }
    var dropCount: UInt8 {
        get { fields.dropCount }
        nonmutating set { fields.dropCount = newValue }
    }
    @inlinable
    package var scheduler: SchedulerCore {
        fields.scheduler
    }
    @inlinable
    package var flow: UnsafeMutableRawPointer? {
        get { unsafe fields.flow }
        nonmutating set { unsafe fields.flow = unsafe newValue }
    }
    var hasBody: Bool {
        fields.body != nil
    }
    var stack: Stack? {
        get { fields.stack }
        nonmutating set { fields.stack = newValue }
    }
    var stackSize: Int {
        Int(fields.stackSize)
    }
    /// Whether there are frames on a stack of its own.
    var isStarted: Bool {
        fields.stack != nil
    }
    var handle: TaskletHandle? {
        get { fields.handle }
        nonmutating set { fields.handle = newValue }
    }
    /// Any handle of the record.
    var anyHandle: TaskletHandle {
        if let handle = fields.handle ?? fields.weakHandle?.handle { return handle }
        // The last handle is on its way out on another thread, which waits at the gate.
        let handle = TaskletHandle(record: self)
        refer(weaklyTo: handle)
        return handle
    }
    /// Keeps the handle no longer than others do.
    func weakenHandle() {
        guard let handle = takeHandle() else { return }
        refer(weaklyTo: handle)
    }
    private func refer(weaklyTo handle: TaskletHandle) {
        if fields.weakHandle == nil { fields.weakHandle = WeakHandle(handle) }
    }
    /// A newer handle takes the place of the one referred to.
    func forgetWeakHandle() {
        if fields.weakHandle != nil { fields.weakHandle = nil }
    }
    /// Lets go of the handle. May free the record.
    @inline(__always)
    func dropHandle() {
        // Not before the field is empty: the last handle may free the record, and the field with it.
        withExtendedLifetime(takeHandle()) {}
    }
    func takeHandle() -> TaskletHandle? {
        fields.handle.take()
    }
    /// Sets the body of a record that has none.
    @inline(__always)
    func setBody(_ body: consuming TaskletBody) {
        fields.body = .some(consume body)
    }
    var handleCount: UInt32 {
        get { fields.handleCount }
        nonmutating set { fields.handleCount = newValue }
    }
    var isHandleUnique: Bool {
        fields.handleCount == 1 && isKnownUniquelyReferenced(&fields.handle)
    }
    var outerRunner: TaskletRecord? {
        get { fields.outerRunner }
        nonmutating set { fields.outerRunner = newValue }
    }
    var isInsideRun: Bool {
        get { fields.isInsideRun }
        nonmutating set { fields.isInsideRun = newValue }
    }
    var waitStart: Int64 {
        fields.waitStart
    }
    var hasStackMark: Bool {
        get { fields.hasStackMark }
        nonmutating set { fields.hasStackMark = newValue }
    }
    /// Where the tasklet is parked; stale while it runs.
    var context: stack_context {
        unsafe fields.context
    }
    var newer: TaskletRecord? {
        get { fields.newer }
        nonmutating set { fields.newer = newValue }
    }
    var older: TaskletRecord? {
        get { fields.older }
        nonmutating set { fields.older = newValue }
    }
    var name: String? {
        fields.name
    }
    var number: Int {
        fields.number
    }
    var fileID: StaticString {
        fields.fileID
    }
    var line: UInt32 {
        fields.line
    }
    /// `#fileID:#line` of the place where the tasklet was created.
    package var creationPlace: String {
        "\(fields.fileID):\(fields.line)"
    }
}
