#if TLS
import Hub
import TLS
import Tasklets
import TestSupport
import Testing

/// Bytes that are no TLS, or not any more: an error in words each time, never a trap, never a wait without an end.
@Suite(.hangAlarm) struct HostileTests {
    /// What both sides send in a handshake and a word each, and the end.
    private func flights(_ certificates: Certificates) throws -> (client: [UInt8], server: [UInt8]) {
        try Scheduler.scope {
            let ends = MemoryStream.pair()
            let (client, server) = try securedPair(over: ends)
            try client.write("x")
            #expect(try server.read(upTo: 1) == [120])
            try server.finishWriting()
            #expect(try client.readAll() == [])
            return (ends.0.written, ends.1.written)
        }
    }

    /// What becomes of one side that gets these bytes and then the end.
    private func outcome(of bytes: [UInt8], client: TLSContext) throws -> (any Error)? {
        let (near, far) = MemoryStream.pair()
        try far.write(bytes)
        far.finishWriting()
        do {
            let secure = try TLSStream.client(over: near, host: "localhost", client)
            _ = try secure.readAll()
            return nil
        } catch {
            return error
        }
    }

    private func outcome(of bytes: [UInt8], server: TLSContext) throws -> (any Error)? {
        let (near, far) = MemoryStream.pair()
        try far.write(bytes)
        far.finishWriting()
        do {
            let secure = try TLSStream.server(over: near, server)
            _ = try secure.readAll()
            return nil
        } catch {
            return error
        }
    }

    private func isInWords(_ error: (any Error)?) -> Bool {
        guard let error = error as? TLSError else { return false }
        let text = "\(error)"
        return text.hasSuffix(".") && !text.contains("nil") && !text.contains("unknown error")
    }

    @Test func whatIsCutAnywhere() throws {
        let certificates = try Certificates.shared.get()
        let (client, server) = (try certificates.client(), try certificates.server())
        let flights = try flights(certificates)
        #expect(flights.client.count > 300 && flights.server.count > 800)
        try Scheduler.scope {
            for count in 0...flights.client.count {
                let error = try outcome(of: Array(flights.client[..<count]), server: server)
                #expect(isInWords(error), "the first \(count) bytes: \(String(describing: error))")
            }
            for count in 0...flights.server.count {
                let error = try outcome(of: Array(flights.server[..<count]), client: client)
                #expect(isInWords(error), "the first \(count) bytes: \(String(describing: error))")
            }
        }
    }

