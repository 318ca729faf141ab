import Hub
import Tasklets
import TestSupport
import Testing

/// What a system does seldom, at the seam: every answer is right all the same, and a server goes on.
@Suite(.hangAlarm) struct FaultyPortsTests {
    private func withFaults(seed: UInt64, _ body: (FaultyPorts, Dice) throws -> Void) throws {
        try Scheduler.scope {
            let dice = Dice(seed: seed)
            let ports = try FaultyPorts(dice.split())
            HubCore.use(ports)
            try body(ports, dice)
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>) func bytesThatComeInPiecesAreWhole(seed: UInt64) throws {
        try withFaults(seed: seed) { ports, dice in
            let server = Server(on: try TCPListener(on: .loopback, port: 0))
            server.onError = { _, _ in }
            let served = Tasklet.spawn { try server.run { try $0.write(from: $0) } }
            for _ in 0..<30 {
                let connection = try TCPConnection.connect(to: server.listener.address)
                let sent = (0..<dice.roll(1...5_000)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
                Tasklet {
                    try connection.write(sent)
                    try connection.finishWriting()
                }
                let received = try connection.readAll()
                #expect(received == sent, "seed \(seed)")
                connection.close()
            }
            server.stop()
            let report = try served.value()
            #expect(report.connections == 30 && report.failures == 0, "seed \(seed)")
            #expect(ports.counts["short read", default: 0] > 0 && ports.counts["short write", default: 0] > 0)
            #expect(ports.openCount == 0)
        }
    }

    @Test func aServerSurvivesWhatConnectionsAndTheSystemDo() throws {
        try withFaults(seed: 7) { ports, dice in
            let server = Server(on: try TCPListener(on: .loopback, port: 0))
            server.onError = { _, _ in }
            let served = Tasklet.spawn { try server.run { try $0.write(from: $0) } }
            ports.resetsOnceIn = 30
            var answers = 0
            for number in 0..<200 {
                do {
                    let connection = try TCPConnection.connect(to: server.listener.address)
                    defer { connection.close() }
                    try connection.write("\(number)\n")
                    let line = try withTimeout(.seconds(10)) { try connection.readLine() }
                    if let line {
                        // The connection may have ended in the middle.
                        #expect("\(number)".hasPrefix(line))
                        answers += 1
                    }
                } catch is SystemError {}
            }
            ports.resetsOnceIn = .max
            let connection = try TCPConnection.connect(to: server.listener.address)
            try connection.write("still there\n")
            #expect(try connection.readLine() == "still there")
            connection.close()
            server.stop()
            _ = try served.value()
            #expect(answers > 50)
            for kind in ["reset", "broken pipe", "no descriptor", "no memory", "aborted"] {
                #expect(ports.counts[kind, default: 0] > 0, "\(kind) never happened")
            }
            #expect(ports.openCount == 0)
        }
    }
}
