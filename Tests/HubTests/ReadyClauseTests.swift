import Channels
import Foundation
import Hub
import Sync
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct ReadyClauseTests {
    private func pair() throws -> (TCPConnection, TCPConnection) {
        let listener = try TCPListener(on: .loopback, port: 0)
        defer { listener.close() }
        let connection = try TCPConnection.connect(to: listener.address)
        return (connection, try listener.accept())
    }

    @Test func theFirstThatIsReadyIsChosen() throws {
        try Scheduler.scope {
            let (near, far) = try pair()
            let messages = Channel<String>()
            func next(within time: Duration = .seconds(60)) throws -> String {
                try select {
                    near.onReadable { try near.readLine() ?? "the end" }
                    messages.onReceive { $0 }
                    after(time) { "nothing" }
                }
            }
            #expect(try next(within: .milliseconds(2)) == "nothing")
            try far.write("one\ntwo\n")
            #expect(try next() == "one")
            // It has been read ahead.
            #expect(try next() == "two")
            Tasklet { try messages.send("message") }
            #expect(try next() == "message")
            Tasklet { try far.write("three\n") }
            #expect(try next() == "three")
            far.close()
            #expect(try next() == "the end")
        }
    }

    @Test func aWaitThatAnotherClauseEndsLeavesNothing() throws {
        try Scheduler.scope {
            let (near, far) = try pair()
            for _ in 0..<3 {
                try select {
                    near.onReadable { _ = Issue.record("Nothing is there.") }
                    after(.milliseconds(1)) {}
                }
            }
            // Nobody waits there any more, so this is not refused.
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(1)) { _ = try near.read(upTo: 1) } }
            try far.write("x")
            #expect(try near.read(upTo: 1) == Array("x".utf8))
        }
    }

    @Test func connectionsAreAcceptedUntilAnEvent() throws {
        try Scheduler.scope {
            let listener = try TCPListener(on: .loopback, port: 0)
            let stop = Event()
            var count = 0
            let server = Tasklet.spawn {
                var isRunning = true
                while isRunning {
                    try select {
                        listener.onAccept { caller in
                            count += 1
                            try caller.write("\(count)\n")
                        }
                        stop.onSet { isRunning = false }
                    }
                }
            }
            for number in 1...5 {
                #expect(try TCPConnection.connect(to: listener.address).readLine() == "\(number)")
            }
            stop.set()
            try server.value()
            #expect(count == 5)
        }
    }

    @Test func whatIsWritableIsChosenAtOnce() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            #expect(
                try select {
                    writer.onWritable { true }
                    otherwise { false }
                }
            )
            #expect(
                try !select {
                    reader.onReadable { true }
                    otherwise { false }
                }
            )
            let filler = Tasklet { try writer.write([UInt8](repeating: 1, count: 1_000_000)) }
            try Tasklet.schedule()
            try filler.kill()
            #expect(
                try !select {
                    writer.onWritable { true }
                    otherwise { false }
                }
            )
            Tasklet { while try reader.read(upTo: 65_536).count > 0 {} }
            #expect(
                try select {
                    writer.onWritable { true }
                    after(.seconds(1000)) { false }
                }
            )
            let (near, _) = try pair()
            #expect(
                try select {
                    near.onWritable { true }
                    otherwise { false }
                }
            )
        }
    }

    @Test func descriptorsOfOthersAreClauses() throws {
        try Scheduler.scope {
            var ends: [Int32] = [-1, -1]
            #expect(pipe(&ends) == 0)
            defer {
                close(ends[0])
                close(ends[1])
            }
            let ports = try HubCore.current().ports as! SystemPorts
            func next() throws -> String {
                try select {
                    try Hub.onReadable(ends[0]) { "readable" }
                    after(.milliseconds(2)) { "nothing" }
                }
            }
            #expect(try next() == "nothing")
            #expect(write(ends[1], "x", 1) == 1)
            #expect(try next() == "readable")
            #expect(try next() == "readable")
            #expect(
                try select {
                    try Hub.onWritable(ends[1]) { true }
                    otherwise { false }
                }
            )
            let killed = Tasklet { try select { try Hub.onWritable(ends[0]) {} } }
            try Tasklet.schedule()
            try killed.kill()
            let file = open("/dev/null", O_RDONLY)
            defer { close(file) }
            #expect(
                try select {
                    try Hub.onReadable(file) { true }
                    otherwise { false }
                }
            )
            #expect(throws: SystemError.self) { try select { try Hub.onReadable(987_654) {} } }
            Tasklet(name: "first") { try Hub.waitWritable(ends[0]) }
            try Tasklet.schedule()
            #expect(throws: HubError.self) { try select { try Hub.onWritable(ends[0]) {} } }
            for tasklet in Scheduler.current.tasklets where tasklet.name == "first" { try tasklet.kill() }
            #expect(ports.openCount == 0)
        }
    }

    @Test func closingEndsTheWait() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            let selected = Tasklet.spawn { try select { reader.onReadable { try reader.read(upTo: 1) } } }
            try Tasklet.schedule()
            reader.close()
            #expect(throws: SystemError(.closed, "read")) { try selected.value() }
            #expect(throws: SystemError(.closed, "read")) { try select { reader.onReadable {} } }
            withExtendedLifetime(writer) {}
        }
    }

    @Test func theWaitCanBeEnded() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            let killed = Tasklet { try select { reader.onReadable {} } }
            try Tasklet.schedule()
            try killed.kill()
            #expect(!killed.isAlive)
            let cancelled = Tasklet { try select { reader.onReadable {} } }
            try Tasklet.schedule()
            cancelled.cancel()
            try Tasklet.schedule()
            #expect(!cancelled.isAlive)
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(1)) { try select { reader.onReadable {} } }
            }
            Tasklet(name: "first") { _ = try reader.read(upTo: 1) }
            try Tasklet.schedule()
            let error = #expect(throws: HubError.self) { try select { reader.onReadable {} } }
            #expect(error.map { "\($0)" }?.contains("'first'") == true)
            writer.close()
        }
    }

    @Test func aBusyClauseStarvesNobody() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            try writer.write([UInt8](repeating: 1, count: 10_000))
            var turns = 0
            Tasklet {
                while true {
                    turns += 1
                    try Tasklet.schedule()
                }
            }
            for _ in 0..<10_000 {
                try select { reader.onReadable { _ = try reader.read(upTo: 1) } }
            }
            #expect(turns > 0)
        }
    }

    @Test func socketsOfTheMachineAndDatagramsAreClauses() throws {
        try Scheduler.scope {
            let path = "/tmp/hub-clause-\(UInt64.random(in: 0...(.max))).socket"
            let listener = try UnixListener(path: path)
            defer { listener.close() }
            let socket = try UDPSocket(on: .loopback)
            func next() throws -> String {
                try select {
                    listener.onAccept { caller in try caller.readLine() ?? "the end" }
                    socket.onReceive { datagram in String(decoding: datagram.bytes, as: UTF8.self) }
                }
            }
            Tasklet { try socket.send("datagram", to: socket.address) }
            #expect(try next() == "datagram")
            Tasklet { try UnixConnection.connect(to: path).write("line\n") }
            #expect(try next() == "line")

            let (near, far) = try UnixConnection.pair()
            try near.write("one\ntwo\n")
            for line in ["one", "two"] {
                let read: String? = try select {
                    far.onReadable { try far.readLine() }
                    after(.seconds(60)) { String?.none }
                }
                #expect(read == line)
            }
            try select { far.onWritable { try far.write("back\n") } }
            #expect(try near.readLine() == "back")
        }
    }

    @Test func twoClausesForTheSameEndTheProgram() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Scheduler.scope {
                let (reader, writer) = try Hub.pipe()
                try select {
                    reader.onReadable {}
                    reader.onReadable {}
                }
                withExtendedLifetime(writer) {}
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Two clauses of one select wait for the same"), "\(text)")
    }
}
