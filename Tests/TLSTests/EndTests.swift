#if TLS
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct EndTests {
    @Test func aConnectionThatIsCutIsNoEnd() throws {
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            let (client, server) = try securedPair(over: (near, far))
            try server.write("half of")
            #expect(try client.read(exactly: 7) == Array("half of".utf8))
            far.close()
            #expect(throws: TLSError.truncated) { try client.readLine() }
            // Asked again it says the same.
            #expect(throws: TLSError.truncated) { try client.read(upTo: 1) }
            #expect(try openDescriptors() == 1)
        }
    }

    @Test func closingTellsTheOtherSide() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            try server.write("all of it")
            server.close()
            server.close()
            #expect(try client.readAll() == Array("all of it".utf8))
            #expect(try client.read(upTo: 1) == [])
            client.close()
            #expect(try openDescriptors() == 0)
        }
    }

    @Test func closingInsideOfTLSTellsTheOtherSide() throws {
        try Scheduler.scope {
            let outer = try securedPair()
            let inner = try securedPair(over: (outer.client, outer.server))
            try inner.client.write("x")
            inner.client.close()
            #expect(try inner.server.readAll() == [120])
        }
    }

    /// A server's tickets come after the handshake, and are no bytes of its own. Asked is the system: the hub has not looked since.
    @Test(arguments: [0, 1, 2]) func whetherSomethingHasCome(layers: Int) throws {
        for isCut in [false, true] {
            try Scheduler.scope {
                let ends = try UnixConnection.pair()
                var below: (any ByteStream, any ByteStream) = ends
                for _ in 0..<layers { below = try securedPair(over: below) }
                let (client, server) = try securedPair(over: below)
                #expect(try !client.hasCome())
                try server.write("xy")
                for _ in 1...2 { #expect(try client.hasCome()) }
                #expect(try client.read(upTo: 1) == [120])
                #expect(try client.hasCome())
                #expect(try client.read(upTo: 1) == [121])
                for _ in 1...2 { #expect(try !client.hasCome()) }
                if isCut { ends.1.close() } else { server.close() }
                if isCut {
                    // Where TLS is below it is the one that finds the cut, in the look.
                    if layers == 0 { #expect(try client.hasCome()) }
                    if layers > 0 { #expect(throws: TLSError.truncated) { try client.hasCome() } }
                    #expect(throws: TLSError.truncated) { try client.read(upTo: 1) }
                } else {
                    #expect(try client.hasCome())
                    #expect(try client.read(upTo: 1) == [])
                }
                client.close()
                #expect(throws: SystemError.self) { try client.hasCome() }
            }
        }
    }

    /// Whoever asks may find what the other side has done wrong. It is told, as by a read.
    @Test func theOtherSideIsToldWhatALookHasFound() throws {
        try Scheduler.scope {
            let ends = try UnixConnection.pair()
            let (client, server) = try securedPair(over: ends)
            #expect(try !client.hasCome())
            #expect(try !ends.1.hasCome())
            try ends.1.write([23, 3, 3, 0, 20] + [UInt8](repeating: 7, count: 20))
            #expect(throws: TLSError.self) { try client.hasCome() }
            #expect(try ends.1.hasCome())
            #expect(throws: TLSError.self) { try server.read(upTo: 1) }
        }
    }

    /// A stream that cannot be asked is read from, without a wait.
    @Test func whetherSomethingHasComeOverAStreamOfOnesOwn() throws {
        try Scheduler.scope {
            let ends = try UnixConnection.pair()
            let (client, server) = try securedPair(over: (Plain(ends.0), Plain(ends.1)))
            #expect(try !client.hasCome())
            try server.write("x")
            while try !client.hasCome() { try Tasklet.schedule() }
            #expect(try client.read(upTo: 1) == [120])
            #expect(try !client.hasCome())
            try server.finishWriting()
            while try !client.hasCome() { try Tasklet.schedule() }
            #expect(try client.read(upTo: 1) == [])
            client.close()
            server.close()
        }
    }

    /// What is in the middle of a record cannot be followed by a notice.
    @Test func closingWhileSomebodyWritesIsACut() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            let written = Tasklet.spawn { try server.write([UInt8](repeating: 1, count: 5_000_000)) }
            while written.tasklet?.isBlocked != true { try Tasklet.schedule() }
            server.close()
            let error = #expect(throws: SystemError.self) { try written.value() }
            #expect(error?.code == .closed)
            #expect(throws: TLSError.truncated) { try client.readAll() }
        }
    }

    /// Between two parts of a large message nothing is being sent, and yet it is not the end. The hub gives way once in 64
    /// operations: each of the numbers of operations before lets the writer stand somewhere else.
    @Test func closingWhileAWriterGivesWayIsACut() throws {
        let much = [UInt8](repeating: 1, count: 1_000_000)
        var cuts = 0
        for operations in 0..<64 {
            try Scheduler.scope {
                let (client, server) = try securedPair()
                let received = Tasklet.spawn { try client.readAll() }
                let written = Tasklet.spawn {
                    for _ in 0..<operations { try server.giveWayIfDue() }
                    try server.write(much)
                }
                // The reader waits, and the writer goes on until it gives way or there is no room.
                try Tasklet.schedule()
                let gaveWay = written.tasklet?.isBlocked == false
                server.close()
                let error = #expect(throws: SystemError.self) { try written.value() }
                #expect(error?.code == .closed)
                if case let result = Result(catching: { try received.value() }), case .success(let bytes) = result {
                    // It had not begun.
                    let count = bytes.count
                    #expect(count == 0, "after \(operations) operations")
                } else if gaveWay {
                    cuts += 1
                }
            }
        }
        #expect(cuts > 0)
    }

    @Test func closingOverAStreamThatCannotBeAskedIsACut() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair(over: MemoryStream.pair())
            server.close()
            #expect(throws: TLSError.truncated) { try client.readAll() }
        }
    }

    @Test func nothingIsWrittenAfterTheEnd() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            try client.finishWriting()
            try client.finishWriting()
            let error = #expect(throws: SystemError.self) { try client.write("x") }
            #expect(error?.code == .brokenPipe)
            #expect(try server.readAll() == [])
            // The other direction goes on.
            try server.write("y")
            #expect(try client.read(upTo: 10) == [121])
        }
    }

    /// The notice did not go: neither did it the second time.
    @Test func finishingThatFailedFailsAgain() throws {
        try Scheduler.scope {
            let (near, far) = MemoryStream.pair()
            let (client, _) = try securedPair(over: (near, far))
            near.writesLeft = 0
            #expect(throws: MemoryStream.Closed.self) { try client.finishWriting() }
            let written = near.written.count
            #expect(throws: TLSError.writeInterrupted(by: "Closed()")) { try client.finishWriting() }
            #expect(near.written.count == written)
        }
    }

    @Test func whatIsClosedSaysSo() throws {
        try Scheduler.scope {
            let (client, _) = try securedPair()
            client.close()
            for operation in [{ _ = try client.readLine() }, { try client.write("x") }] {
                let error = #expect(throws: SystemError.self) { try operation() }
                #expect(error?.code == .closed)
            }
        }
    }

    @Test func whatIsForgottenIsClosed() throws {
        try Scheduler.scope {
            let certificates = try Certificates.shared.get()
            let listener = TLSListener(on: try TCPListener(on: .loopback, port: 0), try certificates.server())
            do {
                let port = listener.below.address.port
                let client = Tasklet.spawn { try TLSStream.connect(to: "localhost", port: port, certificates.client()) }
                let server = try listener.accept()
                try server.handshake()
                _ = try client.value()
                #expect(try openDescriptors() >= 2)
            }
            while try openDescriptors() > 1 { try Tasklet.schedule() }
            listener.close()
            #expect(try openDescriptors() == 0)
        }
    }

    @Test func nothingIsLeftAlive() throws {
        weak var stream: TLSStream?
        weak var context: TLSContext?
        try Scheduler.scope {
            let certificates = try Certificates.shared.get()
            let client = try certificates.client()
            context = client
            let pair = try securedPair(client, certificates.server())
            stream = pair.client
            try pair.client.write("x")
            #expect(try pair.server.read(upTo: 1) == [120])
        }
        #expect(stream == nil && context == nil)
    }
}

/// A stream that can do nothing but what every stream can.
private final class Plain: ByteStream {
    let readAhead = ReadAhead()
    private let below: UnixConnection

    init(_ below: UnixConnection) { self.below = below }

    func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try below.read(into: buffer) }
    func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        try below.writeDirectly(pieces)
    }
    func finishWriting() throws { try below.finishWriting() }
    func close() { below.close() }
}
#endif
