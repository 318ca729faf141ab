public import CTasklets
public import Synchronization

/// The kernel's side of a scheduler: the ring, the run stack, and what a switch must look at.
///
/// `Scheduler` is the public handle. Everything here belongs to one thread; other threads come in through the gate
/// (`SchedulerCore+Gate`) or leave tasklets in the inbox (`SchedulerCore+Inbox`).
///
/// Safe because the memory stays until the last claim on it has gone (`SchedulerCore+Lifetime`), never moves, and is touched
/// by one thread at a time.
@safe
@usableFromInline
package struct SchedulerCore: Equatable {
    /// Safe as the core is: what the pointers in it lead to belongs to it.
    @safe
    @usableFromInline
    struct Fields: ~Copyable {
        /// First, since only the owner touches it: ThreadSanitizer takes whatever changes a field in place, `+=` or a
        /// mutating method, for a write to where the fields begin.
        var lastNumber = 0
        /// Not zero while the owner is inside the gate.
        @usableFromInline let isOccupied = Atomic<UInt32>(0)
        /// `Attention`: everything rare. Zero means that a switch has nothing to look at.
        @usableFromInline let attention = Atomic<UInt32>(0)
        /// The current tasklet, and with it the ring; `nil` while the thread sleeps.
        @usableFromInline var head: TaskletRecord?
        /// The innermost tasklet inside run().
        var innermostRunner: TaskletRecord?
        var main: TaskletRecord?
        var trapLevel = 0
        /// The thread's own stack; nothing in a scope.
        var threadStack = unsafe stack_bounds()
        let threadNumber = thread_number()
        /// Whether that thread does what would keep other threads from going on: see `SchedulerCore+Worker`.
        let isOfWorker = worker_is_here()
        /// Whether the thread lets itself be interrupted by `Scheduler.watch`.
        var allowsSamples = false
        /// Where the thread sleeps, on whoever's stack; `nil` while it is awake.
        var sleepContext: stack_context?
        @usableFromInline var waitClock = WaitClock()
        /// A finished tasklet's stack that the thread may still stand on.
        var retiredStack: Stack?
        /// What modules above keep here, the latest first.
        @usableFromInline var modules: UnsafeMutablePointer<SchedulerModule>?
        /// Apart, since a type with a `deinit` in here would keep the compiler from inlining any access.
        let stackPools: UnsafeMutablePointer<StackPools>
        var spareRecords = SpareRecords<TaskletRecord>()
        /// What the kernel let go of inside the gate. Its release may run the program's code, so it waits for the next
        /// operation to begin.
        var discarded: [Any] = []
        /// All living tasklets, the oldest first.
        var living = Ring<LivingTasklet>()
        /// How many tasklets wait where another thread may end the wait, and where somebody said that one will.
        var sharedWaits = 0
        var promisedWaits = 0
        /// How many wait for the world outside.
        var outsideWaits = 0
        var daemonWaits = 0
        /// Changed under the lock of the inbox: other threads interrupt it.
        var eventSource: (any EventSource)?
        /// Made by the first sleep.
        var timers: Timers?
        var lastLimit = 0
        /// `nil` where the clock is the system's.
        var virtualTime: VirtualTime?
        /// See `SchedulerCore+Time`.
        @usableFromInline var marker: TaskletRecord?
        var roundsToLook = 1
        var roundsBetweenLooks = 1
        var lastLook: Int64 = 0
        /// How long a thread spins before it sleeps; see `SchedulerCore+Idle`.
        var spins = SchedulerCore.fewestSpins
        var budget = RunBudget.none
        /// Whose timed run() the budget belongs to.
        var budgetOwner: TaskletRecord?
        var hooks = SchedulerHooks()
        /// Set while a timeline is recorded.
        var timeline: TimelineLog?
        /// Under a sanitizer: what is known of the stack that the last switch has left, and what is left of one that has
        /// ended.
        var departed: UnsafeMutablePointer<stack_sanitizer>?
        var ended = unsafe stack_sanitizer()
        /// Set while a test looks for other orders; see `Chooser`.
        var chooser: (any Chooser)?
        /// Set while the scheduler shares its thread with others; see `HostWorld`.
        var world: (any HostWorld)?
        /// The tasklet that stays current while the schedule callback runs, although the ring has moved on.
        @usableFromInline var currentDuringCallback: TaskletRecord?
        var isEnded = false
        /// Who ends the scheduler, from the beginning of its end: errors go there, and nowhere else.
        var ender: TaskletRecord?
        /// Held by a thread inside a foreign gate; the owner waits here when it finds its gate taken.
        let gateLock: OpaquePointer
        /// Guards `firstArrived`, `lastArrived`, `isInboxClosed`, `isAsleep`, `sleepReach`, `isDeadlockVerdict` and `untakenErrors`; the
        /// thread sleeps here.
        let inboxLock: OpaquePointer
        var firstArrived: TaskletRecord?
        var lastArrived: TaskletRecord?
        var isInboxClosed = false
        /// Who keeps an error that nobody has taken yet, as a promise does that is still referred to. Not retained: they take
        /// themselves out.
        var untakenErrors: [ObjectIdentifier: Unmanaged<TaskletExtras>] = unsafe [:]
        /// A thread for which this one has left something, and which is to be woken; see `post`.
        var postedThread: SchedulerCore?
        /// The event source that it sleeps in.
        var postedSource: (any EventSource)?
        var isAsleep = false
        var sleepReach = Reach.home
        /// Neighbours in the registry; under its lock.
        var registered = RingLinks<SchedulerCore>()
        /// Set by another thread that found everybody asleep: this one gets the deadlock error.
        var isDeadlockVerdict = false
        /// The scheduler that had the thread before this one's scope began.
        var outer: SchedulerCore?
        /// Whether a scope inside has taken the thread. Changed by the owner, under the lock of the registry.
        var isSuspended = false
        /// Its thread has left it, and may enter it again: a `HeldScheduler`. Changed as `isSuspended`.
        var isLeft = false
        /// Counts what refers to this memory; see `SchedulerCore+Lifetime`.
        var ownClaims = 0
        let foreignClaims = Atomic<Int>(SchedulerCore.claimBias)

        init() {
            unsafe gateLock = lock_make()
            unsafe inboxLock = lock_make()
            unsafe stackPools = .allocate(capacity: 1)
            unsafe stackPools.initialize(to: StackPools())
        }
    }

    /// Reasons to leave the short path of a switch. Bits of `attention`.
    @usableFromInline
    package struct Attention: OptionSet {
        @usableFromInline package let rawValue: UInt32

        @inlinable
        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// Another thread is inside the gate or wants to be.
        @inlinable package static var gate: Attention { Attention(rawValue: 1 << 0) }
        /// The inbox is not empty.
        @inlinable package static var inbox: Attention { Attention(rawValue: 1 << 1) }
        /// Something waits to be released outside the gate.
        @inlinable package static var discarded: Attention { Attention(rawValue: 1 << 2) }
        @inlinable package static var trap: Attention { Attention(rawValue: 1 << 3) }
        @inlinable package static var scheduleCallback: Attention { Attention(rawValue: 1 << 4) }
        @inlinable package static var budget: Attention { Attention(rawValue: 1 << 5) }
        /// A callback of the program runs in the middle of a switch.
        @inlinable package static var callback: Attention { Attention(rawValue: 1 << 6) }
        /// The scheduler ends, and every wait of its tasklets is refused.
        @inlinable package static var ending: Attention { Attention(rawValue: 1 << 7) }
        /// The program is built with a sanitizer, which is told about every switch.
        @inlinable package static var sanitizer: Attention { Attention(rawValue: 1 << 8) }
        /// A timeline is recorded.
        @inlinable package static var timeline: Attention { Attention(rawValue: 1 << 9) }
        /// The program has asked how much of their stacks new tasklets touch.
        static var stackMarks: Attention { Attention(rawValue: 1 << 10) }
        /// A chooser decides who goes on.
        @inlinable package static var exploring: Attention { Attention(rawValue: 1 << 11) }
        /// The bits of the modules above, for what their own operations look at. Each module has numbers of its own, below
        /// 8 (CONTRIBUTING, "Where to add things").
        @inlinable package static func module(_ number: UInt32) -> Attention { Attention(rawValue: 1 << (16 + number)) }
        /// `Scheduler.watch` has looked, and the tasklet that ran then still does.
        package static var watched: Attention { Attention(rawValue: 1 << 12) }
        /// The system has no barrier for all threads: the owner of the gate needs one of its own.
        @inlinable package static var fence: Attention { Attention(rawValue: 1 << 31) }
    }

    @usableFromInline
    let memory: UnsafeMutablePointer<Fields>

    /// Everything that the scheduler holds. The one way to it: an address, so no access is checked or held open.
    @usableFromInline
    var fields: Fields {
        @inlinable unsafeAddress { unsafe UnsafePointer(memory) }
        @inlinable nonmutating unsafeMutableAddress { unsafe memory }
    }

    @inlinable
    package static func == (left: SchedulerCore, right: SchedulerCore) -> Bool {
        unsafe left.memory == right.memory
    }

    /// What tells schedulers apart.
    @inlinable
    package var identity: UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(memory)
    }

    @inlinable
    init(memory: UnsafeMutablePointer<Fields>) {
        unsafe self.memory = unsafe memory
    }

    /// A scheduler whose main tasklet is the caller.
    init() {
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Fields())
        let main = makeRecord(
            name: "main",
            stackSize: Tasklet.defaultStackSize,
            fileID: Origin.mainFile,
            line: UInt(fields.threadNumber)
        )
        main.state = .queued
        main.next = main
        main.previous = main
        fields.main = main
        fields.head = main
        linkLiving(main)
        if stack_is_sanitized() { setAttention(.sanitizer, true) }
        if !thread_barrier_exists() { setAttention(.fence, true) }
        if StackSample.areWanted.load(ordering: .relaxed) { allowSamples() }
    }
}

