// Gives one side of TLS whatever libFuzzer thinks of: an error in words each time. See `make fuzz-tls`.
//
// The first byte of an input says which side, and in pieces of how many bytes the rest comes.
import Hub
import TLS

/// Bytes that come, and then the end. What is written goes nowhere.
private final class Input: ByteStream {
    let readAhead = ReadAhead()
    private var bytes: ArraySlice<UInt8>
    private let pieces: Int

    init(_ bytes: ArraySlice<UInt8>, inPiecesOf pieces: Int) {
        self.bytes = bytes
        self.pieces = pieces
    }

    func readDirectly(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = bytes.prefix(min(pieces, buffer.count))
        bytes = bytes.dropFirst(piece.count)
        buffer.copyBytes(from: piece)
        return piece.count
    }

    func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) {}

    func finishWriting() {}

    func close() {}
}

nonisolated(unsafe) private var contexts: (client: TLSContext, server: TLSContext)?

/// Made at the first input; the certificate and the key are those that `Tests/Fuzzers/TLSFuzzer/run` has made.
private func theContexts() throws -> (client: TLSContext, server: TLSContext) {
    if let contexts { return contexts }
    let identity = TLSIdentity(certificateFile: "certificate.pem", keyFile: "key.pem")
    let protocols = ["h2", "http/1.1"]
    let made = (
        client: try TLSContext.client(
            trust: .certificates(inFile: "certificate.pem"),
            applicationProtocols: protocols
        ),
        server: try TLSContext.server(
            identity,
            clients: .certificates(inFile: "certificate.pem"),
            applicationProtocols: protocols
        )
    )
    contexts = made
    return made
}

private func receive(_ bytes: [UInt8]) throws {
    guard let first = bytes.first else { return }
    let (client, server) = try theContexts()
    let input = Input(bytes.dropFirst(), inPiecesOf: [1, 7, 100, 65_536][Int(first >> 1 & 3)])
    do {
        let stream =
            first & 1 == 0
            ? try TLSStream.server(over: input, server)
            : try TLSStream.client(over: input, host: "localhost", client)
        _ = try stream.readAll(limit: 1 << 20)
    } catch let error as TLSError {
        precondition(!"\(error)".isEmpty)
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    do {
        try receive(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("This is no error of TLS: \(error)")
    }
    return 0
}
