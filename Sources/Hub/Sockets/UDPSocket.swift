import Tasklets

/// Sends and receives datagrams of UDP: each comes whole or not at all, in any order.
///
/// ```swift
/// let (first, second) = (try UDPSocket(on: .loopback), try UDPSocket(on: .loopback))
/// try first.send("ping", to: second.address)
/// let datagram = try second.receive()
/// print(String(decoding: datagram.bytes, as: UTF8.self))  // ping
/// ```
///
/// It belongs to the scheduler that made it. It is closed with its last reference, and with its scheduler.
public final class UDPSocket {
    /// What was received, and from whom.
    public struct Datagram: Hashable, Sendable {
        public let bytes: [UInt8]
        public let sender: SocketAddress
        /// Whether it was longer than the limit: its end is lost.
        public let isCut: Bool
    }

    package let socket: Socket
    /// Where it receives.
    public let address: SocketAddress

    /// - Parameters:
    ///   - address: where datagrams are received, and come from.
    ///   - port: 0 for one that is free.
    ///   - sharesPort: whether other sockets may have the same port if they say the same.
    public init(on address: IPAddress, port: UInt16 = 0, sharesPort: Bool = false) throws {
        let wanted = SocketAddress(address, port: port)
        socket = try Socket.open(wanted.family, isStream: false) { ports, handle in
            if sharesPort { try ports.setOption(.reusePort, of: handle, to: 1) }
            try ports.bind(handle, to: wanted)
        }
        self.address = try socket.address(isOtherSide: false) ?? wanted
    }

    /// Sends a datagram; waits while there is no room.
    ///
    /// - Throws: `SystemError`, `.messageTooLong` for more than 65,507 bytes, `.connectionRefused` when the system has heard that
    ///   nobody receives there (of this datagram or of one before); what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func send(_ bytes: [UInt8], to address: SocketAddress) throws {
        try unsafe bytes.withUnsafeBytes { bytes in
            try socket.hub.perform(.write, at: socket.handle) { ports in
                unsafe try ports.send(socket.handle, bytes, to: address) ? () : nil
            }
        }
    }

    /// Sends a text as a datagram.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func send(_ text: String, to address: SocketAddress) throws {
        try send([UInt8](text.utf8), to: address)
    }

    /// Waits for a datagram.
    ///
    /// - Parameter limit: how many bytes of it are kept at most.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func receive(upTo limit: Int = 65_535) throws -> Datagram {
        guard limit >= 0 else { fatalError("At most so many bytes of a datagram are kept: not \(limit).") }
        var sender: SocketAddress?
        var length = 0
        // None is longer than that.
        let limit = min(limit, 65_535)
        let bytes = unsafe try [UInt8](unsafeUninitializedCapacity: limit) { memory, count in
            let buffer = UnsafeMutableRawBufferPointer(memory)
            (length, sender) = try socket.hub.perform(.read, at: socket.handle) { ports in
                unsafe try ports.receive(socket.handle, into: buffer)
            }
            count = min(length, limit)
        }
        // Not with room for the longest one.
        let kept = bytes.count < limit / 2 ? [UInt8](bytes[...]) : bytes
        return Datagram(bytes: kept, sender: sender ?? address, isCut: length > limit)
    }

    /// Whether datagrams may be sent to all of a network.
    public func setBroadcasts(_ isOn: Bool) throws {
        try socket.ports.setOption(.broadcast, of: socket.handle, to: isOn ? 1 : 0)
    }

    public func close() { socket.close() }
}
