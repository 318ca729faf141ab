import Tasklets

/// Waits for the outside in general: for descriptors that other libraries have opened. What the package's own types do needs
/// none of this.
public enum Hub {
    /// Waits until something can be read from a descriptor, its other side has finished, or it has an error.
    ///
    /// So the library of a database, of sound or of hardware is driven without blocking the other tasklets: ask it for its
    /// descriptor, wait here, let it do what it can. The descriptor stays the library's. It should be one that does not block.
    /// What is always ready, a regular file, is so at once.
    ///
    /// - Throws: `SystemError` when it is no descriptor; `HubError.busy` when another tasklet waits for the same; what ended the
    ///   wait. Whoever closes the descriptor meanwhile is not noticed: end the wait first.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func waitReadable(_ descriptor: Int32) throws {
        try wait(.read, descriptor)
    }

    /// Waits until something can be written to a descriptor, or it has an error. As ``waitReadable(_:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func waitWritable(_ descriptor: Int32) throws {
        try wait(.write, descriptor)
    }

    private static func wait(_ direction: Direction, _ descriptor: Int32) throws {
        let hub = try HubCore.current()
        let ports = systemPorts(of: hub)
        try hub.countOperation()
        guard let handle = try ports.beginVisit(descriptor, direction) else { return }
        defer { ports.endVisit(handle) }
        try hub.wait(direction, at: handle)
        // Others may have closed it, which is noticed when its number comes again.
        _ = unsafe try ports.open(handle, "wait for descriptor \(descriptor)")
    }

    /// A simulated world has no descriptors of others.
    static func systemPorts(of hub: HubCore) -> SystemPorts {
        if let ports = hub.ports as? SystemPorts { return ports }
        fatalError("Only the real system has descriptors to wait for.")
    }
}
