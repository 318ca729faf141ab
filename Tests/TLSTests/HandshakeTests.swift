#if TLS
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct HandshakeTests {
    /// A line there and one back, and the end both ways.
    private func talk(_ client: TLSStream, _ server: TLSStream) throws {
        try client.write("hello\n")
        #expect(try server.readLine() == "hello")
        try server.write("good day\n")
        #expect(try client.readLine() == "good day")
        try client.finishWriting()
        #expect(try server.readLine() == nil)
        try server.write("still here\n")
        try server.finishWriting()
        #expect(try client.readAll() == Array("still here\n".utf8))
        client.close()
        server.close()
    }

    @Test func aClientAndAServerOverTCP() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let context = try certificates.server()
            let server = Server(on: TLSListener(on: listener, context))
            let served = Tasklet.spawn {
                try server.run { secure in
                    while let line = try secure.readLine() { try secure.write("\(line)!\n") }
                    try secure.finishWriting()
                }
            }
            let client = try TLSStream.connect(to: "localhost", port: listener.address.port, certificates.client())
            #expect(client.version == "TLSv1.3" && client.peerSubject == "CN=localhost" && !client.isResumed)
            #expect(client.applicationProtocol == nil)
            #expect(client.description == "TLS over connection with 127.0.0.1:\(listener.address.port)")
            try client.write("one\ntwo\n")
            #expect(try client.readLine() == "one!")
            #expect(try client.readLine() == "two!")
            try client.finishWriting()
            #expect(try client.readLine() == nil)
            client.close()
            server.stop()
            let report = try served.value()
            #expect(report.connections == 1 && report.failures == 0)
            #expect(try openDescriptors() == 0)
        }
    }

    @Test func overAPairOfUnixConnections() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            try talk(client, server)
            #expect(try openDescriptors() == 0)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 4096, Int.max]) func overAStreamOfOnesOwn(inPiecesOf pieces: Int) throws {
        try Scheduler.scope {
            let (client, server) = try securedPair(over: MemoryStream.pair(inPiecesOf: pieces))
            try talk(client, server)
        }
    }

    @Test func insideOfTLS() throws {
        try Scheduler.scope {
            let outer = try securedPair()
            let inner = try securedPair(over: (outer.client, outer.server))
            #expect(inner.server.description == "TLS over TLS over connection on this machine")
            try talk(inner.client, inner.server)
            #expect(try openDescriptors() == 0)
        }
    }

    @Test func aCertificateOfRSA() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (client, server) = try securedPair(certificates.client(), certificates.server("rsa"))
            try talk(client, server)
        }
    }

    /// A protocol that begins in the clear, and is secured then.
    @Test func whatWasReadAheadIsPartOfTheHandshake() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            let context = try certificates.client()
            let client = Tasklet.spawn {
                // The beginning of the handshake comes with the line.
                try near.write("STARTTLS\n")
                return try TLSStream.client(over: near, host: "localhost", context)
            }
            try Tasklet.schedule()
            #expect(try far.readLine() == "STARTTLS")
            let server = try TLSStream.server(over: far, certificates.server())
            try talk(try client.value(), server)
        }
    }

    @Test func aSecondTaskletWaitsForTheHandshakeOfTheFirst() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let secureListener = TLSListener(on: listener, try certificates.server())
            let client = Tasklet.spawn {
                try TLSStream.connect(to: "localhost", port: listener.address.port, certificates.client())
            }
            let server = try secureListener.accept()
            #expect(server.version == nil && server.peerSubject == nil && server.applicationProtocol == nil)
            let line = Tasklet.spawn { try server.readLine() }
            let written = Tasklet.spawn { try server.write("first\n") }
            let connected = try client.value()
            #expect(try connected.readLine() == "first")
            try connected.write("second\n")
            #expect(try line.value() == "second")
            try written.value()
            #expect(server.version == "TLSv1.3")
        }
    }

    /// Both at once: what is decided by chance is in which order records come.
    @Test func muchBothWaysAtOnce() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            let sent = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            let back = [UInt8](sent.reversed())
            let writers = [(client, sent), (server, back)].map { stream, bytes in
                Tasklet.spawn {
                    try stream.write(bytes)
                    try stream.finishWriting()
                }
            }
            let received = Tasklet.spawn { try server.readAll() }
            #expect(try client.readAll() == back)
            #expect(try received.value() == sent)
            for writer in writers { try writer.value() }
        }
    }

    @Test func piecesOfAnyLengthComeWholeAndInOrder() throws {
        let dice = Dice(seed: .random(in: 0 ... .max))
        let seed = dice.next()
        let lengths = Dice(seed: seed)
        try Scheduler.scope {
            let (client, server) = try securedPair()
            let sent = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 5) }
            Tasklet(name: "writer") {
                var place = 0
                while place < sent.count {
                    let pieces = (0..<lengths.roll(1...3)).map { _ -> [UInt8] in
                        let start = place
                        place = min(place + lengths.pick([0, 1, 100, 16_383, 16_384, 16_385, 70_000]), sent.count)
                        return Array(sent[start..<place])
                    }
                    if pieces.count == 1 {
                        try client.write(pieces[0])
                    } else {
                        let memory = pieces.map { bytes -> UnsafeRawBufferPointer in
                            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
                            copy.copyBytes(from: bytes)
                            return UnsafeRawBufferPointer(copy)
                        }
                        defer { for piece in memory { piece.deallocate() } }
                        try client.write(memory)
                    }
                }
                try client.finishWriting()
            }
            #expect(try server.readAll() == sent, "seed \(seed)")
        }
    }

    @Test(arguments: ["reads", "writes", "writes much"]) func aBusyConnectionStarvesNobody(_ operation: String) throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            var turns = 0
            Tasklet {
                while true {
                    turns += 1
                    try Tasklet.schedule()
                }
            }
            // So few fit into what the system keeps.
            switch operation {
            case "reads":
                for _ in 0..<200 { try client.write("x") }
                turns = 0
                for _ in 0..<200 { _ = try server.read(upTo: 1) }
            case "writes": for _ in 0..<200 { try client.write("x") }
            default:
                Tasklet { _ = try server.readAll() }
                for _ in 0..<10 { try client.write([UInt8](repeating: 0, count: 1_000_000)) }
            }
            #expect(turns >= 2)
        }
    }

    /// OpenSSL computes on the stack of the tasklet.
    @Test(arguments: ["server", "rsa"]) func theSmallestUsualStackIsEnough(_ certificate: String) throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            let (client, server) = try (certificates.client(as: "client"), certificates.server(certificate))
            var lines: [String?] = []
            Tasklet(name: "server", stackSize: 65_536) {
                let secure = try TLSStream.server(over: far, server)
                while let line = try secure.readLine() { try secure.write("\(line)!\n") }
                secure.close()
            }
            Tasklet(name: "client", stackSize: 65_536) {
                let secure = try TLSStream.client(over: near, host: "localhost", client)
                try secure.write("hello\n")
                lines.append(try secure.readLine())
                try secure.finishWriting()
                lines.append(try secure.readLine())
            }
            try Tasklet.runUntilDone()
            #expect(lines == ["hello!", nil])
        }
    }

    @Test func aContextForTheOtherSideIsRefused() async throws {
        let certificates = try Certificates.shared.get()
        let client = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [certificates = certificates as Certificates] in
            try synchronously {
                let (near, _) = try UnixConnection.pair()
                _ = try TLSStream.client(over: near, host: "localhost", certificates.server())
            }
        }
        #expect(message(client).contains("make it by TLSContext.client"))
        let server = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [certificates = certificates as Certificates] in
            try synchronously {
                let (near, _) = try UnixConnection.pair()
                _ = try TLSStream.server(over: near, certificates.client())
            }
        }
        #expect(message(server).contains("make it by TLSContext.server"))
    }

    @Test func aProtocolWithoutANameIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try TLSContext.client(applicationProtocols: [""])
        }
        #expect(message(result).contains("The name of a protocol has 1 to 255 bytes"))
    }

    private func message(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
#endif
