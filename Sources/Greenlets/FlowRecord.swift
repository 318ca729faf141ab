public import CTasklets
public import Tasklets

/// Code that knows the type of a flow's values. Functions made where the type is known, and no type that conforms to a
/// protocol: that would look up types at run time, which costs more than all the rest of a flow's life.
@usableFromInline
struct FlowCode {
    /// Runs on the new stack to the end of the flow, and returns which one goes on; `nil` when that is the consumer. It
    /// returns instead of switching, so that what the call holds is released: the frame below it is left for ever.
    @usableFromInline let live: (FlowRecord) -> FlowRecord?
    /// Ends a suspended flow that nobody can resume any more, or whose tree or scheduler ends.
    @usableFromInline let end: (FlowRecord) -> Void

    @inlinable
    init(live: @escaping (FlowRecord) -> FlowRecord?, end: @escaping (FlowRecord) -> Void) {
        self.live = live
        self.end = end
    }
}

/// The memory behind a flow: everything that a switch between greenlets touches, in one piece that never moves.
///
/// There are four kinds:
///
///     ground      what runs on the tasklet's own stack; the host of the trees in it
///     root        main greenlet of one tree; runs on the stack of its host
///     greenlet    a stack of its own, in a tree
///     generator   a stack of its own, in no tree; the host of the trees in it
///
/// A tree has one value type. Code that runs in a flow of another type, and uses `Greenlet<Value>`, gets a root there:
/// the flow is the host of a tree of its own. So control leaves a tree only through its root.
///
/// Fields belong to the thread of `core`, except the counts, which are changed inside its gate.
@safe
@usableFromInline
struct FlowRecord: Equatable {
    @usableFromInline
    enum State: UInt8 {
        case unstarted, active, dead
    }

    @safe
    @usableFromInline
    struct Fields {
        /// First, since the kernel sees a flow as its header.
        @usableFromInline var header: FlowHeader
        /// Where the flow is parked.
        @usableFromInline var context = unsafe stack_context()
        /// Where the next value goes: an optional in the parked flow's own frame. `nil` unless it is parked and waits for
        /// one. For a first switch it is where the value comes from.
        @usableFromInline var slot: UnsafeMutableRawPointer?
        /// Where a greenlet leaves its result for one that has to start to get it: above the first frame of its stack.
        @usableFromInline var outcome: UnsafeMutableRawPointer?
        /// The root of the tree while active.
        @usableFromInline var tree: UnsafeMutableRawPointer?
        /// Handles and children. Who has none, and is suspended, can never be resumed: it is ended.
        @usableFromInline var references = 0
        @usableFromInline var state: State
        @usableFromInline var core: SchedulerCore
        /// `nil` in a ground and in a generator.
        @usableFromInline var valueType: ObjectIdentifier?
        /// Thrown where the flow is parked when it goes on without a value.
        @usableFromInline var error: (any Error)?
        @usableFromInline var parent: FlowRecord?
        /// The handle, not retained, where it is sure to live: of an unstarted greenlet, and of a started one of a
        /// subclass, whose frames refer to it.
        @usableFromInline var handle: Unmanaged<AnyObject>?
        /// The handle, retained: of a root, and of an unstarted greenlet that has children.
        @usableFromInline var keptHandle: AnyObject?
        /// From the start.
        @usableFromInline var code: FlowCode?
        @usableFromInline var sanitizer = unsafe stack_sanitizer()
        /// The trees that have this flow as their host: their roots, linked by `nextRoot`.
        @usableFromInline var firstRoot: FlowRecord?
        @usableFromInline var nextRoot: FlowRecord?
        /// In a root: the class of its handle, which is no subclass. Asking the runtime for it costs more than ten switches.
        @usableFromInline var plainClass: ObjectIdentifier?
        /// The ring of the started greenlets of a tree, its root included; of a scheduler's generators.
        var next: FlowRecord?
        var previous: FlowRecord?
        // A generator has these besides.
        @usableFromInline var consumer = unsafe stack_context()
        @usableFromInline var consumerFlow: UnsafeMutableRawPointer?
        @usableFromInline var consumerSlot: UnsafeMutableRawPointer?
        @usableFromInline var consumerSanitizer: UnsafeMutablePointer<stack_sanitizer>?
        /// The innermost flow of a parked generator: it may have yielded in a greenlet, or in another generator, inside.
        @usableFromInline var innermost: UnsafeMutableRawPointer?
        /// In which tasklet the generator runs; `nil` while it is parked.
        @usableFromInline var runner: TaskletRecord?
        @usableFromInline var isBeingEnded = false
    }

