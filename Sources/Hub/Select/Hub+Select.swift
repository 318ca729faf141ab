import Tasklets

extension Hub {
    /// A clause of a `select` that is ready when something can be read from a descriptor that another library has opened: as
    /// ``waitReadable(_:)``.
    ///
    /// ```swift
    /// try select {
    ///     try Hub.onReadable(database.socket) { try database.takeInput() }
    ///     queries.onReceive { query in try database.send(query) }
    /// }
    /// ```
    ///
    /// - Throws: `SystemError` when it is no descriptor; `HubError.busy` when another tasklet waits for the same.
    public static func onReadable<Result>(
        _ descriptor: Int32,
        _ body: @escaping () throws -> Result
    ) throws -> ReadyClause<Result> {
        ReadyClause(try Visit(descriptor, .read), .read, body)
    }

    /// A clause of a `select` that is ready when something can be written to such a descriptor: as ``waitWritable(_:)``.
    ///
    /// - Throws: as ``onReadable(_:_:)``.
    public static func onWritable<Result>(
        _ descriptor: Int32,
        _ body: @escaping () throws -> Result
    ) throws -> ReadyClause<Result> {
        ReadyClause(try Visit(descriptor, .write), .write, body)
    }
}

/// A descriptor of others, as long as a select waits for it.
final class Visit {
    let hub: HubCore
    /// `nil` for what is always ready.
    let handle: Handle?

    init(_ descriptor: Int32, _ direction: Direction) throws {
        hub = try HubCore.current()
        handle = try Hub.systemPorts(of: hub).beginVisit(descriptor, direction)
    }

    deinit {
        guard let handle else { return }
        hub.whereItBelongs { Hub.systemPorts(of: $0).endVisit(handle) }
    }
}