    /// The notice of the end comes before there is a connection.
    @Test func whoTakesLeaveInTheHandshake() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope { () throws -> Void in
            let leave: [UInt8] = [21, 3, 3, 0, 2, 1, 0]
            #expect(try isInWords(outcome(of: leave, server: certificates.server())))
            let ofClient = try outcome(of: leave, client: certificates.client()) as? TLSError
            #expect(ofClient == .endedInHandshake)
        }
    }

    /// The same bytes again are no connection: keys are new each time.
    @Test func whatWasRecordedIsRefused() throws {
        let certificates = try Certificates.shared.get()
        let flights = try flights(certificates)
        try Scheduler.scope { () throws -> Void in
            #expect(try isInWords(outcome(of: flights.client, server: certificates.server())))
            #expect(try isInWords(outcome(of: flights.server, client: certificates.client())))
        }
    }

    @Test func noise() throws {
        let seed = UInt64.random(in: 0 ... .max)
        let dice = Dice(seed: seed)
        let certificates = try Certificates.shared.get()
        let (client, server) = (try certificates.client(), try certificates.server())
        let flights = try flights(certificates)
        try Scheduler.scope { () throws -> Void in
            for _ in 0..<500 {
                // All noise, or noise behind the beginning of what is right, or bytes of that changed.
                func spoiled(_ bytes: [UInt8]) -> [UInt8] {
                    let noise = (0..<dice.roll(0...300)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
                    switch dice.roll(0...2) {
                    case 0: return noise
                    case 1: return Array(bytes[..<dice.roll(0...bytes.count)]) + noise
                    default:
                        var bytes = bytes
                        for _ in 0..<dice.roll(1...4) { bytes[dice.roll(0...bytes.count - 1)] = dice.pick(noise + [0]) }
                        return bytes
                    }
                }
                #expect(try isInWords(outcome(of: spoiled(flights.client), server: server)), "seed \(seed)")
                #expect(try isInWords(outcome(of: spoiled(flights.server), client: client)), "seed \(seed)")
            }
        }
    }

    /// One bit of a living connection: nobody gets what was not sent.
    @Test(arguments: [true, false]) func aBitThatIsFlipped(ofClient: Bool) throws {
        let seed = UInt64.random(in: 0 ... .max)
        let dice = Dice(seed: seed)
        let certificates = try Certificates.shared.get()
        let flights = try flights(certificates)
        let length = ofClient ? flights.client.count : flights.server.count
        for place in 0..<length where dice.isOnce(in: 3) {
            let mask = UInt8(1) << UInt8(dice.roll(0...7))
            try Scheduler.scope {
                let ends = MemoryStream.pair()
                (ofClient ? ends.0 : ends.1).flip = { $0 == place ? $1 ^ mask : $1 }
                let (client, server) = try (certificates.client(), certificates.server())
                let served = Tasklet.spawn { () throws -> [UInt8] in
                    defer { ends.1.close() }
                    let secure = try TLSStream.server(over: ends.1, server)
                    let word = try secure.read(exactly: 4)
                    try secure.write(word)
                    try secure.finishWriting()
                    return word
                }
                var answer: [UInt8]?
                do {
                    defer { ends.0.close() }
                    let secure = try TLSStream.client(over: ends.0, host: "localhost", client)
                    try secure.write("word")
                    answer = try secure.readAll()
                } catch is DeadlockError {
                    // A length that was changed: both sides wait for more.
                } catch {
                    #expect(error is TLSError || error is MemoryStream.Closed, "\(error); seed \(seed), byte \(place)")
                }
                if let answer { #expect(answer == Array("word".utf8), "seed \(seed), byte \(place)") }
                do {
                    let word = try served.value()
                    #expect(word == Array("word".utf8), "seed \(seed), byte \(place)")
                } catch is DeadlockError {
                    // The same here.
                } catch {
                    #expect(
                        error is TLSError || error is HubError || error is MemoryStream.Closed,
                        "\(error); seed \(seed), byte \(place)"
                    )
                }
            }
        }
    }

    @Test func aServerGoesOn() throws {
        let seed = UInt64.random(in: 0 ... .max)
        let dice = Dice(seed: seed)
        let certificates = try Certificates.shared.get()
        let flights = try flights(certificates)
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let server = Server(on: TLSListener(on: listener, try certificates.server()), limit: 20)
            var told: [String] = []
            server.onError = { error, _ in
                told.append("\(error)")
                #expect(error is TLSError, "\(error)")
            }
            let served = Tasklet.spawn {
                try server.run { secure in
                    while let line = try secure.readLine() { try secure.write("\(line)!\n") }
                    try secure.finishWriting()
                }
            }
            let port = listener.address.port
            let texts = ["", "GET / HTTP/1.1\r\n\r\n", "hello\n", "\u{16}\u{3}\u{1}", "\0\0\0\0\0\0\0\0"]
            for round in 0..<200 {
                let plain = try TCPConnection.connect(to: listener.address)
                switch round % 4 {
                case 0: try plain.write(dice.pick(texts))
                case 1: try plain.write((0..<dice.roll(1...2000)).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
                case 2: try plain.write(Array(flights.client[..<dice.roll(0...flights.client.count)]))
                default: break
                }
                if dice.isOnce(in: 2) { plain.reset() } else { plain.close() }
                if round % 50 == 49 {
                    let client = try TLSStream.connect(to: "localhost", port: port, certificates.client())
                    try client.write("hello\n")
                    #expect(try client.readLine() == "hello!", "seed \(seed)")
                    client.close()
                }
            }
            while server.connectionCount > 0 { try Tasklet.sleep(for: .milliseconds(1)) }
            #expect(told.contains("The connection cannot be secured: http request."), "seed \(seed): \(Set(told))")
            server.stop()
            let report = try served.value()
            #expect(report.cut.isEmpty)
            #expect(try openDescriptors() == 0)
        }
    }

    /// OpenSSL's errors belong to the thread: what one connection, or other code, has left there is no affair of the next.
    @Test func errorsOfOthersAreNoErrorsHere() throws {
        let certificates = try Certificates.shared.get()
        try Scheduler.scope {
            let good = try securedPair()
            for _ in 0..<10 {
                #expect(try isInWords(outcome(of: Array("nonsense".utf8), server: certificates.server())))
                #expect(throws: TLSError.self) { try TLSContext.client(trust: .certificates(inFile: "/nothing")) }
                let line = Tasklet.spawn { try good.server.readLine() }
                try Tasklet.schedule()
                try good.client.write("fine\n")
                #expect(try line.value() == "fine")
            }
        }
    }
}
#endif