    @usableFromInline
    let fields: UnsafeMutablePointer<Fields>

    @inlinable
    static func == (left: FlowRecord, right: FlowRecord) -> Bool {
        unsafe left.fields == right.fields
    }

    @inlinable
    init(fields: UnsafeMutablePointer<Fields>) {
        unsafe self.fields = unsafe fields
    }

    /// The flow that a tasklet's record points to.
    @inlinable
    init?(_ flow: UnsafeMutableRawPointer?) {
        guard let flow = unsafe flow else { return nil }
        unsafe fields = flow.assumingMemoryBound(to: Fields.self)
    }

    init(header: FlowHeader, state: State, core: SchedulerCore) {
        unsafe fields = .allocate(capacity: 1)
        unsafe fields.initialize(to: Fields(header: header, state: state, core: core))
    }

    /// - Precondition: nobody uses the record again.
    func free() {
        unsafe fields.deinitialize(count: 1)
        unsafe fields.deallocate()
    }

    /// What identifies the flow to the kernel, and a root as a tree.
    @inlinable
    var pointer: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(fields) }
}

// MARK: - Fields

extension FlowRecord {
    @inlinable
    var slot: UnsafeMutableRawPointer? {
        get { unsafe fields.pointee.slot }
        nonmutating set { unsafe fields.pointee.slot = newValue }
    }
    @inlinable
    var outcome: UnsafeMutableRawPointer? {
        get { unsafe fields.pointee.outcome }
        nonmutating set { unsafe fields.pointee.outcome = newValue }
    }
    @inlinable
    var tree: UnsafeMutableRawPointer? {
        get { unsafe fields.pointee.tree }
        nonmutating set { unsafe fields.pointee.tree = newValue }
    }
    @inlinable
    var references: Int {
        get { unsafe fields.pointee.references }
        nonmutating set { unsafe fields.pointee.references = newValue }
    }
    @inlinable
    var state: State {
        get { unsafe fields.pointee.state }
        nonmutating set { unsafe fields.pointee.state = newValue }
    }
    @inlinable
    var core: SchedulerCore {
        get { unsafe fields.pointee.core }
        nonmutating set { unsafe fields.pointee.core = newValue }
    }
    @inlinable
    var valueType: ObjectIdentifier? {
        get { unsafe fields.pointee.valueType }
        nonmutating set { unsafe fields.pointee.valueType = newValue }
    }
    @inlinable
    var error: (any Error)? {
        get { unsafe fields.pointee.error }
        nonmutating set { unsafe fields.pointee.error = newValue }
    }
    @inlinable
    var parent: FlowRecord? {
        get { unsafe fields.pointee.parent }
        nonmutating set { unsafe fields.pointee.parent = newValue }
    }
    @inlinable
    var handle: AnyObject? {
        get { unsafe fields.pointee.handle?.takeUnretainedValue() }
        nonmutating set { unsafe fields.pointee.handle = newValue.map { unsafe Unmanaged.passUnretained($0) } }
    }
    @inlinable
    var keptHandle: AnyObject? {
        get { unsafe fields.pointee.keptHandle }
        nonmutating set { unsafe fields.pointee.keptHandle = newValue }
    }
    @inlinable
    var code: FlowCode? {
        get { unsafe fields.pointee.code }
        nonmutating set { unsafe fields.pointee.code = newValue }
    }
    @inlinable
    var sanitizer: UnsafeMutablePointer<stack_sanitizer> {
        unsafe withUnsafeMutablePointer(to: &fields.pointee.sanitizer) { unsafe $0 }
    }
    @inlinable
    var firstRoot: FlowRecord? {
        get { unsafe fields.pointee.firstRoot }
        nonmutating set { unsafe fields.pointee.firstRoot = newValue }
    }
    @inlinable
    var nextRoot: FlowRecord? {
        get { unsafe fields.pointee.nextRoot }
        nonmutating set { unsafe fields.pointee.nextRoot = newValue }
    }
    @inlinable
    var plainClass: ObjectIdentifier? {
        get { unsafe fields.pointee.plainClass }
        nonmutating set { unsafe fields.pointee.plainClass = newValue }
    }
    var next: FlowRecord? {
        get { unsafe fields.pointee.next }
        nonmutating set { unsafe fields.pointee.next = newValue }
    }
    var previous: FlowRecord? {
        get { unsafe fields.pointee.previous }
        nonmutating set { unsafe fields.pointee.previous = newValue }
    }
    @inlinable
    var consumerFlow: UnsafeMutableRawPointer? {
        get { unsafe fields.pointee.consumerFlow }
        nonmutating set { unsafe fields.pointee.consumerFlow = newValue }
    }
    @inlinable
    var consumerSlot: UnsafeMutableRawPointer? {
        get { unsafe fields.pointee.consumerSlot }
        nonmutating set { unsafe fields.pointee.consumerSlot = newValue }
    }
    @inlinable
    var innermost: UnsafeMutableRawPointer? {
        get { unsafe fields.pointee.innermost }
        nonmutating set { unsafe fields.pointee.innermost = newValue }
    }
    @inlinable
    var runner: TaskletRecord? {
        get { unsafe fields.pointee.runner }
        nonmutating set { unsafe fields.pointee.runner = newValue }
    }
    @inlinable
    var isBeingEnded: Bool {
        get { unsafe fields.pointee.isBeingEnded }
        nonmutating set { unsafe fields.pointee.isBeingEnded = newValue }
    }
    var stack: Stack? {
        get { unsafe fields.pointee.header.stack }
        nonmutating set { unsafe fields.pointee.header.stack = newValue }
    }
    var stackSize: Int { unsafe fields.pointee.header.stackSize }
    /// The flow that a root runs in.
    var host: FlowRecord? {
        get { unsafe FlowRecord(fields.pointee.header.host) }
        nonmutating set { unsafe fields.pointee.header.host = newValue?.pointer }
    }
    var name: String {
        unsafe fields.pointee.header.name ?? "\(fields.pointee.header.kind)-\(fields.pointee.header.number)"
    }
    var creationPlace: String { unsafe "\(fields.pointee.header.fileID):\(fields.pointee.header.line)" }
    /// "greenlet 'name' (made at file:line)".
    var description: String {
        parent == nil && valueType != nil
            ? "greenlet 'main'" : unsafe "\(fields.pointee.header.kind) '\(name)' (made at \(creationPlace))"
    }
}

extension FlowRecord {
    /// Takes out the error that is to be thrown.
    @inlinable
    func takeError() -> (any Error)? {
        unsafe fields.pointee.error.take()
    }

    /// The root at the end of the chain of parents.
    @usableFromInline
    var chainRoot: FlowRecord {
        var record = self
        while let parent = record.parent { record = parent }
        return record
    }

    /// Parks this flow, which runs, and goes on with `target`.
    @inlinable @inline(__always)
    func switchStack(to target: FlowRecord) {
        unsafe stack_switch(&fields.pointee.context, &target.fields.pointee.context)
    }

    /// The same to this flow, from one that has ended.
    ///
    /// A function like the others that switch: ThreadSanitizer counts calls and returns for each stack, so all of them have
    /// to make the same number.
    @inline(__always)
    func switchStackForEver() {
        var nobody = unsafe stack_context()
        unsafe stack_switch(&nobody, &fields.pointee.context)
    }

    // MARK: The ring

    func linkAlone() {
        next = self
        previous = self
    }

    func link(before member: FlowRecord) {
        let last = member.previous!
        next = member
        previous = last
        last.next = self
        member.previous = self
    }

    func unlink() {
        next!.previous = previous
        previous!.next = next
        next = nil
        previous = nil
    }
}
