import Tasklets

extension TCPConnection {
    /// A clause of a `select` that is ready when something can be read, the other side has finished, or the connection has an
    /// error: the body reads.
    ///
    /// ```swift
    /// try select {
    ///     connection.onReadable { print(try connection.readLine() ?? "the end") }
    ///     messages.onReceive { message in try connection.write(message) }
    /// }
    /// ```
    ///
    /// A read that wants more than is there waits as everywhere: a line of which a part has come.
    public func onReadable<Result>(_ body: @escaping () throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .read, isReady: readAhead.count > 0, body)
    }

    /// A clause of a `select` that is ready when something can be written, or the connection has an error: the body writes.
    public func onWritable<Result>(_ body: @escaping () throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .write, body)
    }
}

extension TCPListener {
    /// A clause of a `select` that accepts a connection.
    ///
    /// ```swift
    /// try select {
    ///     listener.onAccept { caller in Tasklet { try serve(caller) } }
    ///     stop.onSet { isRunning = false }
    /// }
    /// ```
    public func onAccept<Result>(_ body: @escaping (TCPConnection) throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .read) { [self] in try body(accept()) }
    }
}

extension UnixConnection {
    /// A clause of a `select` that is ready when something can be read, or the other side has finished: the body reads.
    public func onReadable<Result>(_ body: @escaping () throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .read, isReady: readAhead.count > 0, body)
    }

    /// A clause of a `select` that is ready when something can be written, or the connection has an error: the body writes.
    public func onWritable<Result>(_ body: @escaping () throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .write, body)
    }
}

extension UnixListener {
    /// A clause of a `select` that accepts a connection.
    public func onAccept<Result>(_ body: @escaping (UnixConnection) throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .read) { [self] in try body(accept()) }
    }
}

extension UDPSocket {
    /// A clause of a `select` that receives a datagram.
    ///
    /// ```swift
    /// try select {
    ///     socket.onReceive { datagram in print(datagram.sender) }
    ///     after(.seconds(1)) { print("nobody answers") }
    /// }
    /// ```
    public func onReceive<Result>(_ body: @escaping (Datagram) throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .read) { [self] in try body(receive()) }
    }
}

extension PipeReader {
    /// A clause of a `select` that is ready when something can be read, or nobody writes any more: the body reads.
    public func onReadable<Result>(_ body: @escaping () throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .read, isReady: readAhead.count > 0, body)
    }
}

extension PipeWriter {
    /// A clause of a `select` that is ready when something can be written, or nobody reads any more: the body writes.
    public func onWritable<Result>(_ body: @escaping () throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .write, body)
    }
}
