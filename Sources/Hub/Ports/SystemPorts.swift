import CTasklets
package import Tasklets

/// The ports of the system: descriptors, and epoll, which says at which of them something has happened.
///
/// Each descriptor is registered once, for both directions and edge-triggered: an event is a change, and ``Slot/isReadable`` and
/// ``Slot/isWritable`` keep what is known. An operation is tried while its bit is set, and takes the bit away when the system
/// says that it would block. Then its tasklet waits until an event sets it:
///
///     read: isReadable? ─yes─▶ system ─bytes──────────────────▶ done; a short read of a stream takes the bit away
///                 │no               └───would block─▶ bit away ─▶ wait
///                 └────────────────────────────────────────────▶ wait ──event: bit set──▶ again
///
/// An event carries the handle: one for a descriptor that was closed meanwhile finds another generation, and is dropped.
///
/// Touched by its scheduler's thread, but for `interrupt`; and inside the gate by threads that end a wait here, or report on it.
/// So the table is changed inside the gate.
///
/// Safe because the memory of the table is this object's, and every access to it is by `slot`, which looks at its bounds.
@safe
package final class SystemPorts: Ports {
    /// What is known of a descriptor.
    struct Slot {
        var descriptor: Int32 = -1
        var generation: UInt32 = 0
        var reader: WaitEntry?
        var writer: WaitEntry?
        var isReadable = true
        var isWritable = true
        /// Whether the other side has finished writing: no more events say so.
        var isFinished = false
        /// Whether a short read says that nothing more is there: true of a stream socket, of nothing else.
        var drainsByShortRead = false
        /// Whether the open file is shared with others who want it to block: then it is asked before each operation.
        var mayBlock = false
        /// Whether connections come here, and no bytes.
        var isListening = false
        /// What there is to do besides when it is closed.
        var atClose: AtClose?
        /// Whether it was opened here, and is closed here.
        var isOwn = true
        /// How many wait at one that was not opened here: it is known as long as that.
        var guests = 0
    }

    enum AtClose {
        case stopListening(Int32)
        case endKeys(Int32)

        func perform() {
            switch self {
            case .stopListening(let listener): signals_stop(listener)
            case .endKeys(let terminal): terminal_end_keys(terminal)
            }
        }
    }

    private let set: Int32
    private let alarm: Int32
    private var slots: UnsafeMutableBufferPointer<Slot>
    private var free: [UInt32] = []
    private var used = 0
    private let events: UnsafeMutablePointer<poll_event>
    private static let mostEvents = 256
    /// How many events the last `sleep` has left for `collect`.
    private var eventCount = 0
    /// Where descriptors are that were not opened here.
    var guests: [Int32: Handle] = [:]

    /// The alarm has a key that no handle has.
    private static let alarmKey = UInt64.max

    package init() throws(SystemError) {
        // Else one of the first descriptors would be taken for the standard input of this program, or of a child.
        _ = try SystemError.check(descriptor_fill_standard(), "open /dev/null in place of a standard stream")
        set = try SystemError.check(poll_make(), "make an epoll instance")
        do {
            alarm = try SystemError.check(poll_alarm_make(), "make an eventfd")
        } catch {
            descriptor_close(set)
            throw error
        }
        unsafe events = .allocate(capacity: Self.mostEvents)
        unsafe slots = .allocate(capacity: 16)
        unsafe slots.initialize(repeating: Slot())
        // Without it no other thread could wake this one.
        let result = poll_add(set, alarm, Self.alarmKey)
        guard result < 0 else { return }
        throw SystemError(number: -result, "register an eventfd")
    }

    deinit {
        unsafe events.deallocate()
        unsafe slots.deallocate()
        descriptor_close(alarm)
        descriptor_close(set)
    }

    // MARK: The table

    /// The slot of a handle; `nil` when that was closed. Not kept over anything that opens: the table moves when it grows.
    func slot(_ handle: Handle) -> UnsafeMutablePointer<Slot>? {
        guard unsafe Int(handle.index) < slots.count else { return nil }
        let slot = unsafe slots.baseAddress! + Int(handle.index)
        return unsafe slot.pointee.generation == handle.generation && slot.pointee.descriptor >= 0 ? slot : nil
    }

    /// - Throws: that the handle was closed.
    func open(_ handle: Handle, _ operation: @autoclosure () -> String) throws(SystemError) -> UnsafeMutablePointer<
        Slot
    > {
        guard let slot = unsafe slot(handle) else { throw SystemError(.closed, operation()) }
        return unsafe slot
    }

    /// Takes a descriptor that does not block into the table. It is closed when that fails, unless it is a guest.
    ///
    /// - Parameter mayBeFile: whether it may be one that is always ready, and cannot be waited for.
    func adopt(
        _ descriptor: Int32,
        isStreamSocket: Bool,
        isOwn: Bool = true,
        mayBeFile: Bool = false
    ) throws(SystemError) -> Handle {
        // One of others that had this number was closed behind our back, and the system knows nothing of it any more.
        if isOwn, let stale = guests.removeValue(forKey: descriptor) { forget(stale) }
        let handle = changing {
            let index = takeIndex()
            let slot = unsafe slots.baseAddress! + Int(index)
            let handle = unsafe Handle(index: index, generation: slot.pointee.generation)
            unsafe slot.pointee = Slot(
                descriptor: descriptor,
                generation: handle.generation,
                // What others have done with theirs is not known: the system says so when it is registered.
                isReadable: isOwn,
                isWritable: isOwn,
                drainsByShortRead: isStreamSocket,
                isOwn: isOwn
            )
            return handle
        }
        let result = poll_add(set, descriptor, handle.key)
        if result >= 0 || (mayBeFile && result == SystemError.notPermitted) { return handle }
        forget(handle)
        if isOwn { descriptor_close(descriptor) }
        throw SystemError(number: -result, "register descriptor \(descriptor)")
    }

    /// Takes both ends of a pair into the table, or closes both.
    func adoptBoth(_ ends: (Int32, Int32), isStreamSocket: Bool) throws(SystemError) -> (Handle, Handle) {
        let first: Handle
        do {
            first = try adopt(ends.0, isStreamSocket: isStreamSocket)
        } catch {
            descriptor_close(ends.1)
            throw error
        }
        do {
            return (first, try adopt(ends.1, isStreamSocket: isStreamSocket))
        } catch {
            close(first)
            throw error
        }
    }

    /// Changes the table inside the gate, in which the caller may be already.
    func changing<Result>(_ body: () -> Result) -> Result {
        let core = SchedulerCore.current
        return core.isInsideGate ? body() : core.insideGate { _ in body() }
    }

    private func takeIndex() -> UInt32 {
        if let index = free.popLast() { return index }
        if unsafe used == slots.count { grow() }
        used += 1
        return UInt32(used - 1)
    }

    private func grow() {
        let larger = unsafe UnsafeMutableBufferPointer<Slot>.allocate(capacity: slots.count * 2)
        let next = unsafe larger.moveInitialize(fromContentsOf: slots)
        unsafe larger[next...].initialize(repeating: Slot())
        unsafe slots.deallocate()
        unsafe slots = unsafe larger
    }

    /// Takes the handle out of the table, and wakes those that wait there: they see that it is closed.
    private func forget(_ handle: Handle) {
        changing {
            guard let slot = unsafe slot(handle) else { return }
            let entries = unsafe [slot.pointee.reader, slot.pointee.writer]
            unsafe slot.pointee = Slot(generation: handle.generation &+ 1)
            free.append(handle.index)
            for case let entry? in entries { entry.tasklet.scheduler.wake(entry) }
        }
    }

    package func close(_ handle: Handle) {
        guard let slot = unsafe slot(handle) else { return }
        let (descriptor, isOwn, atClose) = unsafe (slot.pointee.descriptor, slot.pointee.isOwn, slot.pointee.atClose)
        // A copy of the descriptor, in a child say, would keep it registered.
        _ = poll_remove(set, descriptor)
        if !isOwn { guests[descriptor] = nil }
        // Before another one gets the number.
        forget(handle)
        atClose?.perform()
        if isOwn { descriptor_close(descriptor) }
    }

    package func closeAll() {
        for index in 0..<used {
            let slot = unsafe slots[index]
            close(Handle(index: UInt32(index), generation: slot.generation))
        }
    }

    /// How many descriptors are open: what a test counts.
    package var openCount: Int { used - free.count }

    // MARK: Events

    package var pending: Int { 0 }

    package func sleep(until deadline: Int64) {
        // What the last sleep has brought is not told again: it is collected first.
        if eventCount > 0 { return }
        let nanoseconds = deadline == .max ? -1 : max(deadline - clock_now(), 0)
        eventCount = listen(nanoseconds)
    }

    package func collect(for core: SchedulerCore) {
        if eventCount == 0 { eventCount = listen(0) }
        for number in 0..<eventCount { heed(unsafe events[number], core) }
        eventCount = 0
    }

    private func listen(_ nanoseconds: Int64) -> Int {
        Int(Self.expect(unsafe poll_wait(set, events, Int32(Self.mostEvents), nanoseconds), of: set))
    }

    package func interrupt() { _ = Self.expect(poll_alarm_ring(alarm), of: alarm) }

    /// What the hub does with descriptors of its own fails only if somebody else has closed them. Nothing would ever be heard
    /// again: every wait would be endless.
    private static func expect(_ result: Int32, of descriptor: Int32) -> Int32 {
        if result >= 0 { return result }
        fatalError(
            "The hub cannot use descriptor \(descriptor), which is its own: \(SystemError.text(of: -result)). Something in this "
                + "program has closed it: look for a descriptor that is closed twice, whose number the hub was given in between."
        )
    }

    private func heed(_ event: poll_event, _ core: SchedulerCore) {
        if event.key == Self.alarmKey { return poll_alarm_stop(alarm) }
        guard let slot = unsafe slot(Handle(key: event.key)) else { return }
        let happened = event.happened
        if happened & UInt32(poll_finished) != 0 { unsafe slot.pointee.isFinished = true }
        if happened & UInt32(poll_readable) != 0 {
            let reader = unsafe slot.pointee.reader.take()
            // Of others' nobody takes the bit away: an event is for one wait.
            unsafe slot.pointee.isReadable = slot.pointee.isOwn || reader == nil
            if let reader { core.wake(reader) }
        }
        if happened & UInt32(poll_writable) != 0 {
            let writer = unsafe slot.pointee.writer.take()
            unsafe slot.pointee.isWritable = slot.pointee.isOwn || writer == nil
            if let writer { core.wake(writer) }
        }
    }

    /// Has the system say anew what is ready: for a descriptor that is used by others, who may have read what was there.
    func askAgain(_ handle: Handle) throws(SystemError) {
        let slot = try unsafe open(handle, "wait")
        let descriptor = unsafe slot.pointee.descriptor
        unsafe slot.pointee.isReadable = false
        unsafe slot.pointee.isWritable = false
        _ = poll_remove(set, descriptor)
        let result = poll_add(set, descriptor, handle.key)
        if result >= 0 { return }
        // Closed behind our back: those who wait there hear of it, too.
        close(handle)
        throw SystemError(number: -result, "wait for descriptor \(descriptor)")
    }
}

extension Handle {
    var key: UInt64 { UInt64(generation) << 32 | UInt64(index) }

    init(key: UInt64) {
        index = UInt32(truncatingIfNeeded: key)
        generation = UInt32(truncatingIfNeeded: key >> 32)
    }
}
