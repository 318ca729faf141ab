import Foundation
import Hub
import Tasklets
import TestSupport
import Testing

@Suite(.hangAlarm) struct PipeTests {
    /// A pipe as programs are given one: it blocks.
    private func blockingPipe() -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    private func blocks(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0 }

    @Test func linesComeOutInOrder() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            Tasklet {
                try writer.write("one\ntwo\n")
                writer.close()
            }
            #expect(try reader.readLine() == "one")
            #expect(try reader.readLine() == "two")
            #expect(try reader.readLine() == nil)
        }
    }

    @Test func muchMoreThanTheSystemKeepsArrivesWhole() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            Tasklet(name: "writer") {
                try writer.write(sent)
                try writer.finishWriting()
            }
            #expect(try reader.readAll() == sent)
        }
    }

    @Test func whereNobodyReadsIsAnError() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            reader.close()
            let error = #expect(throws: SystemError.self) { try writer.write("x") }
            #expect(error?.code == .brokenPipe)
        }
    }

    @Test func aWriterThatWaitsHearsThatNobodyReads() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            let written = Tasklet.spawn { try writer.write([UInt8](repeating: 1, count: 1_000_000)) }
            try Tasklet.schedule()
            reader.close()
            let error = #expect(throws: SystemError.self) { try written.value() }
            #expect(error?.code == .brokenPipe)
        }
    }

    @Test func everyWaitCanBeEnded() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(2)) { _ = try reader.read(upTo: 1) }
            }
            let killed = Tasklet { _ = try reader.read(upTo: 1) }
            try Tasklet.schedule()
            try killed.kill()
            #expect(!killed.isAlive)
            let cancelled = Tasklet { _ = try reader.read(upTo: 1) }
            try Tasklet.schedule()
            cancelled.cancel()
            try Tasklet.schedule()
            #expect(!cancelled.isAlive)
            let read = Tasklet.spawn { try reader.read(upTo: 1) }
            try Tasklet.schedule()
            reader.close()
            #expect(throws: SystemError(.closed, "read")) { try read.value() }
            withExtendedLifetime(writer) {}
        }
    }

    @Test func aWriteThatWaitsCanBeEnded() throws {
        try Scheduler.scope {
            let (reader, writer) = try Hub.pipe()
            let much = [UInt8](repeating: 1, count: 1_000_000)
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(2)) { try writer.write(much) } }
            let killed = Tasklet { try writer.write(much) }
            try Tasklet.schedule()
            try killed.kill()
            #expect(!killed.isAlive)
            let written = Tasklet.spawn { try writer.write(much) }
            try Tasklet.schedule()
            writer.close()
            #expect(throws: SystemError(.closed, "write")) { try written.value() }
            withExtendedLifetime(reader) {}
        }
    }

    // MARK: Descriptors of the program

    @Test func aGivenPipeStaysAsItIs() throws {
        try Scheduler.scope {
            let ends = blockingPipe()
            defer { close(ends.reading) }
            let reader = try PipeReader(descriptor: ends.reading)
            let writer = try PipeWriter(descriptor: ends.writing)
            let sent = [UInt8](repeating: 7, count: 500_000)
            var turns = 0
            Tasklet {
                while turns < 1000 {
                    turns += 1
                    try Tasklet.schedule()
                }
            }
            Tasklet { try writer.write(sent) }
            #expect(try reader.read(exactly: sent.count) == sent)
            #expect(blocks(ends.reading) && blocks(ends.writing))
            writer.close()
            close(ends.writing)
            #expect(try reader.read(upTo: 1) == [])
            reader.close()
            #expect(fcntl(ends.reading, F_GETFD) >= 0, "The given descriptor was closed.")
        }
    }

    /// Sockets cannot be opened once more: these are asked before each read and write.
    @Test func whatIsSharedAndBlocksDoesNotBlockTheThread() throws {
        try Scheduler.scope {
            var ends: [Int32] = [-1, -1]
            #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            defer {
                close(ends[0])
                close(ends[1])
            }
            let reader = try PipeReader(descriptor: ends[0])
            let writer = try PipeWriter(descriptor: ends[1])
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(2)) { _ = try reader.read(upTo: 1) }
            }
            let sent = [UInt8](repeating: 7, count: 1_000_000)
            Tasklet { try writer.write(sent) }
            #expect(try reader.read(exactly: sent.count) == sent)
            #expect(blocks(ends[0]) && blocks(ends[1]))
        }
    }

    @Test func aFileIsReadAndWritten() throws {
        try Scheduler.scope {
            let path = NSTemporaryDirectory() + "pipe-test-\(UUID().uuidString)"
            defer { unlink(path) }
            let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
            defer { close(descriptor) }
            let text = String(repeating: "a line\n", count: 10_000)
            try PipeWriter(descriptor: descriptor).write(text)
            lseek(descriptor, 0, SEEK_SET)
            let reader = try PipeReader(descriptor: descriptor)
            #expect(try reader.readLine() == "a line")
            #expect(try reader.readAll().count == text.utf8.count - 7)
            let nothing = try PipeWriter(descriptor: open("/dev/null", O_WRONLY))
            try nothing.write(text)
        }
    }

    @Test func theStandardStreamsArePipes() async throws {
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            setHangAlarm()
            var ends: [Int32] = [-1, -1]
            precondition(pipe(&ends) == 0)
            precondition(dup2(ends[0], 0) == 0)
            precondition(write(ends[1], "one\ntwo\n", 8) == 8)
            close(ends[1])
            try Scheduler.scope {
                let (input, output) = (try PipeReader.standardInput(), try PipeWriter.standardOutput())
                while let line = try input.readLine() { try output.write("read \(line)\n") }
                output.close()
                try PipeWriter.standardError().write("the end\n")
            }
            print("still open")
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(output.contains("read one\nread two\nstill open\n"), "\(output)")
        let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(errors.contains("the end\n"), "\(errors)")
    }

    @Test func whatIsNoDescriptorIsAnError() throws {
        try Scheduler.scope {
            let error = #expect(throws: SystemError.self) { try PipeReader(descriptor: 987_654) }
            #expect(error?.code == .badDescriptor)
        }
    }

    @Test func whatIsForgottenIsClosed() throws {
        try Scheduler.scope {
            let ports = try HubCore.current().ports as! SystemPorts
            do {
                let ends = try Hub.pipe()
                withExtendedLifetime(ends) { #expect(ports.openCount == 2) }
            }
            #expect(ports.openCount == 0)
        }
    }

    // MARK: Wrong use

    @Test(arguments: ["up to", "exactly", "a line", "all", "a datagram"])
    func aNegativeNumberOfBytesEndsTheProgram(way: String) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [way] in
            setHangAlarm()
            try Scheduler.scope {
                let (reader, _) = try Hub.pipe()
                switch way {
                case "up to": _ = try reader.read(upTo: -1)
                case "exactly": _ = try reader.read(exactly: -1)
                case "a line": _ = try reader.readLine(limit: -1)
                case "all": _ = try reader.readAll(limit: .min)
                default: _ = try UDPSocket(on: .loopback).receive(upTo: -1)
                }
            }
        }
        let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(message.lowercased().contains("at most so many"), "\(message)")
    }
}
