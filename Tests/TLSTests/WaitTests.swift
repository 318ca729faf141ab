#if TLS
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

/// Every way in which a wait is ended, at every wait.
@Suite(.hangAlarm) struct WaitTests {
    enum Way: CaseIterable {
        case kill, cancel, timeout, close
    }

    private struct TooLate: Error {}

    /// Begins `body` in a tasklet, ends its wait, and returns what it threw.
    private func error(of way: Way, at stream: any ByteStream, _ body: @escaping () throws -> Void) throws -> any Error
    {
        let promise = Tasklet.spawn(name: "waits") {
            if way == .timeout {
                try withTimeout(.milliseconds(5), throwing: TooLate(), body)
            } else {
                try body()
            }
        }
        let tasklet = try #require(promise.tasklet)
        while !tasklet.isBlocked { try Tasklet.schedule() }
        switch way {
        case .kill: try tasklet.kill()
        case .cancel: tasklet.cancel()
        case .timeout: break
        case .close: stream.close()
        }
        var thrown: (any Error)?
        do { try promise.value() } catch { thrown = error }
        return try #require(thrown)
    }

    private func check(_ error: any Error, _ way: Way) {
        switch way {
        // What the promise of a tasklet that was killed throws.
        case .kill: #expect(error is CancellationError, "\(error)")
        case .cancel: #expect(error is CancellationError, "\(error)")
        case .timeout: #expect(error is TooLate, "\(error)")
        case .close: #expect((error as? SystemError)?.code == .closed, "\(error)")
        }
    }

    @Test(arguments: Way.allCases) func aHandshakeThatIsEnded(_ way: Way) throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let (near, far) = try UnixConnection.pair()
            let context = try certificates.client()
            let error = try error(of: way, at: near) {
                _ = try TLSStream.client(over: near, host: "localhost", context)
            }
            check(error, way)
            near.close()
            far.close()
            #expect(try openDescriptors() == 0)
        }
    }

    /// It goes on where it was.
    @Test(arguments: [Way.kill, .cancel, .timeout]) func aHandshakeIsBegunAgain(_ way: Way) throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let listener = TLSListener(on: try TCPListener(on: .loopback, port: 0), try certificates.server())
            let plain = try TCPConnection.connect(to: listener.below.address)
            let server = try listener.accept()
            check(try error(of: way, at: server) { try server.handshake() }, way)
            check(try error(of: way, at: server) { _ = try server.readLine() }, way)
            let context = try certificates.client()
            let client = Tasklet.spawn { try TLSStream.client(over: plain, host: "localhost", context) }
            try server.handshake()
            try client.value().write("here\n")
            #expect(try server.readLine() == "here")
        }
    }

    @Test(arguments: Way.allCases) func aReadThatIsEnded(_ way: Way) throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            check(try error(of: way, at: client) { _ = try client.readLine() }, way)
            if way == .close { return #expect(try server.readAll() == []) }
            // Nothing is lost.
            try server.write("late\n")
            #expect(try client.readLine() == "late")
            try client.write("fine\n")
            #expect(try server.readLine() == "fine")
        }
    }

    /// In the middle of a record: the beginning is kept.
    @Test func aReadThatIsEndedInTheMiddleOfARecord() throws {
        try Scheduler.scope {
            let (near, middle) = try UnixConnection.pair()
            let (end, far) = try UnixConnection.pair()
            var held: [UInt8] = []
            var holds = false
            Tasklet(name: "forwards") { try middle.write(from: end) }
            Tasklet(name: "holds back") {
                while case let bytes = try middle.read(upTo: 1000), !bytes.isEmpty {
                    let passed = holds ? bytes.count / 2 : bytes.count
                    try end.write(Array(bytes[..<passed]))
                    held += bytes[passed...]
                }
            }
            let (client, server) = try securedPair(over: (near, far))
            holds = true
            try client.write("in two halves\n")
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(20)) { try server.readLine() } }
            #expect(!held.isEmpty)
            try end.write(held)
            #expect(try server.readLine() == "in two halves")
        }
    }

    @Test(arguments: Way.allCases) func aWriteThatIsEnded(_ way: Way) throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            try server.write("before\n")
            let much = [UInt8](repeating: 1, count: 5_000_000)
            check(try error(of: way, at: client) { try client.write(much) }, way)
            if way == .close { return }
            let later = #expect(throws: TLSError.self) { try client.write("more") }
            guard case .writeInterrupted = later else {
                Issue.record("\(String(describing: later))")
                return
            }
            #expect("\(later!)".hasPrefix("A write was ended in the middle ("))
            #expect(throws: later!) { try client.finishWriting() }
            // What has come can be read.
            #expect(try client.readLine() == "before")
            client.close()
            #expect(throws: TLSError.truncated) { try server.readAll() }
        }
    }

    /// Whoever is killed at whatever switch leaves nobody waiting, and nothing open.
    @Test func aClientIsKilledAtEachSwitch() throws {
        let certificates = try Certificates.shared.get()
        let (context, serverContext) = (try certificates.client(), try certificates.server())
        var ends: Set<String> = []
        for switches in 1..<80 {
            try Scheduler.scope {
                let (near, far) = MemoryStream.pair(inPiecesOf: 100)
                let served = Tasklet.spawn { () throws -> Int in
                    defer { far.close() }
                    let secure = try TLSStream.server(over: far, serverContext)
                    var lines = 0
                    while let line = try secure.readLine() {
                        try secure.write("\(line)!\n")
                        lines += 1
                    }
                    try secure.finishWriting()
                    return lines
                }
                let client = Tasklet.spawn {
                    defer { near.close() }
                    let secure = try TLSStream.client(over: near, host: "localhost", context)
                    for _ in 0..<3 {
                        try secure.write("hello\n")
                        #expect(try secure.readLine() == "hello!")
                    }
                    try secure.finishWriting()
                    #expect(try secure.readLine() == nil)
                }
                for _ in 0..<switches { try Tasklet.schedule() }
                try client.tasklet?.kill()
                do { ends.insert("\(try served.value()) lines") } catch {
                    #expect(error is TLSError || error is MemoryStream.Closed, "after \(switches) switches: \(error)")
                    ends.insert("\(error)")
                }
            }
        }
        #expect(ends.isSuperset(of: ["3 lines", "\(TLSError.endedInHandshake)", "\(TLSError.truncated)"]), "\(ends)")
    }

    @Test func aSecondWriterIsRefused() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            let much = [UInt8](repeating: 1, count: 2_000_000)
            let first = Tasklet.spawn(name: "first") {
                try client.write(much)
                try client.finishWriting()
            }
            while first.tasklet?.isBlocked != true { try Tasklet.schedule() }
            let error = #expect(throws: HubError.self) { try client.write("short") }
            #expect(error.map { "\($0)" }?.contains("'first'") == true)
            #expect(try server.readAll() == much)
            try first.value()
        }
    }

    @Test func aSecondReaderIsRefused() throws {
        try Scheduler.scope {
            let (client, server) = try securedPair()
            let first = Tasklet.spawn(name: "first") { try client.readLine() }
            while first.tasklet?.isBlocked != true { try Tasklet.schedule() }
            #expect(throws: HubError.self) { try client.readLine() }
            try server.write("for the first\n")
            #expect(try first.value() == "for the first")
        }
    }
}
#endif
