#if TLS
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct VerificationTests {
    /// What a client thinks of a server, and what the server hears of it.
    private func refusal(
        of name: String,
        host: String = "localhost",
        trust: TLSTrust? = nil
    ) throws -> (client: TLSError?, server: (any Error)?) {
        let certificates = try Certificates.shared.get()
        return try Scheduler.scope {
            let (client, server) = try outcomes(
                over: UnixConnection.pair(),
                host: host,
                .client(trust: trust ?? certificates.authority),
                certificates.server(name)
            )
            var (clientError, serverError): (TLSError?, (any Error)?)
            if case .failure(let error) = client { clientError = error as? TLSError }
            if case .failure(let error) = server { serverError = error }
            return (clientError, serverError)
        }
    }

    @Test func aCertificateThatNobodyVouchesFor() throws {
        let (client, server) = try refusal(of: "self-signed")
        #expect(client == .untrusted("localhost", reason: "self-signed certificate"))
        #expect(client?.description == "The certificate of localhost is not trusted: self-signed certificate.")
        #expect(server as? TLSError == .refused(alert: "unknown ca"))
    }

    /// That the server cannot be told is not the reason.
    @Test func theReasonIsNotReplaced() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (near, far) = MemoryStream.pair()
            // The first message goes out.
            near.writesLeft = 1
            let (client, _) = try outcomes(over: (near, far), certificates.client(), certificates.server("self-signed"))
            #expect(throws: TLSError.untrusted("localhost", reason: "self-signed certificate")) { try client.get() }
        }
    }

    @Test func anAuthorityThatIsNotTrusted() throws {
        let other = TLSTrust.certificates(inFile: try Certificates.shared.get().path("other-ca.pem"))
        let (client, server) = try refusal(of: "server", trust: other)
        #expect(client == .untrusted("localhost", reason: "unable to get local issuer certificate"))
        #expect(server as? TLSError == .refused(alert: "unknown ca"))
        #expect(try refusal(of: "server", trust: .system).client == client)
    }

    /// Whoever names no context trusts whom the system trusts.
    @Test func theStandardContextVerifies() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let listener = TLSListener(on: try TCPListener(on: .loopback, port: 0), try certificates.server())
            let served = Tasklet.spawn { try listener.accept().handshake() }
            #expect(throws: TLSError.untrusted("localhost", reason: "unable to get local issuer certificate")) {
                try TLSStream.connect(to: "localhost", port: listener.below.address.port)
            }
            #expect(throws: TLSError.refused(alert: "unknown ca")) { try served.value() }
        }
    }

    @Test func aCertificateThatIsOver() throws {
        let (client, server) = try refusal(of: "expired")
        #expect(client == .untrusted("localhost", reason: "certificate has expired"))
        #expect(server as? TLSError == .refused(alert: "certificate expired"))
    }

    @Test func aCertificateForSomebodyElse() throws {
        let (client, server) = try refusal(of: "elsewhere")
        #expect(client == .wrongHost("localhost", names: ["example.org", "192.0.2.1"]))
        #expect(
            client?.description == "The certificate is not for \"localhost\" but for example.org, 192.0.2.1."
        )
        #expect(server as? TLSError == .refused(alert: "bad certificate"))
        #expect(
            try refusal(of: "elsewhere", host: "127.0.0.1").client
                == .wrongHost("127.0.0.1", names: ["example.org", "192.0.2.1"])
        )
        #expect(try refusal(of: "client").client != nil)
    }

    /// The name of the owner is not looked at, as in browsers.
    @Test func aCertificateThatHasNoNames() throws {
        let (client, _) = try refusal(of: "nameless")
        #expect(client == .wrongHost("localhost", names: []))
        #expect(client?.description == "The certificate is not for \"localhost\" but for nobody: it has no names.")
    }

    /// In whatever form an address is given, it is looked for: OpenSSL verifies no host when it does not understand it.
    @Test(arguments: [
        "::", "::2", "::ffff:127.0.0.2", "::127.0.0.1", "2001:db8::8:800:200c:417a", "2001:DB8:0:0:1:0:0:1",
        "fe80::1%1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0", "255.255.255.255", "127.0.0.2", "a..b", "-", "_", "1.2",
        String(repeating: "a", count: 253),
    ])
    func hostsThatAreNotInTheCertificate(_ host: String) throws {
        let (client, _) = try refusal(of: "server", host: host)
        guard case .wrongHost(_, names: ["localhost", "127.0.0.1", "::1"]) = client else {
            Issue.record("\(host): \(String(describing: client))")
            return
        }
    }

    /// Who is in the file is trusted, also an authority that another one vouches for, or the server itself; and nobody else.
    @Test(arguments: [
        ("between", "below-between", true), ("below-between", "below-between", true), ("server", "server", true),
        ("between", "server", false), ("server", "rsa", false), ("below-between", "server", false),
    ])
    func whoIsInTheFileIsTrusted(_ trusted: String, _ server: String, _ isTrusted: Bool) throws {
        let trust = TLSTrust.certificates(inFile: try Certificates.shared.get().path("\(trusted).pem"))
        let (client, _) = try refusal(of: server, trust: trust)
        #expect(
            client == (isTrusted ? nil : .untrusted("localhost", reason: "unable to get local issuer certificate"))
        )
    }

    @Test(arguments: ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "::1"])
    func theNamesInACertificate(_ host: String) throws {
        #expect(try refusal(of: "server", host: host).client == nil)
    }

    @Test(arguments: [
        "bücher.example", "", "two words", "a\0b", ".", "-\u{7f}", "\u{fffd}", String(repeating: "a", count: 254),
    ])
    func whatIsNoHost(_ host: String) throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (near, _) = try UnixConnection.pair()
            let error = #expect(throws: TLSError.self) {
                try TLSStream.client(over: near, host: host, certificates.client())
            }
            #expect(error == .notAHost(host))
        }
    }

    @Test func textsInPlaceOfFiles() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let identity = TLSIdentity(
                certificates: certificates.text("chain.pem"),
                key: certificates.text("server.key")
            )
            let trust = TLSTrust.certificates(pem: certificates.text("ca.pem"))
            let (client, _) = try securedPair(.client(trust: trust), .server(identity))
            #expect(client.peerSubject == "CN=localhost")
            let certificate = try #require(client.peerCertificate)
            #expect(certificate.count > 200 && certificate[0] == 0x30)
        }
    }

    @Test func withoutVerificationAnybodyWillDo() throws {
        for name in ["self-signed", "expired", "elsewhere"] {
            #expect(try refusal(of: name, trust: .anybodyWithoutVerification).client == nil)
        }
    }

    // MARK: Clients

    private func ofClient(_ name: String?) throws -> (
        client: Result<TLSStream, any Error>, server: Result<TLSStream, any Error>
    ) {
        let certificates = try Certificates.shared.get()
        return try outcomes(
            over: UnixConnection.pair(),
            certificates.client(as: name),
            certificates.server(clients: certificates.authority)
        )
    }

    @Test func aClientWithACertificate() throws {
        try Scheduler.scope {
            let (client, server) = try ofClient("client")
            #expect(try server.get().peerSubject == "O=Büro,CN=alice")
            try server.get().write("hello alice\n")
            #expect(try client.get().readLine() == "hello alice")
        }
    }

    @Test func aClientWithoutACertificate() throws {
        try Scheduler.scope {
            let (client, server) = try ofClient(nil)
            #expect(throws: TLSError.noCertificate) { try server.get() }
            // In TLS 1.3 the client is done before the server has looked.
            #expect(throws: TLSError.refused(alert: "certificate required")) { try client.get().readLine() }
            // And it stays so.
            #expect(throws: TLSError.refused(alert: "certificate required")) { try client.get().write("x") }
            #expect(throws: TLSError.refused(alert: "certificate required")) { try client.get().finishWriting() }
        }
    }

    @Test func aClientThatIsNotTrusted() throws {
        try Scheduler.scope {
            let (client, server) = try ofClient("stranger")
            #expect(throws: TLSError.untrusted("the client", reason: "unable to get local issuer certificate")) {
                try server.get()
            }
            #expect(throws: TLSError.refused(alert: "unknown ca")) { try client.get().readLine() }
        }
    }

    // MARK: Files

    @Test func whatCannotBeUsedIsNamed() throws {
        let certificates = try Certificates.shared.get()
        func refusal(_ certificate: String, _ key: String) -> String {
            let identity = TLSIdentity(
                certificateFile: certificates.path(certificate),
                keyFile: certificates.path(key)
            )
            let error = #expect(throws: TLSError.self) { try TLSContext.server(identity) }
            return error.map { "\($0)".replacing(certificates.folder + "/", with: "") } ?? ""
        }
        #expect(
            refusal("nothing.pem", "server.key")
                == "The certificate in nothing.pem cannot be used: No such file or directory."
        )
        #expect(
            refusal("server.key", "server.key")
                == "The certificate in server.key cannot be used: there is none in PEM that can be read."
        )
        #expect(
            refusal("server.pem", "server.pem")
                == "The private key in server.pem cannot be used: there is none in PEM that can be read."
        )
        #expect(
            refusal("server.pem", "client.key") == "The private key in client.key cannot be used: key values mismatch."
        )
        #expect(
            refusal("server.pem", "locked.key")
                == "The private key in locked.key cannot be used: it has a passphrase; remove that, as by \"openssl pkey\"."
        )
        let broken = certificates.text("server.pem").replacing("A", with: "B")
        let error = #expect(throws: TLSError.self) { try TLSContext.client(trust: .certificates(pem: broken)) }
        #expect(error.map { "\($0)" }?.hasPrefix("The certificate in the text cannot be used: ") == true)
        #expect(
            throws: TLSError.unusable("The certificate in the text", reason: "there is none in PEM that can be read")
        ) {
            try TLSContext.client(trust: .certificates(pem: ""))
        }
    }
}
#endif
