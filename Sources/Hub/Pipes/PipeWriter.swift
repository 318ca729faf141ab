import Tasklets

/// Where bytes go in: the end of a pipe, standard output, what a child reads.
///
/// It belongs to the scheduler that made it. It is closed with its last reference, and with its scheduler. See ``PipeReader``.
public final class PipeWriter: ByteWriter {
    package let socket: Socket

    package init(_ socket: Socket) {
        self.socket = socket
    }

    /// Writes to a descriptor that the program has, of whatever kind: as `PipeReader.init(descriptor:)`.
    ///
    /// - Throws: `SystemError` when it is no descriptor.
    public convenience init(descriptor: Int32) throws {
        let hub = try HubCore.current()
        self.init(Socket(hub, try hub.ports.borrow(descriptor, for: .write)))
    }

    /// Writes what the program prints. A reader that is slow makes the tasklet wait and not the thread, as `print` would.
    ///
    /// What was printed before and is still in `print`'s buffer comes later.
    ///
    /// - Throws: `SystemError` when standard output is closed.
    public static func standardOutput() throws -> PipeWriter { try PipeWriter(descriptor: 1) }

    /// The same for standard error.
    ///
    /// - Throws: `SystemError` when standard error is closed.
    public static func standardError() throws -> PipeWriter { try PipeWriter(descriptor: 2) }

    /// - Throws: also `SystemError`, `.brokenPipe` when nobody reads any more.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        unsafe try socket.write(pieces)
    }

    /// The reader comes to the end: ``close()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func finishWriting() throws { close() }

    /// The reader comes to the end. Tasklets that wait here get an error. Has no effect the second time.
    public func close() { socket.close() }
}
