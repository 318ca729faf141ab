#if HTTP
import HTTP
import HTTPTypes
import Hub
import Sync
import Tasklets

/// A connection in memory: what it gives to its reader is known before, in pieces.
final class MemoryStream: ByteStream {
    let readAhead = ReadAhead()
    private(set) var written: [UInt8] = []
    private var input: ArraySlice<UInt8>
    private let pieceSize: () -> Int
    /// What reading throws where the bytes end; `nil`: they end as they should.
    var end: (any Error)?
    /// Whether that is thrown without a wait before it.
    var endsAtOnce = false
    /// Whether the last word goes out, or waits for ever.
    var finishes = true
    /// What writing throws.
    var refusal: (any Error)?
    /// Set when the server has closed it.
    let isClosed = Event(name: "end of a stream")

    /// - Parameter pieceSize: how many bytes a read gives at most.
    init(_ input: [UInt8], pieceSize: @escaping () -> Int = { .max }) {
        self.input = input[...]
        self.pieceSize = pieceSize
    }

    func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if input.isEmpty, endsAtOnce, let end { throw end }
        // As a connection does when others can run.
        try Tasklet.schedule()
        if isClosed.isSet { return 0 }
        if input.isEmpty, let end { throw end }
        let piece = input.prefix(min(buffer.count, pieceSize()))
        buffer.copyBytes(from: piece)
        input.removeFirst(piece.count)
        return piece.count
    }

    func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        if let refusal { throw refusal }
        for piece in pieces { written += piece }
    }

    func finishWriting() throws {
        if !finishes { try Event(name: "never").wait() }
    }

    func close() { isClosed.set() }
}

/// Gives one connection, and then no more.
final class MemoryListener: ConnectionListener {
    private let stream: MemoryStream
    private var isAccepted = false

    init(_ stream: MemoryStream) {
        self.stream = stream
    }

    func accept() throws -> MemoryStream {
        if !isAccepted {
            isAccepted = true
            return stream
        }
        // A server that stops closes connections that have no request yet.
        try stream.isClosed.wait()
        throw try closedError()
    }

    func close() {}

    /// The error that ends a server without a fault. Only the hub makes one.
    private func closedError() throws -> any Error {
        let listener = try TCPListener(on: .loopback, port: 0)
        listener.close()
        do { _ = try listener.accept() } catch { return error }
        fatalError("A closed listener accepts.")
    }
}

/// What a server answers to these bytes. Its handler gives back what it gets.
func answer(to input: [UInt8], pieceSize: @escaping () -> Int = { .max }) throws -> [UInt8] {
    let stream = MemoryStream(input, pieceSize: pieceSize)
    let server = HTTPServer(on: MemoryListener(stream))
    try server.run(echo)
    return stream.written
}
#endif
