import Tasklets

/// Where bytes come out: the end of a pipe, standard input, what a child prints.
///
/// ```swift
/// let (reader, writer) = try Hub.pipe()
/// Tasklet {
///     try writer.write("one\ntwo\n")
///     writer.close()
/// }
/// while let line = try reader.readLine() { print(line) }
/// ```
///
/// It belongs to the scheduler that made it. It is closed with its last reference, and with its scheduler.
public final class PipeReader: ByteReader {
    package let socket: Socket
    public let readAhead = ReadAhead()

    package init(_ socket: Socket) {
        self.socket = socket
    }

    /// Reads from a descriptor that the program has, of whatever kind: a pipe, a terminal, a file.
    ///
    /// The descriptor stays the caller's and may be closed before or after. The flag of its open file that says whether reads
    /// block is not changed, since other processes may share that: a shell its terminal, for example. A regular file is read
    /// at once, and the thread waits for the disk.
    ///
    /// - Throws: `SystemError` when it is no descriptor.
    public convenience init(descriptor: Int32) throws {
        let hub = try HubCore.current()
        self.init(Socket(hub, try hub.ports.borrow(descriptor, for: .read)))
    }

    /// Reads what the program is given.
    ///
    /// ```swift
    /// let input = try PipeReader.standardInput()
    /// while let line = try input.readLine() { print(line.count) }
    /// ```
    ///
    /// Keep it: what it has read ahead is lost with it, and nobody else gets that.
    ///
    /// - Throws: `SystemError` when standard input is closed.
    public static func standardInput() throws -> PipeReader { try PipeReader(descriptor: 0) }

    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        unsafe try socket.read(into: buffer)
    }

    /// Reads no more. Who writes gets an error then. Tasklets that wait here get one, too. Has no effect the second time.
    public func close() { socket.close() }
}
