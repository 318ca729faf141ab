import Tasklets

extension TCPConnection {
    /// Connects to a machine by its name.
    ///
    /// ```swift
    /// let listener = try TCPListener(on: .loopback, port: 0)
    /// let connection = try TCPConnection.connect(to: "localhost", port: listener.address.port)
    /// print(connection.remoteAddress == listener.address)  // true
    /// connection.close()
    /// ```
    ///
    /// A machine may have several addresses, and not each of them answers everybody. So the next one is tried beside the first, of
    /// the other version of the protocol as far as possible, when the first has failed or has not answered for 250 ms, and so on
    /// ("happy eyeballs", RFC 8305). The first connection is the result; the other attempts are ended.
    ///
    /// - Throws: what ``Hub/resolve(_:port:)`` throws; the `SystemError` of the only address, or `HubError.notConnected` with
    ///   those of all; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func connect(to name: String, port: UInt16) throws -> TCPConnection {
        try connect(to: name, at: Attempts.alternating(try Hub.resolve(name, port: port)))
    }

    /// Connects to the first of the addresses that answers.
    package static func connect(
        to name: String,
        at addresses: [SocketAddress],
        delay: Duration = Attempts.delay
    ) throws -> TCPConnection {
        if addresses.count == 1 { return try connect(to: addresses[0]) }
        return try withTaskletGroup(of: Attempts.Outcome.self) { group in
            var attempts = Attempts(name: name, left: addresses[...])
            while true {
                if let address = attempts.left.popFirst() {
                    try group.add(name: "connect to \(address)") { try Attempts.outcome(at: address) }
                }
                let outcome: Attempts.Outcome?
                if attempts.left.isEmpty {
                    guard let last = try group.next() else { throw attempts.error }
                    outcome = last
                } else {
                    outcome = try select {
                        group.onNext { (outcome: Attempts.Outcome?) -> Attempts.Outcome? in outcome }
                        after(delay) { () -> Attempts.Outcome? in nil }
                    }
                }
                switch outcome {
                case .connected(let connection):
                    group.cancelAll()
                    try closeRest(of: group)
                    return connection
                case .failed(let error): attempts.errors.append(error)
                case nil: break
                }
            }
        }
    }

    /// Two may have answered in the same moment.
    private static func closeRest(of group: TaskletGroup<Attempts.Outcome>) throws {
        while let outcome = try group.next() {
            if case .connected(let connection) = outcome { connection.close() }
        }
    }
}

/// What has come of the attempts to connect to one of several addresses.
package struct Attempts {
    package static let delay = Duration.milliseconds(250)

    enum Outcome {
        case connected(TCPConnection)
        case failed(SystemError)
    }

    let name: String
    var left: ArraySlice<SocketAddress>
    var errors: [SystemError] = []

    var error: any Error { HubError.notConnected(name, errors) }

    fileprivate static func outcome(at address: SocketAddress) throws -> Outcome {
        do {
            return .connected(try TCPConnection.connect(to: address))
        } catch let error as SystemError {
            return .failed(error)
        }
    }

    /// In the given order, but the versions alternate, beginning with that of the first.
    package static func alternating(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        var own = addresses.filter { $0.family == first.family }[...]
        var other = addresses.filter { $0.family != first.family }[...]
        var result: [SocketAddress] = []
        while let next = own.popFirst() {
            result.append(next)
            if let next = other.popFirst() { result.append(next) }
        }
        return result + other
    }
}