// MARK: - The thread's scheduler

extension SchedulerCore {
    /// The calling thread's scheduler; made when the thread uses the library for the first time.
    @inlinable @inline(__always)
    package static var current: SchedulerCore {
        if let value = unsafe thread_get() {
            return unsafe SchedulerCore(memory: value.assumingMemoryBound(to: Fields.self))
        }
        return makeForThread()
    }

    /// The calling thread's scheduler, if it has one.
    package static var currentIfAny: SchedulerCore? {
        unsafe thread_get().map { unsafe SchedulerCore(memory: $0.assumingMemoryBound(to: Fields.self)) }
    }

    static func setCurrent(_ core: SchedulerCore?) {
        unsafe thread_set(core?.memory)
    }

    @usableFromInline @inline(never)
    static func makeForThread() -> SchedulerCore {
        let core = SchedulerCore()
        setCurrent(core)
        SchedulerRegistry.add(core)
        unsafe core.fields.threadStack = unsafe thread_bounds()
        if core.fields.isOfWorker { core.main.blockTrap = true }
        StackOverflow.watch()
        thread_exceptions_watch()
        thread_at_end { isProgram in
            if isProgram { Watch.finishReport() }
            // A scope that the end of the program interrupts hides the schedulers below it: end them all.
            while let present = SchedulerCore.currentIfAny {
                // Somebody called exit in a callback: the switch is half done, so nobody can be ended.
                if present.attention.contains(.callback) { return }
                // Nobody enters any more what the thread has left.
                let left = SchedulerRegistry.leftByThisThread
                _ = left?.takeThread()
                let core = left ?? present
                let outer = core.outer
                #if DEBUG
                // Who has left tasklets where they are has not forgotten to run them.
                if isProgram, left == nil, let text = UnfinishedTasklets(core).text { report(text) }
                #endif
                core.end()?.report(at: "its thread")
                SchedulerCore.setCurrent(outer)
            }
        }
        return core
    }
}

