#if HTTP
public import Hub
public import Sync
import Tasklets

/// Answers requests of HTTP/1.1 and HTTP/1.0: a `Server` of the hub whose handler gets a request and not a connection.
///
/// ```swift
/// let server = HTTPServer(on: try TCPListener(on: .loopback, port: 8080))
/// try server.run { request, response in
///     switch (request.method, request.path) {
///     case (.get, "/"): try response.send(.ok, [.contentType: "text/plain"], "hello\n")
///     case (.post, "/length"): try response.send(.ok, [:], "\(try request.body.readAll(limit: 1_000_000).count)\n")
///     default: try response.send(.notFound)
///     }
/// }
/// ```
///
/// The requests of a connection are handled one after the other in its tasklet, and may wait as often as they like. A handler
/// that throws answers 500, and ``onError`` is told. What is no request is answered and the connection closed; see
/// ``HTTPLimits`` for those that are too large or too slow. The server does not end because of a client.
public final class HTTPServer<Listener: ConnectionListener> {
    private let server: Server<Listener>
    private let shared: ServerShared

    /// - Parameters:
    ///   - listener: what connections come from.
    ///   - limit: how many connections are open at the same time; more wait in the listener's backlog.
    ///   - grace: how long handlers may go on after ``stop()``.
    ///   - limits: what a client may do.
    /// - Precondition: the limit is positive.
    public init(
        on listener: Listener,
        limit: Int = 1024,
        grace: Duration = .seconds(10),
        limits: HTTPLimits = HTTPLimits()
    ) {
        server = Server(on: listener, limit: limit, grace: grace)
        shared = ServerShared(limits)
    }

    public var listener: Listener { server.listener }

    public var limits: HTTPLimits { shared.limits }

    /// How many connections are open.
    public var connectionCount: Int { server.connectionCount }

    /// Set by ``stop()``: a handler that takes long may look at it, or wait for it by `select`.
    public var stopping: Event { server.stopping }

    /// Called with what a handler has thrown, and the connection and request as text. It writes a line to standard error unless
    /// something else is put here. Not called for what clients do: to leave, to send nonsense, to be slow.
    public var onError: (any Error, String) -> Void {
        get { server.onError }
        set { server.onError = newValue }
    }

    /// Accepts no more. Connections without a request are closed; the answer to a request that is being handled is the last
    /// one of its connection and says so. Does not wait: `run` returns when all have ended.
    public func stop() {
        server.stop()
        shared.stop()
    }

    /// Accepts connections and answers their requests until ``stop()``, or until the listener is closed.
    ///
    /// - Parameter handle: called in the tasklet of a connection for each of its requests. Must call `send`, `begin` or
    ///   `upgrade` of the response once.
    /// - Returns: the report of the connections. A handler that throws is told to ``onError``, and its connection is not among
    ///   those that failed: only one that has been upgraded can be.
    /// - Throws: what ends the wait, and errors of the listener that are not those of one connection.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public func run(_ handle: @escaping (HTTPServerRequest, HTTPServerResponse) throws -> Void) throws -> ServerReport {
        shared.onError = { [server] error, request in server.onError(error, request) }
        // Also when the listener was closed in another way.
        let end = Tasklet(name: "end of the server") { [server, shared] in
            try server.stopping.wait()
            shared.stop()
        }
        defer { withCancellationShield { try? end.kill(pending: true) } }
        return try server.run { [shared] connection in
            try ServerConnection(connection, shared).run(handle)
        }
    }
}
#endif
