public import Sync
public import Tasklets

/// Accepts connections and handles each in a tasklet of its own, until it is stopped.
///
/// ```swift
/// let server = Server(on: try TCPListener(on: .loopback, port: 0), limit: 100)
/// Tasklet {
///     try server.run { connection in
///         while let line = try connection.readLine() { try connection.write(line + "\n") }
///     }
/// }
/// let client = try TCPConnection.connect(to: server.listener.address)
/// try client.write("hello\n")
/// print(try client.readLine() ?? "nothing")  // hello
/// client.close()
/// server.stop()
/// ```
///
/// It does not end because of a client: an error of a handler ends that connection. Nor does it when the process has no
/// descriptors left: it waits until there are some again.
///
/// It stops in phases: it accepts no more; handlers are told by ``stopping``, and go on for the time of grace; those that are
/// left are cancelled, their connections closed, and named in the report.
public final class Server<Listener: ConnectionListener> {
    public let listener: Listener
    /// How many connections are handled at the same time; more wait in the listener's backlog.
    public let limit: Int
    /// How long handlers may go on after ``stop()``.
    public let grace: Duration
    private let stackSize: Int
    /// Set by ``stop()``: a handler that waits for the next request may wait for this too, by `select`.
    public let stopping = Event(name: "stopping")
    /// Called with the error that a handler has thrown, and a description of the connection. The default writes a line to
    /// standard error. It is not called for an error which says that the other side of a connection has left, since a client
    /// may leave at any time. That also holds for such an error of another connection, as one to a database: catch that error
    /// in the handler.
    public var onError: (any Error, String) -> Void = { error, connection in
        Tasklets.report("\(connection): \(error)")
    }

    private var handled: [Int: Handling] = [:]
    private var lastNumber = 0
    /// How many children of the group have a result that has not been taken.
    private var results = 0
    /// Set when a handler has ended, whatever ended it.
    private let somebodyEnded = Event(name: "end of a handler")
    private var isRunning = false
    private var report = ServerReport()
    /// Whether the handlers that are left are being cut.
    private var isOver = false

    private struct Handling {
        let connection: Listener.Connection
        let tasklet: Tasklet
    }

    /// - Parameters:
    ///   - listener: where connections come.
    ///   - limit: how many are handled at the same time.
    ///   - grace: how long handlers may go on after ``stop()``.
    ///   - stackSize: how many bytes of stack each handler has, as a `Tasklet`.
    /// - Precondition: the limit is positive.
    public init(
        on listener: Listener,
        limit: Int = 1024,
        grace: Duration = .seconds(10),
        stackSize: Int = Tasklet.defaultStackSize
    ) {
        guard limit > 0 else { fatalError("A server handles at least one connection at a time, not \(limit).") }
        self.listener = listener
        self.limit = limit
        self.grace = grace
        self.stackSize = stackSize
    }

    /// How many connections are being handled.
    public var connectionCount: Int { handled.count }

    /// Accepts no more, and tells the handlers. Does not wait: `run` returns when they have ended.
    public func stop() {
        stopping.set()
        listener.close()
    }

