/// Sockets that the program has been given: by whoever started it, or through a ``UnixConnection``. And the descriptors of the hub's
/// own ones, to give them to others.
extension TCPConnection {
    /// A connection that is open already.
    ///
    /// ```swift
    /// let received = try gate.receiveDescriptors()
    /// let connection = try TCPConnection(descriptor: received.descriptors[0])
    /// close(received.descriptors[0])
    /// ```
    ///
    /// The descriptor stays the caller's, and may be closed before or after. The open socket does not block from now on, for others
    /// that have it too.
    ///
    /// - Throws: `SystemError`, `.invalidArgument` when it is none of TCP, or one that listens; `.badDescriptor`.
    public convenience init(descriptor: Int32) throws {
        let socket = try Socket.open(descriptor, isUnix: false, isListening: false)
        guard let other = try socket.address(isOtherSide: true) else {
            throw SystemError(.notConnected, "use descriptor \(descriptor) as a connection")
        }
        self.init(socket, from: other)
    }

    /// Its number, to be given to others: the connection still closes it.
    ///
    /// - Throws: `SystemError`, `.closed`.
    public var descriptor: Int32 { get throws { try socket.descriptor } }
}

extension TCPListener {
    /// A listener that is open already, as a supervisor gives it to the servers that it starts. As
    /// ``TCPConnection/init(descriptor:)``.
    ///
    /// - Throws: `SystemError`, `.invalidArgument` when it is none of TCP, or one that does not listen; `.badDescriptor`.
    public convenience init(descriptor: Int32) throws {
        let socket = try Socket.open(descriptor, isUnix: false, isListening: true)
        guard let address = try socket.address(isOtherSide: false) else {
            throw SystemError(.invalidArgument, "use descriptor \(descriptor) as a listener")
        }
        self.init(socket, at: address)
    }

    /// Its number, to be given to others: the listener still closes it.
    ///
    /// - Throws: `SystemError`, `.closed`.
    public var descriptor: Int32 { get throws { try socket.descriptor } }
}

extension UnixConnection {
    /// A connection that is open already. As ``TCPConnection/init(descriptor:)``.
    ///
    /// - Throws: `SystemError`, `.invalidArgument` when it is none of this kind, or one that listens; `.badDescriptor`.
    public convenience init(descriptor: Int32) throws {
        self.init(try Socket.open(descriptor, isUnix: true, isListening: false))
    }

    /// Its number, to be given to others: the connection still closes it.
    ///
    /// - Throws: `SystemError`, `.closed`.
    public var descriptor: Int32 { get throws { try socket.descriptor } }
}

extension Socket {
    fileprivate static func open(_ descriptor: Int32, isUnix: Bool, isListening: Bool) throws -> Socket {
        let hub = try HubCore.current()
        let ports = Hub.systemPorts(of: hub)
        return Socket(hub, try ports.openSocket(descriptor, isUnix: isUnix, isListening: isListening))
    }

    fileprivate var descriptor: Int32 {
        get throws { try Hub.systemPorts(of: hub).descriptor(of: handle) }
    }
}
