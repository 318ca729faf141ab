#if TLS
public import Hub

/// Waits for connections that are to be secured: what a `Server` takes its connections from.
///
/// ```swift
/// let context = try TLSContext.server(TLSIdentity(certificateFile: "server.pem", keyFile: "server.key"))
/// try serve(on: TLSListener(on: TCPListener(on: .any, port: 7777), context), limit: 100) { secure in
///     try withTimeout(.seconds(10)) { try secure.handshake() }
///     while let line = try secure.readLine() { try secure.write(line + "\n") }
///     try secure.finishWriting()
/// }
/// ```
///
/// What it accepts is not secured yet, so that a client which is slow holds up nobody: that comes with the first read or write
/// of the handler, or by ``TLSStream/handshake()``.
public final class TLSListener<Below: ConnectionListener>: ConnectionListener {
    /// Where the connections come from.
    public let below: Below
    private let context: TLSContext

    /// - Precondition: the context was made by `TLSContext.server`.
    public init(on below: Below, _ context: TLSContext) {
        self.below = below
        self.context = context
    }

    /// Waits for a connection; not for its handshake.
    ///
    /// - Throws: what the listener below throws.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func accept() throws -> TLSStream {
        TLSStream.accepted(over: try below.accept(), context)
    }

    /// Accepts no more; closes the listener below.
    public func close() { below.close() }
}
#endif
