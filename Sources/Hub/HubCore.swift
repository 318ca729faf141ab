import Synchronization
package import Tasklets

/// What a scheduler has for the outside: its ports, made at the first use.
///
/// The objects of the hub (connections, listeners) keep it. They may outlive the scheduler; what they opened was closed then.
package final class HubCore {
    package let core: SchedulerCore
    package let ports: any Ports
    /// How many operations may succeed at once until the next one lets the others run.
    private var operationsLeft = HubCore.operationsInARow
    private static let operationsInARow = 64
    private let hasEnded = Atomic(false)
    /// Children that run, by their numbers.
    package var children: [Int32: ChildCore] = [:]
    /// Made when somebody borrows it.
    private(set) lazy var lentMemory = LentMemory()
    /// Whether the scheduler is about to end its tasklets.
    private(set) var isEnding = false

    /// What the kernel keeps of it.
    private struct Memory {
        let hub: HubCore
    }

    /// That of the calling thread's scheduler.
    ///
    /// - Throws: `SystemError` when the system has no descriptors left for it.
    package static func current() throws -> HubCore {
        let core = SchedulerCore.current
        if let memory = unsafe core.memory(of: Memory.self) { return unsafe memory.pointee.hub }
        return make(for: core, try SystemPorts())
    }

    /// Gives the calling thread's scheduler other ports than the system's.
    ///
    /// - Precondition: it has none yet: nothing of the hub was used.
    package static func use(_ ports: any Ports) {
        let core = SchedulerCore.current
        guard unsafe core.memory(of: Memory.self) == nil else { fatalError("The scheduler has ports already.") }
        _ = make(for: core, ports)
    }

    private static func make(for core: SchedulerCore, _ ports: any Ports) -> HubCore {
        let hub = HubCore(core, ports)
        let memory = UnsafeMutablePointer<Memory>.allocate(capacity: 1)
        unsafe memory.initialize(to: Memory(hub: hub))
        unsafe core.add(memory) { end in
            if case .begins = end { unsafe memory.pointee.hub.isEnding = true }
            guard case .isOver = end else { return }
            unsafe memory.pointee.hub.end()
            unsafe memory.deinitialize(count: 1)
            unsafe memory.deallocate()
        }
        core.setEventSource(hub.ports)
        return hub
    }

    private init(_ core: SchedulerCore, _ ports: any Ports) {
        self.core = core
        self.ports = ports
        core.makeClaim()
    }

    deinit { core.dropClaim() }

    private func end() {
        endChildren()
        ports.closeAll()
        core.setEventSource(nil)
        hasEnded.store(true, ordering: .releasing)
    }

    // MARK: Operations

    /// Whether the caller runs under the scheduler that this belongs to.
    var isHere: Bool { SchedulerCore.currentIfAny == core }

    /// The ports, for a caller on the scheduler's own thread.
    package var checkedPorts: any Ports {
        if isHere { return ports }
        fatalError(
            "A socket, a pipe or a file of the hub belongs to the scheduler that made it, and this is another thread or scope: "
                + "make it where it is used, or send what was read through a channel."
        )
    }

    /// Does something that may have to wait: tries, waits until it is worth another try, and so on. After some operations in a
    /// row that need not wait the others have their turn first, so that a busy connection starves nobody.
    ///
    /// - Parameter attempt: `nil` when it would block.
    /// - Throws: what `attempt` throws, or what refuses or ends the wait. Nothing has been done then: what `attempt` has done is
    ///   never thrown away.
    package func perform<Result>(
        _ direction: Direction,
        at handle: Handle,
        isDaemon: Bool = false,
        _ attempt: (any Ports) throws -> Result?
    ) throws -> Result {
        let ports = checkedPorts
        try countOperation()
        while true {
            if let result = try attempt(ports) { return result }
            try wait(direction, at: handle, isDaemon: isDaemon)
        }
    }

    /// Lets the others run if there were many operations in a row that did not wait.
    package func countOperation() throws {
        operationsLeft -= 1
        if operationsLeft > 0 { return }
        operationsLeft = Self.operationsInARow
        try core.schedule()
    }

    /// Waits until it is worth a try.
    package func wait(_ direction: Direction, at handle: Handle, isDaemon: Bool = false) throws {
        try ports.checkMayWait(for: direction, at: handle)
        var interest = Interest(handle: handle, direction: direction)
        // A local of the waiting frame: no check, so it may be open over the switch.
        try unsafe withUnsafeMutablePointer(to: &interest) { interest in
            try unsafe core.waitOutside(
                at: ports,
                argument: interest,
                isDaemon: isDaemon,
                isOver: { try ports.isReady(for: direction, at: handle) },
                register: { entry in
                    operationsLeft = Self.operationsInARow
                    return ports.add(entry)
                }
            )
        }
    }

    /// Does what belongs to the scheduler's thread, on whatever thread the last reference of something went. Not when the
    /// scheduler has ended: everything was closed then.
    func whereItBelongs(_ body: @escaping (HubCore) -> Void) {
        if isHere { return body(self) }
        if hasEnded.load(ordering: .acquiring) { return }
        // Safe since the job runs on the thread that the hub belongs to.
        nonisolated(unsafe) let (hub, body) = (self, body)
        _ = core.post { unsafe body(hub) }
    }
}