    /// Accepts and handles connections until ``stop()``, or until the listener is closed.
    ///
    /// Each connection is closed when its handler ends: do not keep it. What the client has sent and nobody has read makes the
    /// system reset the connection then, and the client may lose the end of its answer: read to the end first.
    ///
    /// When the caller is cancelled or killed, or its time is up, the handlers are cancelled at once; it is left when they have
    /// ended.
    ///
    /// - Parameter handle: called in a tasklet for each connection.
    /// - Throws: what ends the wait, and errors of the listener that are not those of one connection.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public func run(_ handle: @escaping (Listener.Connection) throws -> Void) throws -> ServerReport {
        guard !isRunning else { fatalError("The server runs already: make another one, with a listener of its own.") }
        isRunning = true
        defer { isRunning = false }
        report = ServerReport()
        isOver = false
        defer { listener.close() }
        try withTaskletGroup(of: Void.self) { group in
            defer { closeAll() }
            try acceptAll(group, handle)
            stopping.set()
            try withTimeout(grace, orElse: ()) { try waitForHandlers(group, downTo: 0, orStop: false) }
            report.cut = handled.sorted { $0.key < $1.key }.map { describe($0.value) }
            group.cancelAll()
            closeAll()
        }
        return report
    }

    private func acceptAll(_ group: TaskletGroup<Void>, _ handle: @escaping (Listener.Connection) throws -> Void) throws
    {
        var delay = Duration.milliseconds(10)
        while !stopping.isSet {
            try waitForHandlers(group, downTo: limit - 1, orStop: true)
            if stopping.isSet { return }
            do {
                try begin(listener.accept(), group, handle)
                delay = .milliseconds(10)
            } catch let error as SystemError where error.code == .closed {
                return
            } catch let error as SystemError where error.isOfExhaustion {
                if delay == .milliseconds(10) { onError(error, "server") }
                try select {
                    after(delay) {}
                    stopping.onSet {}
                }
                delay = min(delay * 2, .seconds(1))
            }
        }
    }

    private func begin(
        _ connection: Listener.Connection,
        _ group: TaskletGroup<Void>,
        _ handle: @escaping (Listener.Connection) throws -> Void
    ) throws {
        lastNumber += 1
        let number = lastNumber
        let tasklet = try group.add(name: "connection", stackSize: stackSize) { [self] in
            defer { results += 1 }
            do {
                try handle(connection)
            } catch {
                note(error, of: connection)
            }
        }
        handled[number] = Handling(connection: connection, tasklet: tasklet)
        report.connections += 1
        // Also of one that is killed before it begins.
        tasklet.onEnd { [self] in
            handled[number] = nil
            connection.close()
            somebodyEnded.set()
        }
    }

    /// Waits until at most so many handlers are left, or for ``stop()``.
    private func waitForHandlers(_ group: TaskletGroup<Void>, downTo most: Int, orStop: Bool) throws {
        while true {
            // Not kept in the group. One that was killed before it began has none.
            while results > 0 {
                results -= 1
                _ = try group.next()
            }
            if handled.count <= most || (orStop && stopping.isSet) { return }
            somebodyEnded.clear()
            try select {
                somebodyEnded.onSet {}
                if orStop { stopping.onSet {} }
            }
        }
    }

    private func note(_ error: any Error, of connection: Listener.Connection) {
        // The connections have been closed under the hands of those that are left.
        if error is TaskletExit || isOver { return }
        // Of another tasklet than this one it is an error like any other.
        if error is CancellationError, Tasklet.isCancelled { return }
        report.failures += 1
        if let error = error as? any ConnectionError, error.isOfOtherSide { return }
        if case .ended? = error as? HubError { return }
        onError(error, "\(connection)")
    }

    private func describe(_ handling: Handling) -> String {
        let tasklet = handling.tasklet
        return "\(handling.connection): "
            + (tasklet.isBlocked ? "waited in \(tasklet.record.describeWait())" : "was busy")
    }

    /// What a cancelled handler still does with its connection fails.
    private func closeAll() {
        isOver = true
        for handling in handled.values { handling.connection.close() }
    }
}

/// Accepts connections and handles each in a tasklet of its own. Returns when the listener is closed, after the handlers have
/// ended or their grace is over. Waits, so call it in a tasklet if the caller has other things to do. To stop a server use
/// ``Server``.
///
/// ```swift
/// try serve(on: TCPListener(on: .loopback, port: 7)) { connection in
///     try connection.write(from: connection)
/// }
/// ```
@available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
@discardableResult
public func serve<Listener: ConnectionListener>(
    on listener: Listener,
    limit: Int = 1024,
    grace: Duration = .seconds(10),
    _ handle: @escaping (Listener.Connection) throws -> Void
) throws -> ServerReport {
    try Server(on: listener, limit: limit, grace: grace).run(handle)
}

extension SystemError {
    /// Whether the process or the system has run out of descriptors or memory: there will be some again.
    var isOfExhaustion: Bool {
        // ENOBUFS, ENOMEM; ENOSPC: the user watches as many descriptors as he may.
        code == .tooManyOpenFiles || code == .tooManyOpenFilesInSystem || [105, 12, 28].contains(code.rawValue)
    }

}

/// An error of a connection, of whatever protocol.
package protocol ConnectionError: Error {
    /// Whether the other side has left, or cannot be reached any more: nothing that a server would tell of.
    var isOfOtherSide: Bool { get }
}

extension SystemError: ConnectionError {
    package var isOfOtherSide: Bool {
        [.connectionReset, .brokenPipe, .timedOut, .unreachable, .notConnected].contains(code)
    }
}