// MARK: - Fields

extension SchedulerCore {
    @inlinable
    package var head: TaskletRecord? {
        get { fields.head }
        nonmutating set { fields.head = newValue }
    }
    /// The tasklet that runs.
    ///
    /// - Precondition: the thread does not sleep.
    @inlinable
    package var me: TaskletRecord {
        unsafe fields.head.unsafelyUnwrapped
    }
    var innermostRunner: TaskletRecord? {
        get { fields.innermostRunner }
        nonmutating set { fields.innermostRunner = newValue }
    }
    package var main: TaskletRecord {
        unsafe fields.main.unsafelyUnwrapped
    }
    var trapLevel: Int {
        get { fields.trapLevel }
        nonmutating set { fields.trapLevel = newValue }
    }
    var hooks: SchedulerHooks {
        get { fields.hooks }
        nonmutating set { fields.hooks = newValue }
    }
    var budget: RunBudget {
        get { fields.budget }
        nonmutating set { fields.budget = newValue }
    }
    package var isEnded: Bool {
        fields.isEnded
    }
    var outer: SchedulerCore? {
        get { fields.outer }
        nonmutating set { fields.outer = newValue }
    }
    /// Whether it is the scheduler of a scope.
    package var isInScope: Bool { outer != nil }
    var isSuspended: Bool {
        get { fields.isSuspended }
        nonmutating set { fields.isSuspended = newValue }
    }
    /// Whether the tasklet is the one that runs. Nobody does while the thread sleeps.
    func isRunning(_ tasklet: TaskletRecord) -> Bool {
        (fields.currentDuringCallback ?? head) == tasklet
    }

    /// Whom the program sees as the current tasklet.
    ///
    /// - Precondition: the thread does not sleep.
    @inlinable
    package var visibleCurrent: TaskletRecord {
        fields.currentDuringCallback ?? me
    }
}

// The pointer may travel between threads; what it points to is touched inside the gate only.
extension SchedulerCore: @unchecked Sendable {}
