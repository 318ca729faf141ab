import Tasklets

/// Waits for connections of TCP.
///
/// ```swift
/// let listener = try TCPListener(on: .loopback, port: 0)
/// print(listener.address.port > 0)  // true
/// listener.close()
/// ```
///
/// It belongs to the scheduler that made it. A server on several threads has a listener on each, at one port: `sharesPort`.
public final class TCPListener {
    package let socket: Socket
    /// Where it listens; with the port that the system has chosen, if 0 was asked for.
    public let address: SocketAddress

    /// Listens at an address of this machine.
    ///
    /// - Parameters:
    ///   - address: `.loopback` for this machine only; `.any` or `.any6` for everybody.
    ///   - port: 0 for one that is free.
    ///   - sharesPort: whether other listeners may have the same port if they say the same; the system gives each connection to
    ///     one of them.
    ///   - backlog: how many connections wait at most until they are accepted.
    /// - Throws: `SystemError`, `.addressInUse` when another one listens there.
    public init(on address: IPAddress, port: UInt16, sharesPort: Bool = false, backlog: Int = 4096) throws {
        let wanted = SocketAddress(address, port: port)
        socket = try Socket.open(wanted.family, isStream: true) { ports, handle in
            // Connections of a former run that are not quite over yet do not count.
            try ports.setOption(.reuseAddress, of: handle, to: 1)
            if sharesPort { try ports.setOption(.reusePort, of: handle, to: 1) }
            // Else `.any6` would take the port of version 4, too, or not, as the system is set.
            if address.isVersion6 { try ports.setOption(.onlyVersion6, of: handle, to: address == .any6 ? 0 : 1) }
            try ports.bind(handle, to: wanted)
            try ports.listen(handle, backlog: backlog)
        }
        self.address = try socket.address(isOtherSide: false) ?? wanted
    }

    init(_ socket: Socket, at address: SocketAddress) {
        self.socket = socket
        self.address = address
    }

    /// Waits for a connection.
    ///
    /// - Throws: `SystemError`: `.closed` after ``close()``; `.tooManyOpenFiles` when the process has no descriptor left for it:
    ///   the connection still waits then. See ``serve(on:limit:grace:_:)``, which survives that.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func accept() throws -> TCPConnection {
        while true {
            do {
                let (accepted, from) = try socket.accept()
                return TCPConnection(accepted, from: from ?? address)
            } catch let error as SystemError where TCPListener.isOfOneConnection(error) {
                // That one has ended before it was accepted.
            }
        }
    }

    /// Whether an error of accept is one of a connection that has ended meanwhile, and not of the listener.
    static func isOfOneConnection(_ error: SystemError) -> Bool {
        // ECONNABORTED, EPROTO, EPERM (a firewall), and what the network says of the other side: as accept(2) lists them.
        [103, 71, 1, 64, 92, 95, 100, 101, 112, 113, 110].contains(error.code.rawValue)
    }

    /// Accepts no more. A tasklet that waits in ``accept()`` gets an error, and connections that wait are refused. Has no effect
    /// the second time.
    public func close() { socket.close() }
}
