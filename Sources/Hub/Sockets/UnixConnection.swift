import Tasklets

/// A connection between processes of one machine: bytes in order, both ways, and descriptors with them.
///
/// It belongs to the scheduler that made it. It is closed with its last reference, and with its scheduler.
public final class UnixConnection: ByteStream, CustomStringConvertible {
    package let socket: Socket
    public let readAhead = ReadAhead()

    init(_ socket: Socket) {
        self.socket = socket
    }

    /// Connects to a path at which a ``UnixListener`` listens.
    ///
    /// - Throws: `SystemError`, `.noSuchFile` or `.connectionRefused` when nobody does; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func connect(to path: String) throws -> UnixConnection {
        let address = try SocketAddress(path: path)
        let socket = try Socket.open(.unix, isStream: true) { _, _ in }
        // A full backlog says so at once, and nothing tells when there is room.
        while true {
            do {
                try socket.connect(to: address)
                return UnixConnection(socket)
            } catch let error as SystemError where error.code.rawValue == -SystemError.wouldBlock {
                try Tasklet.sleep(for: .milliseconds(1))
            }
        }
    }

    /// Two connections, each the other side of the other one: between tasklets, or to a child.
    public static func pair() throws -> (UnixConnection, UnixConnection) {
        let hub = try HubCore.current()
        let (first, second) = try hub.ports.openPair(isStream: true)
        return (UnixConnection(Socket(hub, first)), UnixConnection(Socket(hub, second)))
    }

    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        unsafe try socket.read(into: buffer)
    }

    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        unsafe try socket.write(pieces)
    }

    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func finishWriting() throws {
        try socket.ports.shutdown(socket.handle, reads: false, writes: true)
    }

    public func close() { socket.close() }

    public var description: String { "connection on this machine" }

    // MARK: Descriptors

    /// Sends bytes, and descriptors with the first of them: the other side gets copies. They stay the caller's.
    ///
    /// - Precondition: there is at least one byte, and there are at most 64 descriptors.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func send(descriptors: [Int32], with bytes: [UInt8]) throws {
        guard !bytes.isEmpty, descriptors.count <= 64 else {
            fatalError("Descriptors are sent with at least one byte, and at most 64 at once.")
        }
        let sent = try unsafe bytes.withUnsafeBytes { bytes in
            try socket.hub.perform(.write, at: socket.handle) { ports in
                unsafe try ports.send(socket.handle, bytes, descriptors: descriptors)
            }
        }
        if sent < bytes.count { try write([UInt8](bytes[sent...])) }
    }

    /// Waits for bytes, and takes the descriptors that come with them. They are the caller's to close; children do not get
    /// them. No bytes: the other side has finished.
    ///
    /// - Precondition: nothing was read ahead: no line, and no number of bytes, was asked for before.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func receiveDescriptors(upTo limit: Int = 4096) throws -> (bytes: [UInt8], descriptors: [Int32]) {
        guard readAhead.count == 0, limit > 0 else {
            fatalError(
                "Descriptors come with their bytes: these must not have been read ahead, and the limit must be positive."
            )
        }
        var descriptors: [Int32] = []
        let bytes = unsafe try [UInt8](unsafeUninitializedCapacity: limit) { memory, count in
            let buffer = UnsafeMutableRawBufferPointer(memory)
            (count, descriptors) = try socket.hub.perform(.read, at: socket.handle) { ports in
                unsafe try ports.receiveDescriptors(socket.handle, into: buffer)
            }
        }
        return (bytes, descriptors)
    }
}
