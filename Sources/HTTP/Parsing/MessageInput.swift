#if HTTP
import Hub
import NIOCore
import NIOHTTP1
import Tasklets

/// What comes in on a connection, as parts of messages. Bytes are read when a part is asked for that is not there yet, and no
/// sooner: who does not take makes the other side wait.
final class MessageInput<Head: Sendable & Equatable, Out> {
    typealias Part = HTTPPart<Head, ByteBuffer>

    let parser: MessageParser<Head, Out>
    private let stream: any ByteStream
    /// Lies here between two reads; whoever reads has it meanwhile.
    private var buffer = ByteBuffer()
    private var reader: Tasklet?

    init(_ stream: any ByteStream, _ pipeline: ParserPipeline<Head>, _ limits: HTTPLimits) {
        self.stream = stream
        parser = MessageParser(pipeline, limits)
    }

    /// The next part; `nil` when the other side has finished.
    func next() throws -> Part? {
        while true {
            if let part = try parser.take() { return part }
            if try !fill() { return try parser.take() }
        }
    }

    /// Reads what has come, at least one byte. False at the end.
    func fill() throws -> Bool {
        if let reader {
            throw HubError.busy(
                operation: "read",
                waiting: "\(reader)",
                refused: "\(Tasklet.current)",
                place: "\(stream)"
            )
        }
        // Nothing of this object is held open over the wait.
        var buffer = self.buffer
        self.buffer = ByteBuffer()
        reader = .current
        defer {
            reader = nil
            self.buffer = buffer
        }
        // A head is short. What follows a head may be long, and is not kept when it has been read.
        let room = parser.isInMessage ? 65_536 : 4096
        if buffer.capacity > room || buffer.capacity == 0 { buffer = ByteBufferAllocator().buffer(capacity: room) }
        let count = unsafe try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
            unsafe try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<room]))
        }
        if count == 0 {
            parser.feedEnd()
            return false
        }
        parser.feed(&buffer)
        return true
    }
}
#endif
