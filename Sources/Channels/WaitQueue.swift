public import CStackSwitch
public import Synchronization
public import Tasklets

/// The line of a channel: who waits, in which direction, and by which rules partners meet.
///
/// Everything of a channel that does not depend on the type of its values. Its fields live in raw memory: they are
/// touched by every message (see the rules of the kernel in CONTRIBUTING).
///
/// A queue starts at home: it belongs to the scheduler that made it and is touched inside that scheduler's gate,
/// without a lock. The first use by another scheduler makes it shared for good: from then on its lock is held too.
/// Order of locks: gate, then the queue's lock, then a scheduler's door.
@safe
@usableFromInline
final class WaitQueue: ManagedBuffer<Void, WaitQueueFields>, WaitPlace {
    /// In the object itself, behind its header. Not stored properties: they would cost exclusivity checks.
    @inlinable
    var fields: UnsafeMutablePointer<WaitQueueFields> {
        unsafe withUnsafeMutablePointerToElements { unsafe $0 }
    }

    static func make(name: String?, fileID: StaticString, line: UInt) -> WaitQueue {
        let queue = unsafe unsafeDowncast(WaitQueue.create(minimumCapacity: 1) { _ in }, to: WaitQueue.self)
        let maker = SchedulerCore.current
        maker.makeClaim()
        unsafe queue.fields.initialize(to: WaitQueueFields(maker: maker, name: name, fileID: fileID, line: line))
        return queue
    }

    deinit {
        let maker = self.maker
        unsafe fields.deinitialize(count: 1)
        maker.dropClaim()
    }

    @inlinable
    var lock: OpaquePointer { unsafe fields.pointee.lock }
    private var maker: SchedulerCore { unsafe fields.pointee.maker }
    var name: String? { unsafe fields.pointee.name }

    // MARK: Home and shared

    /// Goes into the gate of the caller's scheduler, and takes the lock if the queue is shared.
    @inlinable @inline(__always)
    func enter(_ core: SchedulerCore) -> SchedulerCore.Attention {
        let attention = core.enter()
        // Looked at inside the gate: nobody can change it now.
        if unsafe fields.pointee.home.load(ordering: .relaxed) == core.identity { return attention }
        return enterShared(core)
    }

    @inlinable @inline(__always)
    func leave(_ core: SchedulerCore) {
        unlock()
        core.leave()
    }

    /// Releases the lock of a shared queue; the gate stays taken.
    @inlinable @inline(__always)
    func unlock() {
        if isShared { unsafe stack_door_unlock(lock) }
    }

    @usableFromInline @inline(never)
    func enterShared(_ core: SchedulerCore) -> SchedulerCore.Attention {
        // Never inside two gates.
        core.leave()
        shareIfAtHome()
        let attention = core.enter()
        unsafe stack_door_lock(lock)
        return attention
    }

    /// Makes the queue shared. Inside the home's gate nobody is in the middle of an operation on it.
    private func shareIfAtHome() {
        if isShared { return }
        maker.insideGate { _ in unsafe fields.pointee.home.store(nil, ordering: .releasing) }
    }

    @inlinable
    var isShared: Bool { unsafe fields.pointee.home.load(ordering: .acquiring) == nil }

    /// Runs `body` while nobody else touches the queue.
    func inside<Result>(_ body: () -> Result) -> Result {
        let core = SchedulerCore.current
        _ = enter(core)
        defer { leave(core) }
        return body()
    }

    /// Says that other threads are going to use the queue.
    func promise() {
        shareIfAtHome()
        inside { unsafe fields.pointee.isPromised = true }
    }

    // MARK: The line

    /// The first in line, if it waits in the other direction than the caller.
    @inlinable @inline(__always)
    func partner(whenSending isSending: Bool) -> TaskletRecord? {
        guard let first = unsafe fields.pointee.first, first.isSending != isSending else { return nil }
        return first
    }

    @inlinable @inline(__always)
    func link(_ tasklet: TaskletRecord) {
        let last = unsafe fields.pointee.last
        tasklet.previous = last
        tasklet.next = nil
        if let last {
            last.next = tasklet
        } else {
            unsafe fields.pointee.first = tasklet
        }
        unsafe fields.pointee.last = tasklet
        unsafe fields.pointee.balance &+= tasklet.isSending ? 1 : -1
        tasklet.isInLine = true
    }

    /// Takes out the first in line.
    @inlinable @inline(__always)
    func unlinkFirst(_ tasklet: TaskletRecord) {
        let next = tasklet.next
        unsafe fields.pointee.first = next
        if let next {
            next.previous = nil
        } else {
            unsafe fields.pointee.last = nil
        }
        unsafe fields.pointee.balance &-= tasklet.isSending ? 1 : -1
        tasklet.isInLine = false
    }

    @inline(__always)
    func unlink(_ tasklet: TaskletRecord) {
        let previous = tasklet.previous
        let next = tasklet.next
        if let previous {
            previous.next = next
        } else {
            unsafe fields.pointee.first = next
        }
        if let next {
            next.previous = previous
        } else {
            unsafe fields.pointee.last = previous
        }
        unsafe fields.pointee.balance -= tasklet.isSending ? 1 : -1
        tasklet.isInLine = false
    }

    // MARK: What the kernel asks

    package func withdraw(_ tasklet: TaskletRecord) -> Bool {
        reading {
            guard tasklet.isInLine else { return false }
            unlink(tasklet)
            return true
        }
    }

    /// Called inside the gate of the scheduler of a tasklet in the line: at home that is the queue's own.
    package func reading<Result>(_ body: () -> Result) -> Result {
        let isShared = self.isShared
        if isShared { unsafe stack_door_lock(lock) }
        defer { if isShared { unsafe stack_door_unlock(lock) } }
        return body()
    }

    package func describeWait(of tasklet: TaskletRecord) -> String {
        (tasklet.isSending ? "send" : "receive") + " on " + description
    }

    package var reach: Reach {
        reading { unsafe fields.pointee.isPromised ? .promised : isShared ? .shared : .home }
    }

    var description: String {
        if let name { return "channel '\(name)'" }
        return unsafe "the channel made at \(fields.pointee.fileID):\(fields.pointee.line)"
    }
}

/// What a wait queue consists of. What a message touches comes first.
@safe
@usableFromInline
struct WaitQueueFields: ~Copyable {
    @usableFromInline var first: TaskletRecord?
    @usableFromInline var last: TaskletRecord?
    /// The only scheduler that uses the queue; `nil` when it is shared.
    @usableFromInline let home: Atomic<UnsafeMutableRawPointer?>
    /// Waiting senders, or minus waiting receivers.
    @usableFromInline var balance = 0
    /// −1: the receiver goes on after a meeting; 1: the sender; 0: the caller.
    @usableFromInline var preference = -1
    @usableFromInline var schedulesAll = false
    @usableFromInline var isClosing = false
    var isPromised = false
    @usableFromInline let lock: OpaquePointer
    let maker: SchedulerCore
    let name: String?
    let fileID: StaticString
    let line: UInt

    init(maker: SchedulerCore, name: String?, fileID: StaticString, line: UInt) {
        unsafe home = unsafe Atomic(maker.identity)
        unsafe lock = stack_door_make()
        self.maker = maker
        self.name = name
        self.fileID = fileID
        self.line = line
    }

    deinit {
        unsafe stack_door_free(lock)
    }
}
