#if TLS
import Hub
import Sync
import TLS
import Tasklets
import TestSupport
import Testing

/// Half of a record has gone, or may have gone: nothing follows it, whoever wants to send.
@Suite(.hangAlarm) struct InterruptionTests {
    private func waitUntilBlocked(_ tasklets: Tasklet?...) throws {
        while !tasklets.allSatisfy({ $0.map { $0.isBlocked || !$0.isAlive } ?? true }) { try Tasklet.schedule() }
    }

    private func interruption(_ error: (any Error)?) -> Bool {
        if case .writeInterrupted = error as? TLSError { true } else { false }
    }

    /// OpenSSL makes an alert of what it cannot read, and the reader would send it.
    @Test func aReaderSendsNothingBehindHalfOfARecord() throws {
        try Scheduler.scope {
            let (near, middle) = try UnixConnection.pair()
            let (end, far) = try UnixConnection.pair()
            let forwarders = [(middle, end), (end, middle)].map { from, to in
                Tasklet.spawn { _ = try to.write(from: from) }.tasklet
            }
            let (client, _) = try securedPair(over: (near, far))
            try waitUntilBlocked(forwarders[0], forwarders[1])
            for forwarder in forwarders { try forwarder?.kill() }
            let written = Tasklet.spawn { try client.write([UInt8](repeating: 1, count: 5_000_000)) }
            try waitUntilBlocked(written.tasklet)
            written.tasklet?.cancel()
            #expect(throws: CancellationError.self) { try written.value() }
            var gone = 0
            while case let count? = try withTimeout(
                .milliseconds(20),
                orElse: nil,
                { try middle.read(upTo: 65_536).count }
            ) {
                gone += count
            }
            #expect(gone > 0)
            try middle.write([23, 3, 3, 0, 32] + [UInt8](repeating: 7, count: 32))
            #expect(throws: TLSError.self) { try client.readLine() }
            client.close()
            let later = try middle.readAll().count
            #expect(later == 0)
        }
    }

    /// A reader that sends what the other side has asked for sends what a writer has made as well. It is cancelled in the middle.
    ///
    /// - Parameter parts: how much has gone before.
    @Test(arguments: [0, 1]) func aWriterHearsThatItsBytesAreLost(parts: Int) throws {
        try Scheduler.scope {
            let (near, far) = MemoryStream.pair()
            let (client, server) = try securedPair(over: (near, far))
            far.room = Event()
            // So much that a reader sends it first.
            try fill(server)
            let line = Tasklet.spawn { try server.readLine() }
            try waitUntilBlocked(line.tasklet)
            let written = Tasklet.spawn { try server.write("lost") }
            try waitUntilBlocked(written.tasklet)
            for _ in 0..<parts {
                far.room?.set()
                for _ in 0..<5 { try Tasklet.schedule() }
            }
            let gone = far.written.count
            line.tasklet?.cancel()
            #expect(throws: CancellationError.self) { try line.value() }
            try waitUntilBlocked(written.tasklet)
            for _ in 0..<5 {
                far.room?.set()
                try Tasklet.schedule()
            }
            var error: (any Error)?
            do { try written.value() } catch let thrown { error = thrown }
            #expect(interruption(error), "\(String(describing: error))")
            #expect(far.written.count == gone)
            // What comes can still be read.
            try client.write("late\n")
            #expect(try server.readLine() == "late")
        }
    }

    /// What cannot go any more is dropped: a reader does not wait until it has gone.
    @Test func aReaderGoesOnWithoutSending() throws {
        try Scheduler.scope {
            let (near, far) = MemoryStream.pair()
            let (client, server) = try securedPair(over: (near, far))
            far.room = Event()
            try fill(server)
            let sending = Tasklet.spawn { try server.readLine() }
            try waitUntilBlocked(sending.tasklet)
            // More than a reader leaves, and not taken out yet.
            let much = [UInt8](repeating: 2, count: 100_000)
            let written = Tasklet.spawn { try server.write(much) }
            let waiting = Tasklet.spawn { try server.readLine() }
            try waitUntilBlocked(written.tasklet, waiting.tasklet)
            sending.tasklet?.cancel()
            #expect(throws: CancellationError.self) { try sending.value() }
            #expect(throws: TLSError.self) { try written.value() }
            try client.write("late\n")
            #expect(try waiting.value() == "late")
            #expect(throws: TLSError.self) { try server.write("more") }
        }
    }

    /// Who has only waited for another one to send has spoiled nothing.
    @Test func aReaderThatOnlyWaitedHarmsNobody() throws {
        try Scheduler.scope {
            let (near, far) = MemoryStream.pair()
            let (client, server) = try securedPair(over: (near, far))
            far.room = Event()
            let count = try fill(server)
            let sending = Tasklet.spawn { try server.readLine() }
            try waitUntilBlocked(sending.tasklet)
            let much = [UInt8](repeating: 2, count: 100_000)
            let written = Tasklet.spawn {
                try server.write(much)
                try server.finishWriting()
            }
            let waiting = Tasklet.spawn { try server.readLine() }
            try waitUntilBlocked(written.tasklet, waiting.tasklet)
            waiting.tasklet?.cancel()
            #expect(throws: CancellationError.self) { try waiting.value() }
            let room = far.room
            far.room = nil
            room?.set()
            let received = try client.readAll().count
            #expect(received == count + much.count)
            try written.value()
            sending.tasklet?.cancel()
        }
    }

    /// Leaves more to send than a reader takes. Returns how many bytes.
    @discardableResult
    private func fill(_ stream: TLSStream) throws -> Int {
        let bytes = [UInt8](repeating: 1, count: 200_000)
        return try bytes.withUnsafeBytes { try stream.writeAtOnce($0) }
    }
}
#endif
