import CTasklets
public import Synchronization

/// Tasklets that wait in order, and who may touch them: the waiting half of a channel, a lock, a queue.
///
/// ```
/// func acquire() throws {
///     let core = try line.begin()
///     if permits > 0 { permits -= 1; return line.leave(core) }
///     try line.wait(core, at: self)
/// }
///
/// func release() {
///     let core = line.enter()
///     if !line.wakeFirst(core) { permits += 1 }
///     line.leave(core)
/// }
/// ```
///
/// An operation begins with `enter`, or with `begin` if it may wait, and ends with either `leave` or `wait`: both go out. Between them nobody else touches
/// the line, nor what its owner keeps beside it.
///
/// A line starts at home: it belongs to the scheduler that made it and is touched inside that scheduler's gate, without a
/// lock. The first use by another scheduler makes it shared for good: from then on its lock is held too.
/// Order of locks: gate, then the line's lock, then the lock of an inbox.
///
/// The memory is raw, since the fields are touched by every message: properties of a class would cost exclusivity checks.
@safe
@usableFromInline
package struct WaitLine {
    @safe
    @usableFromInline
    package struct Fields: ~Copyable {
        @usableFromInline package var first: WaitEntry?
        @usableFromInline package var last: WaitEntry?
        /// The only scheduler that uses the line; `nil` when it is shared.
        @usableFromInline let home: Atomic<UnsafeMutableRawPointer?>
        /// How many wait.
        @usableFromInline package var count = 0
        /// Made when the line becomes shared.
        @usableFromInline var lock: OpaquePointer?
        /// Who made the line. Its memory stays as long as this one.
        let maker: SchedulerCore
        /// Whether somebody said that other threads are going to come.
        var isPromised = false
        /// Given by a `Chooser`; 0 where the address is enough.
        let identity: UInt

        package init() {
            maker = SchedulerCore.current
            maker.makeClaim()
            identity = maker.identityOfNext()
            unsafe home = unsafe Atomic(maker.identity)
            unsafe lock = nil
        }
    }

    @usableFromInline
    package let memory: UnsafeMutablePointer<Fields>

    /// A line inside the memory of its owner.
    @inlinable
    package init(memory: UnsafeMutablePointer<Fields>) {
        unsafe self.memory = unsafe memory
    }

    /// A line with memory of its own, which ends by `free`.
    package init() {
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Fields())
    }

    /// Gives back what a line holds besides its memory; then its owner frees that.
    ///
    /// - Precondition: nobody waits, and nobody uses the line again.
    package func end() {
        if let lock = unsafe fields.lock { unsafe lock_free(lock) }
        fields.maker.dropClaim()
    }

    /// Ends a line with memory of its own.
    package func free() {
        end()
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

    @usableFromInline
    package var fields: Fields {
        @inlinable unsafeAddress { unsafe UnsafePointer(memory) }
        @inlinable nonmutating unsafeMutableAddress { unsafe memory }
    }

    @inlinable
    package var first: WaitEntry? { fields.first }

    // MARK: In and out

    /// Goes into the gate of the caller's scheduler, and takes the lock if the line is shared.
    @inlinable @inline(__always)
    package func enter(_ core: SchedulerCore) -> SchedulerCore.Attention {
        let attention = core.enter()
        // Looked at inside the gate: nobody can change it now.
        if unsafe fields.home.load(ordering: .relaxed) == core.identity { return attention }
        return enterShared(core)
    }

    /// The same for a caller that does not know its scheduler yet.
    @inlinable @inline(__always)
    package func enter() -> SchedulerCore {
        let core = SchedulerCore.current
        core.touch(self, enter(core))
        return core
    }

    /// The same for an operation that may wait. A test that explores orders may let others run before it.
    ///
    /// - Throws: what was sent to the caller meanwhile.
    @inlinable @inline(__always)
    package func begin() throws -> SchedulerCore {
        try SchedulerCore.current.beginOperation()
        return enter()
    }

    @inlinable @inline(__always)
    package func leave(_ core: SchedulerCore) {
        unlock(core)
        core.leave()
    }

    /// Runs `body` while nobody else touches the line.
    package func inside<Result>(_ body: () -> Result) -> Result {
        let core = enter()
        defer { leave(core) }
        return body()
    }

    /// Releases the lock of a shared line; the gate stays taken.
    @inlinable @inline(__always)
    package func unlock(_ core: SchedulerCore) {
        if isShared { unlockShared(core) }
    }

    @usableFromInline @inline(never)
    func unlockShared(_ core: SchedulerCore) {
        unsafe lock_release(fields.lock.unsafelyUnwrapped)
        core.wakePostedThread()
    }

    @usableFromInline @inline(never)
    func enterShared(_ core: SchedulerCore) -> SchedulerCore.Attention {
        // Never inside two gates.
        core.leave()
        shareIfAtHome()
        let attention = core.enter()
        unsafe SchedulerCore.acquire(fields.lock.unsafelyUnwrapped)
        return attention
    }

    @inlinable
    package var isShared: Bool { unsafe fields.home.load(ordering: .acquiring) == nil }

    // MARK: Waiting and waking

    /// Ends the operation by a wait: the caller joins the line, the others run. Returns when it has been woken.
    ///
    /// - Parameters:
    ///   - place: the owner of the line, which describes the wait.
    ///   - kind: what the caller waits for; the owner's affair.
    ///   - argument: memory in the caller's frame; the owner's affair.
    /// - Throws: the error that refused the wait or ended it. The caller is in no line then.
    @inlinable @inline(__always)
    package func wait(
        _ core: SchedulerCore,
        at place: AnyObject,
        kind: UInt8 = 0,
        argument: UnsafeMutableRawPointer? = nil
    ) throws {
        let me = core.me
        if core.mayRefuse(me) { try refuse(core, me) }
        let entry = me.entry
        unsafe entry.fields.place = Unmanaged.passUnretained(place)
        entry.fields.kind = kind
        unsafe entry.fields.argument = unsafe argument
        link(entry)
        core.beginWait(of: me)
        if isShared { countAndUnlock(entry, core) }
        try core.park(me)
    }

    @usableFromInline @inline(never)
    func countAndUnlock(_ entry: WaitEntry, _ core: SchedulerCore) {
        count(entry, core)
        unlockShared(core)
    }

    /// The same for a caller that has something to do between joining the line and parking: to let go of a lock, say.
    ///
    /// - Parameter joined: called inside the gate, without this line's lock: it may take that of another line, by
    ///   `lock` and `unlock`. The caller may be woken from then on. Not called when the wait is refused.
    package func wait(
        _ core: SchedulerCore,
        at place: AnyObject,
        kind: UInt8 = 0,
        argument: UnsafeMutableRawPointer? = nil,
        joined: () -> Void
    ) throws {
        let me = core.me
        if core.mayRefuse(me) { try refuse(core, me) }
        let entry = me.entry
        unsafe entry.fields.place = Unmanaged.passUnretained(place)
        entry.fields.kind = kind
        unsafe entry.fields.argument = unsafe argument
        core.beginWait(of: me)
        join(entry, core)
        joined()
        try core.park(me)
    }

    private func count(_ entry: WaitEntry, _ core: SchedulerCore) {
        core.count(entry, reach: fields.isPromised ? .promised : .shared)
    }

    @usableFromInline @inline(never)
    func refuse(_ core: SchedulerCore, _ me: TaskletRecord) throws {
        guard let refusal = core.refusal(of: me) else { return }
        leave(core)
        throw core.refused(by: refusal)
    }

    /// Takes the first in line out and puts its tasklet at the end of its run queue, on whatever thread that is. The caller
    /// goes on. False when nobody waits.
    package func wakeFirst(_ core: SchedulerCore) -> Bool {
        while let entry = fields.first {
            if entry.claim() {
                wake(entry, core)
                return true
            }
            unlinkFirst(entry)
        }
        return false
    }

    /// The same for one whose wait the caller has claimed.
    @inlinable
    package func wake(_ entry: WaitEntry, _ core: SchedulerCore) {
        unlink(entry)
        let tasklet = entry.tasklet
        // What is at other places too is taken out of them without this line's lock: when the inbox is taken. So that the order
        // stays, all that are woken at a shared line go there.
        if tasklet.scheduler == core, !isShared {
            core.queue(tasklet)
        } else {
            tasklet.scheduler.post(tasklet, from: core)
        }
    }

    // MARK: One place of several

    /// Makes the line one that may be joined inside the gate. Out of the gate.
    @inlinable @inline(__always)
    package func prepareToJoin(_ core: SchedulerCore) {
        core.touch(self, core.attention)
        if unsafe fields.home.load(ordering: .relaxed) != core.identity { shareIfAtHome() }
    }

    /// Inside the gate of the caller's scheduler: takes the lock if the line is shared.
    @inlinable @inline(__always)
    package func lock() {
        if isShared { lockShared() }
    }

    @usableFromInline @inline(never)
    func lockShared() {
        unsafe SchedulerCore.acquire(fields.lock.unsafelyUnwrapped)
    }

    /// Links the entry of a wait at several places, and goes out of the line: the gate stays taken.
    package func join(_ entry: WaitEntry, _ core: SchedulerCore) {
        link(entry)
        entry.fields.line = self
        if isShared { count(entry, core) }
        unlock(core)
    }

    // MARK: The line itself

    @inlinable @inline(__always)
    package func link(_ entry: WaitEntry) {
        let last = fields.last
        entry.fields.previous = last
        entry.fields.next = nil
        if let last {
            last.fields.next = entry
        } else {
            fields.first = entry
        }
        fields.last = entry
        fields.count &+= 1
        entry.fields.isLinked = true
    }

    /// Takes out the first in line.
    @inlinable @inline(__always)
    package func unlinkFirst(_ entry: WaitEntry) {
        let next = entry.fields.next
        fields.first = next
        if let next {
            next.fields.previous = nil
        } else {
            fields.last = nil
        }
        fields.count &-= 1
        entry.fields.isLinked = false
    }

    @inlinable
    package func unlink(_ entry: WaitEntry) {
        guard let previous = entry.fields.previous else { return unlinkFirst(entry) }
        let next = entry.fields.next
        previous.fields.next = next
        if let next {
            next.fields.previous = previous
        } else {
            fields.last = previous
        }
        fields.count -= 1
        entry.fields.isLinked = false
    }

    package func forEachEntry(_ body: (WaitEntry) -> Void) {
        var entry = fields.first
        while let current = entry {
            entry = current.fields.next
            body(current)
        }
    }

    /// Takes an entry out whose wait ends at another place, or from outside. Inside the gate of its scheduler.
    func withdraw(_ entry: WaitEntry) -> Withdrawal {
        let core = entry.tasklet.scheduler
        core.touch(self, core.attention)
        return locked {
            // Met by another thread, it is in no line any more.
            guard entry.fields.isLinked else { return .tooLate }
            unlink(entry)
            return .done
        }
    }

    /// Runs `body` while nobody else changes the line. The caller is inside the gate of the scheduler of an entry in the
    /// line: at home that is the line's own.
    package func locked<Result>(_ body: () -> Result) -> Result {
        let isShared = self.isShared
        if isShared { unsafe SchedulerCore.acquire(fields.lock.unsafelyUnwrapped) }
        defer { if isShared { unsafe lock_release(fields.lock.unsafelyUnwrapped) } }
        return body()
    }
}
