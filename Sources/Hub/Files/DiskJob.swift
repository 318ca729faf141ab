/// What is done with a disk by another thread, in one piece.
enum DiskJob {
    static func perform<Result: Sendable>(
        _ operation: StaticString,
        _ path: String,
        _ body: @escaping @Sendable (any FileSystem) throws -> Result
    ) throws -> Result {
        let hub = try HubCore.current()
        let files = hub.checkedPorts.files
        // The system would take what comes before it for the whole.
        if path.utf8.contains(0) { throw SystemError(.invalidArgument, "\(operation) \(path)") }
        return try hub.perform(.file(operation, path: path), by: .files) { try body(files) }
    }
}
