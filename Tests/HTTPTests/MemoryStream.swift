#if HTTP
import HTTP
import HTTPTypes
import Hub
import Tasklets

/// A connection in memory: what it gives to its reader is known before, in pieces.
final class MemoryStream: ByteStream {
    let readAhead = ReadAhead()
    private(set) var written: [UInt8] = []
    private var input: ArraySlice<UInt8>
    private let pieceSize: () -> Int
    private var isClosed = false

    /// - Parameter pieceSize: how many bytes a read gives at most.
    init(_ input: [UInt8], pieceSize: @escaping () -> Int = { .max }) {
        self.input = input[...]
        self.pieceSize = pieceSize
    }

    func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        // As a connection does when others can run.
        try Tasklet.schedule()
        if isClosed { return 0 }
        let piece = input.prefix(min(buffer.count, pieceSize()))
        buffer.copyBytes(from: piece)
        input.removeFirst(piece.count)
        return piece.count
    }

    func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        for piece in pieces { written += piece }
    }

    func finishWriting() throws {}

    func close() { isClosed = true }
}

/// Gives one connection, and then no more.
final class MemoryListener: ConnectionListener {
    private var stream: MemoryStream?

    init(_ stream: MemoryStream) {
        self.stream = stream
    }

    func accept() throws -> MemoryStream {
        guard let stream else { throw try closedError() }
        self.stream = nil
        return stream
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
