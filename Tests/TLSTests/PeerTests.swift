#if TLS
import Foundation
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

/// The programs of others at the other side.
@Suite(.hangAlarm) struct PeerTests {
    /// What a server has found out about a connection.
    struct Seen: Equatable {
        var version: String?
        var applicationProtocol: String?
        var isResumed = false
        var subject: String?
    }

    /// Runs `body` beside a server that sends lines back, and returns what the server has seen, in order, and its errors.
    private func withServer(
        clients: TLSTrust? = nil,
        _ applicationProtocols: [String] = [],
        _ body: (_ certificates: Certificates, _ port: UInt16) throws -> Void
    ) throws -> (seen: [Seen], errors: [String]) {
        let certificates = try Certificates.shared.get()
        return try Scheduler.scope {
            let context = try certificates.server(clients: clients, applicationProtocols)
            let listener = try TCPListener(on: .loopback, port: 0)
            let server = Server(on: TLSListener(on: listener, context))
            var seen: [Seen] = []
            var errors: [String] = []
            server.onError = { error, _ in errors.append("\(error)") }
            let served = Tasklet.spawn {
                try server.run { secure in
                    try secure.handshake()
                    seen.append(
                        Seen(
                            version: secure.version,
                            applicationProtocol: secure.applicationProtocol,
                            isResumed: secure.isResumed,
                            subject: secure.peerSubject
                        )
                    )
                    while let line = try secure.readLine() { try secure.write("\(line)!\n") }
                    try secure.finishWriting()
                }
            }
            try body(certificates, listener.address.port)
            server.stop()
            _ = try served.value()
            #expect(try openDescriptors() == 0)
            return (seen, errors)
        }
    }

    /// Runs `openssl s_client`, sends it lines one by one, and waits for the answer of each.
    private func connect(
        _ certificates: Certificates,
        _ port: UInt16,
        _ options: String...,
        lines: [String] = ["hello"]
    ) throws {
        let program = try Tool.named("openssl").path
        let client = try ChildProcess(
            [program, "s_client", "-connect", "127.0.0.1:\(port)", "-servername", "localhost", "-quiet"]
                + ["-no_ign_eof", "-CAfile", certificates.path("ca.pem"), "-verify_return_error"] + options,
            input: .pipe,
            output: .pipe,
            errors: .null
        )
        for line in lines {
            try client.input!.write("\(line)\n")
            #expect(try client.output!.readLine() == "\(line)!")
        }
        client.input!.close()
        #expect(try client.wait() == .exited(0))
    }

