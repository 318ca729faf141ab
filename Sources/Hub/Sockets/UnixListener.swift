import Tasklets

/// Waits for connections at a path.
///
/// The file at the path is removed by ``close()`` and with the last reference. One that a crashed program has left there is in
/// the way: `SystemError` `.addressInUse`. Remove it when no other program can listen there.
public final class UnixListener {
    package let socket: Socket
    public let address: SocketAddress
    private var hasFile = true

    /// Listens at a path of at most 107 bytes; "@name" is a name that belongs to no file.
    public init(path: String, backlog: Int = 4096) throws {
        let address = try SocketAddress(path: path)
        socket = try Socket.open(.unix, isStream: true) { ports, handle in
            try ports.bind(handle, to: address)
            do {
                try ports.listen(handle, backlog: backlog)
            } catch {
                if !path.hasPrefix("@") { ports.removeSocketFile(path) }
                throw error
            }
        }
        self.address = address
    }

    deinit { removeFile() }

    /// Waits for a connection. As `TCPListener.accept()`.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func accept() throws -> UnixConnection {
        UnixConnection(try socket.accept().0)
    }

    /// Accepts no more, and removes the file. Has no effect the second time.
    public func close() {
        removeFile()
        socket.close()
    }

    private func removeFile() {
        guard case .unix(let path) = address, !path.hasPrefix("@"), hasFile else { return }
        hasFile = false
        socket.hub.ports.removeSocketFile(path)
    }
}
