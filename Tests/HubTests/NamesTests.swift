import CTasklets
import Hub
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct NamesTests {
    @Test func numbersAndThisMachineNeedNoAnswer() throws {
        try Scheduler.scope {
            let four = try Hub.resolve("127.0.0.1", port: 80)
            #expect(four == [SocketAddress(.loopback, port: 80)])
            let six = try Hub.resolve("::1", port: 80)
            #expect(six == [SocketAddress(.loopback6, port: 80)])
            let here = try Hub.resolve("LocalHost", port: 1)
            #expect(here == [SocketAddress(.loopback6, port: 1), SocketAddress(.loopback, port: 1)])
        }
    }

    @Test func theSystemIsAsked() throws {
        try Scheduler.scope {
            let hub = try HubCore.current()
            let found = try hub.perform(.resolve("localhost"), by: .names, hub.ports.lookUp("localhost"))
            #expect(found.contains(.loopback) || found.contains(.loopback6))
        }
    }

    @Test(arguments: ["", "a..b", "no\0name", String(repeating: "x", count: 300)])
    func whatIsNoNameIsSaidInWords(_ name: String) throws {
        try Scheduler.scope {
            let error = #expect(throws: HubError.self) { try Hub.resolve(name, port: 80) }
            guard case .unknownName(name, let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!reason.isEmpty)
            #expect("\(error!)".hasPrefix("No address of \"\(name)\" is known: "))
        }
    }

    @Test(arguments: [IPAddress.loopback, .loopback6])
    func aListenerOfOneVersionIsFound(_ address: IPAddress) throws {
        try Scheduler.scope {
            let ports = try HubCore.current().ports as! SystemPorts
            let listener = try TCPListener(on: address, port: 0)
            let connection = try TCPConnection.connect(to: "localhost", port: listener.address.port)
            #expect(connection.remoteAddress == listener.address)
            let caller = try listener.accept()
            try caller.write("hello\n")
            #expect(try connection.readLine() == "hello")
            // Attempts that came to nothing are closed.
            #expect(ports.openCount == 3)
            #expect(Scheduler.current.tasklets.count == 1)
        }
    }

    @Test func theErrorNamesAllThatFailed() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            listener.close()
            let port = listener.address.port
            let error = #expect(throws: HubError.self) { try TCPConnection.connect(to: "localhost", port: port) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.hasPrefix("No address of \"localhost\" answers: connect to "), "\(text)")
            #expect(text.contains("[::1]:\(port)") && text.contains("127.0.0.1:\(port)"), "\(text)")
            #expect(throws: SystemError.self) { try TCPConnection.connect(to: "127.0.0.1", port: port) }
        }
    }

    /// A listener whose queue is full, so that connecting to it takes for ever.
    private func withSilentListener(_ body: (SocketAddress) throws -> Void) throws {
        let listener = try TCPListener(on: .loopback, port: 0, backlog: 0)
        var held: [TCPConnection] = []
        while let connection = try? withTimeout(
            .milliseconds(200),
            { try TCPConnection.connect(to: listener.address) }
        ) {
            held.append(connection)
        }
        try body(listener.address)
        withExtendedLifetime(held) {}
    }

    @Test func theNextIsTriedBesideOneThatDoesNotAnswer() throws {
        try Scheduler.scope {
            let ports = try HubCore.current().ports as! SystemPorts
            let listener = try TCPListener(on: .loopback6, port: 0)
            try withSilentListener { silent in
                let open = ports.openCount
                let connection = try TCPConnection.connect(to: "both", at: [silent, listener.address])
                #expect(connection.remoteAddress == listener.address)
                #expect(ports.openCount == open + 1)
                #expect(Scheduler.current.tasklets.count == 1)
            }
        }
    }

    @Test func aFailureStartsTheNextAtOnce() throws {
        try Scheduler.scope {
            let closed = try TCPListener(on: .loopback, port: 0)
            closed.close()
            let listener = try TCPListener(on: .loopback6, port: 0)
            let connection = try TCPConnection.connect(
                to: "both",
                at: [closed.address, listener.address],
                delay: .seconds(100_000)
            )
            #expect(connection.remoteAddress == listener.address)
        }
    }

    @Test(arguments: ["timeout", "cancel", "kill"])
    func endingTheWaitEndsAllAttempts(_ end: String) throws {
        try Scheduler.scope {
            let ports = try HubCore.current().ports as! SystemPorts
            try withSilentListener { silent in
                let open = ports.openCount
                let caller = Tasklet.spawn {
                    let body = {
                        _ = try TCPConnection.connect(to: "both", at: [silent, silent], delay: .milliseconds(1))
                    }
                    if end == "timeout" { try withTimeout(.milliseconds(20), body) } else { try body() }
                }
                // The time limit may end it before both have begun.
                while end != "timeout", ports.openCount < open + 2 { try Tasklet.sleep(for: .milliseconds(1)) }
                if end == "cancel" { caller.tasklet?.cancel() }
                if end == "kill" { try caller.tasklet?.kill() }
                #expect(throws: (any Error).self) { try caller.value() }
                #expect(ports.openCount == open)
            }
        }
    }

    @Test func theVersionsAlternate() throws {
        let six = (1...3).map { SocketAddress(.loopback6, port: $0) }
        let four = (1...2).map { SocketAddress(.loopback, port: $0) }
        #expect(Attempts.alternating(six + four) == [six[0], four[0], six[1], four[1], six[2]])
        #expect(Attempts.alternating(four + six) == [four[0], six[0], four[1], six[1], six[2]])
        #expect(Attempts.alternating([]).isEmpty)
    }
}