    @Test(arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
    func clientsOfOpenSSL(_ option: String, _ version: String) throws {
        let (seen, errors) = try withServer { certificates, port in
            try connect(certificates, port, option, lines: ["one", "two", String(repeating: "x", count: 8000)])
            try connect(certificates, port, option, "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305")
        }
        #expect(seen == [Seen(version: version), Seen(version: version)] && errors == [])
    }

    @Test func olderVersionsAreRefused() throws {
        let (seen, errors) = try withServer { certificates, port in
            let result = try run(
                [try Tool.named("openssl").path, "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_1"]
                    + ["-cipher", "ALL@SECLEVEL=0"],
                checked: false
            )
            #expect(result.errors.contains("alert protocol version"), "\(result.errors)")
        }
        #expect(seen == [] && errors == ["The connection cannot be secured: unsupported protocol."])
    }

    @Test func theServerChoosesTheProtocol() throws {
        let (seen, errors) = try withServer(["h2", "http/1.1"]) { certificates, port in
            try connect(certificates, port, "-alpn", "http/1.1,h2")
            try connect(certificates, port, "-alpn", "other,http/1.1")
            try connect(certificates, port)
            let result = try run(
                [try Tool.named("openssl").path, "s_client", "-connect", "127.0.0.1:\(port)", "-alpn", "other"],
                checked: false
            )
            #expect(result.errors.contains("no application protocol"), "\(result.errors)")
        }
        #expect(seen.map(\.applicationProtocol) == ["h2", "http/1.1", nil])
        #expect(errors == ["The connection cannot be secured: no application protocol."])
    }

    @Test func clientsShowCertificates() throws {
        let authority = try Certificates.shared.get().authority
        let (seen, errors) = try withServer(clients: authority) { certificates, port in
            for version in ["-tls1_2", "-tls1_3"] {
                let files = (certificates.path("client.pem"), certificates.path("client.key"))
                try connect(certificates, port, version, "-cert", files.0, "-key", files.1)
            }
            let result = try run(
                [try Tool.named("openssl").path, "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_2"],
                checked: false
            )
            #expect(result.status != .exited(0))
        }
        #expect(seen.map(\.subject) == ["O=Büro,CN=alice", "O=Büro,CN=alice"])
        #expect(errors == ["The client has shown no certificate, and one is required."])
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"]) func clientsResume(_ version: String) throws {
        let (seen, errors) = try withServer { certificates, port in
            let session = certificates.path("session\(version)")
            try connect(certificates, port, version, "-sess_out", session)
            try connect(certificates, port, version, "-sess_in", session)
        }
        #expect(seen.map(\.isResumed) == [false, true] && errors == [])
    }

    @Test func clientsReconnect() throws {
        let (seen, errors) = try withServer { _, port in
            let result = try run(
                [try Tool.named("openssl").path, "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_2", "-reconnect"],
                input: "",
                checked: false
            )
            #expect(result.output.contains("Reused, TLSv1.2"))
        }
        #expect(seen.map(\.isResumed) == [false, true, true, true, true, true])
        #expect(errors == [])
    }

    /// "K" asks for new keys of both sides in TLS 1.3.
    @Test func keysAreChanged() throws {
        let (seen, errors) = try withServer { certificates, port in
            let client = try ChildProcess(
                [try Tool.named("openssl").path, "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_3"],
                input: .pipe,
                output: .pipe,
                errors: .pipe
            )
            for number in 1...3 {
                try client.input!.write("K\n")
                while let line = try client.errors!.readLine(), line != "KEYUPDATE" {}
                try client.input!.write("\(number)\n")
                while let line = try client.output!.readLine(), line != "\(number)!" {}
            }
            client.input!.close()
            _ = try client.output!.readAll()
            _ = try client.wait()
        }
        #expect(seen.count == 1 && errors == [])
    }

    /// "R" asks for a new handshake in TLS 1.2.
    @Test func nothingIsNegotiatedAgain() throws {
        let (seen, _) = try withServer { certificates, port in
            let client = try ChildProcess(
                [try Tool.named("openssl").path, "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_2"],
                input: .pipe,
                output: .pipe,
                errors: .pipe
            )
            try client.input!.write("R\n")
            let errors = String(decoding: try client.errors!.readAll(), as: UTF8.self)
            #expect(errors.contains("no renegotiation"), "\(errors)")
            client.input!.close()
            _ = try client.output!.readAll()
            _ = try client.wait()
            try connect(certificates, port)
        }
        #expect(seen.count == 2)
    }

    @Test func aClientInPython() throws {
        let script = """
            import socket, ssl, sys
            port, ca = int(sys.argv[1]), sys.argv[2]
            context = ssl.create_default_context(cafile=ca)
            context.set_alpn_protocols(["h2"])
            line = b"x" * 100000 + b"\\n"
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                context.minimum_version = context.maximum_version = version
                session = None
                for round in range(2):
                    with socket.create_connection(("127.0.0.1", port)) as plain:
                        secure = context.wrap_socket(plain, server_hostname="localhost", session=session)
                        assert secure.selected_alpn_protocol() == "h2"
                        secure.sendall(b"short\\n")
                        assert secure.recv(100) == b"short!\\n"
                        session = secure.session
                        # Both have finished when this returns.
                        secure.unwrap()
            print("done")
            """
        let (seen, errors) = try withServer(["h2"]) { certificates, port in
            let result = try run(Tool.named("python3").path, "-c", script, "\(port)", certificates.path("ca.pem"))
            #expect(result.output == "done\n")
        }
        #expect(seen.map(\.version) == ["TLSv1.2", "TLSv1.2", "TLSv1.3", "TLSv1.3"])
        #expect(seen.map(\.isResumed) == [false, true, false, true])
        #expect(errors == [])
    }

    // MARK: Servers

    /// Runs `openssl s_server`, which sends lines back in reverse, and `body` with its port.
    private func withOpenSSL(
        _ options: String...,
        body: (_ certificates: Certificates, _ port: UInt16) throws -> Void
    ) throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let server = try ChildProcess(
                [try Tool.named("openssl").path, "s_server", "-accept", "127.0.0.1:0", "-rev"]
                    + ["-cert", certificates.path("server.pem"), "-key", certificates.path("server.key")] + options,
                output: .pipe,
                errors: .null
            )
            defer { _ = try? server.terminate() }
            var port: UInt16?
            while port == nil, let line = try server.output!.readLine() {
                if line.hasPrefix("ACCEPT ") { port = line.split(separator: ":").last.flatMap { UInt16($0) } }
            }
            Tasklet(name: "output") { _ = try server.output!.readAll() }
            try body(certificates, try #require(port))
        }
    }

    @Test(arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
    func aServerOfOpenSSL(_ option: String, _ version: String) throws {
        try withOpenSSL(option, "-alpn", "a,b") { certificates, port in
            let context = try certificates.client(["b", "c"])
            for round in 0..<3 {
                let client = try TLSStream.connect(to: "localhost", port: port, context)
                #expect(client.version == version && client.applicationProtocol == "b")
                #expect(client.isResumed == (round > 0))
                try client.write("hello\n")
                #expect(try client.readLine() == "olleh")
                try client.finishWriting()
                #expect(try client.readAll() == [])
                client.close()
            }
            let error = #expect(throws: TLSError.self) {
                try TLSStream.connect(to: "localhost", port: port, certificates.client(["c"]))
            }
            #expect(error == .refused(alert: "no application protocol"))
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"]) func aServerOfOpenSSLWantsACertificate(_ version: String) throws {
        let authority = try Certificates.shared.get().path("ca.pem")
        try withOpenSSL(version, "-Verify", "1", "-verify_return_error", "-CAfile", authority) { certificates, port in
            let client = try TLSStream.connect(to: "localhost", port: port, certificates.client(as: "client"))
            try client.write("hello\n")
            #expect(try client.readLine() == "olleh")
            client.close()
            let error = #expect(throws: TLSError.self) {
                _ = try TLSStream.connect(to: "localhost", port: port, certificates.client()).readLine()
            }
            guard case .refused? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
#endif
