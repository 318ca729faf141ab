#if TLS
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct ResumptionTests {
    /// Connects and has a word, so that the client gets what the server sends after the handshake. Whether it was resumed, as both
    /// say.
    private func talk(host: String = "localhost", _ client: TLSContext, _ server: TLSContext) throws -> [Bool] {
        let pair = try securedPair(host: host, client, server)
        try pair.server.write("x")
        #expect(try pair.client.read(upTo: 1) == [120])
        #expect(pair.client.peerSubject == "CN=localhost")
        return [pair.client.isResumed, pair.server.isResumed]
    }

    @Test func theNextConnectionResumes() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (client, server) = (try certificates.client(), try certificates.server())
            #expect(try talk(client, server) == [false, false])
            for _ in 0..<5 { #expect(try talk(client, server) == [true, true]) }
            // Another name is another server.
            #expect(try talk(host: "127.0.0.1", client, server) == [false, false])
            #expect(try talk(host: "127.0.0.1", client, server) == [true, true])
            // Another context knows nothing of it.
            #expect(try talk(certificates.client(), server) == [false, false])
            // A server that cannot read the ticket does the whole handshake.
            #expect(try talk(client, certificates.server()) == [false, false])
        }
    }

    @Test func aResumedClientIsKnown() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let client = try certificates.client(as: "client")
            let server = try certificates.server(clients: certificates.authority)
            for isResumed in [false, true] {
                let pair = try securedPair(client, server)
                try pair.server.write("x")
                #expect(try pair.client.read(upTo: 1) == [120])
                #expect(pair.server.isResumed == isResumed && pair.server.peerSubject == "O=Büro,CN=alice")
            }
        }
    }

    /// A cut connection may be resumed; what the handshake has refused may not.
    @Test func whatWasRefusedIsNotResumed() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let client = try certificates.client()
            let server = try certificates.server("elsewhere")
            for _ in 0..<2 {
                #expect(throws: TLSError.wrongHost("localhost", names: ["example.org", "192.0.2.1"])) {
                    try securedPair(client, server)
                }
            }
        }
    }

    @Test func manyHostsAreForgotten() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let client = try TLSContext.client(trust: .anybodyWithoutVerification)
            let server = try certificates.server()
            for number in 0..<300 { _ = try talk(host: "host\(number)", client, server) }
            #expect(client.sessionHostCount == 256)
        }
    }

    @Test func aHostWithoutSessionsDoesNotCount() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (client, server) = (try certificates.client(), try certificates.server())
            _ = try talk(client, server)
            #expect(client.sessionHostCount == 1)
            // Nothing is read of the next ones, so that they bring no sessions.
            for _ in 0..<4 { _ = try securedPair(client, server) }
            #expect(client.sessionHostCount == 0)
        }
    }

    @Test func aContextIsUsedByManyThreads() throws {
        let certificates = try Certificates.shared.get()
        let (client, server) = (try certificates.client(), try certificates.server())
        TestThread.run(count: 4) { _ in
            do {
                try Scheduler.scope { for _ in 0..<30 { _ = try talk(client, server) } }
            } catch {
                Issue.record(error)
            }
        }
    }
}
#endif
