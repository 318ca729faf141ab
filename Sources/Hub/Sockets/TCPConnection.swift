import Tasklets

/// A connection of TCP: bytes in order, both ways.
///
/// ```swift
/// let listener = try TCPListener(on: .loopback, port: 0)
/// Tasklet {
///     let caller = try listener.accept()
///     try caller.write("welcome\n")
///     caller.close()
/// }
/// let connection = try TCPConnection.connect(to: listener.address)
/// print(try connection.readLine() ?? "nothing")  // welcome
/// ```
///
/// It belongs to the scheduler that made it. It is closed with its last reference, and with its scheduler.
public final class TCPConnection: ByteStream, CustomStringConvertible {
    package let socket: Socket
    public let readAhead = ReadAhead()
    /// Where the other side is.
    public let remoteAddress: SocketAddress

    init(_ socket: Socket, from remoteAddress: SocketAddress) {
        self.socket = socket
        self.remoteAddress = remoteAddress
        // What is written goes out at once: an answer that waits for more to be sent costs 40 ms (Nagle's algorithm and delayed
        // acknowledgements). It fails only if the connection has ended already.
        try? socket.ports.setOption(.noDelay, of: socket.handle, to: 1)
    }

    /// Connects to an address. Waits until the other side has answered.
    ///
    /// - Parameters:
    ///   - address: where the other side listens.
    ///   - local: from which of this machine's addresses; `nil` leaves it to the system.
    /// - Throws: `SystemError`, `.connectionRefused` when nobody listens there; what ended the wait. A time limit around it ends
    ///   it sooner than the system would.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func connect(to address: SocketAddress, from local: IPAddress? = nil) throws -> TCPConnection {
        let socket = try Socket.open(address.family, isStream: true) { ports, handle in
            if let local { try ports.bind(handle, to: SocketAddress(local, port: 0)) }
        }
        try socket.connect(to: address)
        return TCPConnection(socket, from: address)
    }

    /// Where this side is.
    ///
    /// - Throws: `SystemError` when the connection is closed.
    public var localAddress: SocketAddress {
        get throws {
            guard let address = try socket.address(isOtherSide: false) else {
                throw SystemError(.notConnected, "address of a connection")
            }
            return address
        }
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

    /// Ends the connection at once: what has not been sent is lost, and the other side gets an error.
    public func reset() {
        // Closed already, or ended by the other side.
        try? socket.ports.resetAtClose(socket.handle)
        close()
    }

    public var description: String { "connection with \(remoteAddress)" }

    // MARK: Options

    /// Whether what is written goes out at once, which is so from the beginning.
    public var sendsAtOnce: Bool {
        get throws { try socket.ports.option(.noDelay, of: socket.handle) != 0 }
    }

    public func setSendsAtOnce(_ isOn: Bool) throws {
        try socket.ports.setOption(.noDelay, of: socket.handle, to: isOn ? 1 : 0)
    }

    /// Whether the system asks a silent other side from time to time whether it still exists.
    public func setKeepsAlive(_ isOn: Bool) throws {
        try socket.ports.setOption(.keepAlive, of: socket.handle, to: isOn ? 1 : 0)
    }

    /// How many bytes the system keeps that have not been sent; it takes this for advice.
    public func setSendBuffer(_ size: Int) throws {
        try socket.ports.setOption(.sendBuffer, of: socket.handle, to: size)
    }

    /// How many bytes the system keeps that have not been read; it takes this for advice.
    public func setReceiveBuffer(_ size: Int) throws {
        try socket.ports.setOption(.receiveBuffer, of: socket.handle, to: size)
    }
}
