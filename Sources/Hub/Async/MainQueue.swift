import Tasklets

/// Does what `MainActor` functions ask of the main thread, as long as tasklets of that thread await async functions.
final class MainQueue {
    private let core: SchedulerCore
    private let ports: SystemPorts
    private let descriptor: Int32
    private var awaits = 0
    /// Whether there is a tasklet that serves, or will when it has its turn.
    private var hasServer = false
    private var server: Tasklet?

    /// As much as the main thread usually has: functions of the main actor run in it. Only touched pages take memory.
    private static let stackSize = 8 * 1024 * 1024

    /// What the kernel keeps of it; `nil` on every other thread.
    private struct Memory {
        let queue: MainQueue?
    }

    /// That of the calling thread, if it is the main thread and the program has such a queue. An await of it begins.
    ///
    /// - Throws: `SystemError` when the system has no descriptor left.
    static func beginIfMainThread() throws -> MainQueue? {
        let core = SchedulerCore.current
        let memory = try unsafe core.memory(of: Memory.self) ?? make(for: core)
        guard let queue = unsafe memory.pointee.queue else { return nil }
        queue.begin()
        return queue
    }

    private static func make(for core: SchedulerCore) throws -> UnsafeMutablePointer<Memory> {
        let queue = try SystemPorts.mainQueue().map { descriptor in
            try (HubCore.current().ports as? SystemPorts).map { MainQueue(core, $0, descriptor) }
        }
        let memory = UnsafeMutablePointer<Memory>.allocate(capacity: 1)
        unsafe memory.initialize(to: Memory(queue: queue ?? nil))
        unsafe core.add(memory) { end in
            guard case .isOver = end else { return }
            unsafe memory.deinitialize(count: 1)
            unsafe memory.deallocate()
        }
        return unsafe memory
    }

    private init(_ core: SchedulerCore, _ ports: SystemPorts, _ descriptor: Int32) {
        self.core = core
        self.ports = ports
        self.descriptor = descriptor
    }

    private func begin() {
        awaits += 1
        // At each await: the program may have killed it meanwhile, or taken it out of the ring.
        if !hasServer { return addServer() }
        // Else maybe it has not noticed that the last await has ended.
        if let server, server.isPaused { try? server.insert() }
    }

    /// Without the values of locals that the awaiting tasklet has: it serves all of them.
    private func addServer() {
        hasServer = true
        let seat = Seat(self)
        core.insideGate { _ in
            core.addTasklet(name: "main queue", stackSize: Self.stackSize) {
                seat.queue.server = .current
                try seat.queue.serve()
            }
        }
    }

    fileprivate func serverIsGone() {
        hasServer = false
        server = nil
    }

    func end() {
        awaits -= 1
        // While it waits outside no deadlock would be seen.
        if awaits == 0, let server, server.isBlocked { try? server.raise(NothingAwaited(), pending: true) }
    }

    private func serve() throws {
        guard let handle = try ports.beginVisit(descriptor, .read) else { return }
        defer { ports.endVisit(handle) }
        while true {
            if awaits == 0 {
                try Tasklet.scheduleRemove()
            } else if SystemPorts.takeMainQueue(descriptor) {
                core.withoutSwitching { SystemPorts.drainMainQueue() }
                try Tasklet.schedule()
            } else {
                do { try HubCore.current().wait(.read, at: handle, isDaemon: true) } catch is NothingAwaited {}
            }
        }
    }
}

/// Belongs to the tasklet that serves: goes with its body.
private final class Seat {
    let queue: MainQueue

    init(_ queue: MainQueue) {
        self.queue = queue
    }

    deinit { queue.serverIsGone() }
}

private struct NothingAwaited: Error {}
