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

/// The memory behind a flow: everything that a switch between greenlets touches, in one piece that never moves. To the
/// kernel a flow is a `Fiber`.
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
///
/// Safe because a record lives as long as a handle, a child or its own frames refer to it (`FlowRecord+End`), and its
/// pointers lead into frames that are parked until they are used.
@safe
@usableFromInline
struct FlowRecord: Equatable {
    @usableFromInline
    enum State: UInt8 {
        case unstarted, active, dead
    }

    /// Safe as the record is.
    @safe
    @usableFromInline
    struct Fields: ~Copyable {
        /// First, since a fiber's memory is the beginning of its record.
        @usableFromInline var fiber: Fiber.Fields
        /// Where the next value goes: an optional in the parked flow's own frame. `nil` unless it is parked and waits for
        /// one. For a first switch it is where the value comes from.
        @usableFromInline var slot: UnsafeMutableRawPointer?
        /// Where a greenlet leaves its result for one that has to start to get it: above the first frame of its stack.
        @usableFromInline var outcome: UnsafeMutableRawPointer?
        /// The root of the tree while active.
        @usableFromInline var tree: FlowRecord?
        /// Handles and children. Who has none, and is suspended, can never be resumed: it is ended.
        @usableFromInline var references = 0
        @usableFromInline var state: State
        /// `nil` in a ground and in a generator.
        @usableFromInline var valueType: ObjectIdentifier?
        @usableFromInline var parent: FlowRecord?
        /// The handle, not retained, where it is sure to live: of an unstarted greenlet, and of a started one of a
        /// subclass, whose frames refer to it.
        @usableFromInline var handle: Unmanaged<AnyObject>?
        /// The handle, retained: of a root, and of an unstarted greenlet that has children.
        @usableFromInline var keptHandle: AnyObject?
        /// From the start.
        @usableFromInline var code: FlowCode?
        /// The trees that have this flow as their host: their roots, linked by `nextRoot`.
        @usableFromInline var firstRoot: FlowRecord?
        @usableFromInline var nextRoot: FlowRecord?
        /// In a root: the class of its handle, which is no subclass. Asking the runtime for it costs more than ten switches.
        @usableFromInline var plainClass: ObjectIdentifier?
        /// The ring of the started greenlets of a tree, its root included; of a scheduler's generators.
        var ring = RingLinks<FlowRecord>()
        // A generator has these besides.
        @usableFromInline var consumer = unsafe stack_context()
        @usableFromInline var consumerFlow: FlowRecord?
        @usableFromInline var consumerSlot: UnsafeMutableRawPointer?
        @usableFromInline var consumerSanitizer: UnsafeMutablePointer<stack_sanitizer>?
        /// The innermost flow of a parked generator: it may have yielded in a greenlet, or in another generator, inside.
        @usableFromInline var innermost: FlowRecord?
        /// In which tasklet the generator runs; `nil` while it is parked.
        @usableFromInline var runner: TaskletRecord?
        @usableFromInline var isBeingEnded = false
        /// How often its body has yielded although it is being ended.
        var refusedYields = 0
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
    static func == (left: FlowRecord, right: FlowRecord) -> Bool {
        unsafe left.memory == right.memory
    }

    @inlinable
    init(memory: UnsafeMutablePointer<Fields>) {
        unsafe self.memory = unsafe memory
    }

    /// The flow that a tasklet's record points to.
    @inlinable
    init?(_ fiber: Fiber?) {
        guard let fiber else { return nil }
        unsafe memory = UnsafeMutableRawPointer(fiber.memory).assumingMemoryBound(to: Fields.self)
    }

    init(kind: LiteralText, state: State, core: SchedulerCore) {
        unsafe memory = Fiber.allocate(Fields.self)
        unsafe memory.initialize(to: Fields(fiber: Fiber.Fields(kind: kind, scheduler: core), state: state))
    }

    /// The flow as something that is switched to.
    @inlinable
    var fiber: Fiber {
        unsafe Fiber(memory: UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Fiber.Fields.self))
    }

    @inlinable
    var core: SchedulerCore {
        fields.fiber.scheduler
    }

    @inlinable
    var handle: AnyObject? {
        get { unsafe fields.handle?.takeUnretainedValue() }
        nonmutating set { unsafe fields.handle = newValue.map { unsafe Unmanaged.passUnretained($0) } }
    }

    /// The flow that a root runs in.
    @inlinable
    var host: FlowRecord? {
        FlowRecord(fields.fiber.host)
    }

    /// The root at the end of the chain of parents.
    @usableFromInline
    var chainRoot: FlowRecord {
        var record = self
        while let parent = record.fields.parent { record = parent }
        return record
    }
}

extension FlowRecord: Reusable {
    @usableFromInline
    package var next: FlowRecord? {
        get { fields.ring.next }
        nonmutating set { fields.ring.next = newValue }
    }

    @usableFromInline
    package var previous: FlowRecord? {
        get { fields.ring.previous }
        nonmutating set { fields.ring.previous = newValue }
    }

    /// - Precondition: the record is not used again.
    @usableFromInline
    package func free() {
        fiber.freeSanitizer()
        unsafe memory.deinitialize(count: 1)
        unsafe Fiber.deallocate(memory)
    }
}
