extension Hub {
    /// The addresses of a machine, the best first.
    ///
    /// ```swift
    /// print(try Hub.resolve("127.0.0.1", port: 80))  // [127.0.0.1:80]
    /// ```
    ///
    /// The system is asked, by native threads that do nothing else, since its answer may take seconds; others run meanwhile. An
    /// address that is written in numbers needs no answer, and "localhost" is always this machine: ::1 and 127.0.0.1. Answers are not
    /// kept. A time limit around the call ends the wait, and not the question. A virtual clock (`Scheduler.scope(clock:_:)`) does not
    /// wait for the answer: when no tasklet can run, it goes on to the next deadline.
    ///
    /// - Returns: at least one.
    /// - Throws: `HubError.unknownName` when there is none; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func resolve(_ name: String, port: UInt16) throws -> [SocketAddress] {
        try addresses(of: name).map { SocketAddress($0, port: port) }
    }

    private static func addresses(of name: String) throws -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        // As RFC 6761 wants it. Files and servers sometimes have only one of the two, or something else.
        if name.lowercased() == "localhost" { return [.loopback6, .loopback] }
        if name.isEmpty || name.utf8.contains(0) { throw HubError.unknownName(name, reason: "this is no name") }
        let hub = try HubCore.current()
        return try hub.perform(.resolve(name), by: .names, hub.checkedPorts.lookUp(name))
    }
}
