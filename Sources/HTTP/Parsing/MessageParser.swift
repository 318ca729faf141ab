#if HTTP
import NIOCore
import NIOHTTP1

/// Turns bytes into the parts of messages: no other type knows whose parser it is.
///
/// It reads from nowhere: ``feed(_:)`` is given bytes, ``take()`` gives parts.
final class MessageParser<Head: Sendable & Equatable, Out> {
    typealias Part = HTTPPart<Head, ByteBuffer>

    private let pipeline: ParserPipeline<Head>
    private let limits: HTTPLimits
    private let decoder: HTTPDecoder<Part, Out>
    /// What the decoder has not consumed: the beginning of a field, or what comes behind an upgrade.
    private var pending = ByteBuffer()
    private var parts: [Part] = []
    private var taken = 0
    private var failure: HTTPError?
    /// Bytes of a head that is not whole yet, or of a body's framing beyond what its data accounts for.
    private var overhead = 0
    /// Whether the last part was a head or a piece of a body.
    private(set) var isInMessage = false
    private var firstLineIsOver = false
    /// Whether the end has come in the middle of a message.
    private(set) var isCut = false

    init(_ pipeline: ParserPipeline<Head>, _ limits: HTTPLimits) {
        self.pipeline = pipeline
        self.limits = limits
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = limits.headBytes
        configuration.maxHeaderListSize = limits.headBytes
        configuration.maxHeaderFieldCount = limits.fieldCount
        decoder = HTTPDecoder(
            leftOverBytesStrategy: .dropBytes,
            informationalResponseStrategy: .drop,
            limitConfiguration: configuration
        )
        decoder.decoderAdded(context: pipeline.context)
    }

    deinit {
        // Else the decoder keeps itself alive.
        decoder.decoderRemoved(context: pipeline.context)
    }

    /// Whether something of the next message has come.
    var hasBegun: Bool { taken < parts.count || pending.readableBytes > 0 || overhead > 0 || failure != nil }

    /// The next part; `nil` when more bytes are needed for it.
    ///
    /// - Throws: what is wrong with the bytes, once all parts in front of it have been taken.
    func take() throws(HTTPError) -> Part? {
        if taken < parts.count {
            let part = parts[taken]
            taken += 1
            if taken == parts.count {
                // What lies here would be kept as long as the connection has no other request.
                parts.removeAll(keepingCapacity: parts.capacity <= 64)
                taken = 0
            }
            return part
        }
        if let failure { throw failure }
        return nil
    }

    /// Whether the next part, if it has come already, ends the message.
    var endsNow: Bool {
        guard taken < parts.count, case .end = parts[taken] else { return false }
        return true
    }

    /// Parses what is in the buffer, behind what was fed before. All parts have been taken.
    func feed(_ bytes: inout ByteBuffer) {
        parts.removeAll(keepingCapacity: parts.capacity <= 64)
        taken = 0
        let count = bytes.readableBytes
        if pending.readableBytes == 0 {
            // Most often all of it is consumed: the buffer is lent, and no byte is copied.
            swap(&pending, &bytes)
            parse(count)
            if pending.readableBytes == 0 { swap(&pending, &bytes) }
        } else {
            pending.discardReadBytes()
            pending.writeBuffer(&bytes)
            parse(count)
        }
        bytes.clear()
    }

    private func parse(_ count: Int) {
        guard failure == nil else { return }
        let start = pending
        let (found, error) = pipeline.collect { _ = try decoder.decode(context: pipeline.context, buffer: &pending) }
        parts += found
        if let error { failure = translate(error, start) }
        account(for: count)
        if case .end? = found.last { overhead = bytesBehindEnd(of: found, in: start) }
    }

    /// Framing without data is limited too: spaces before a value, empty lines, extensions of chunks.
    private func account(for count: Int) {
        overhead += count
        for part in parts {
            switch part {
            case .head:
                isInMessage = true
                overhead = 0
            case .body(let piece): overhead -= min(overhead, 8 * piece.readableBytes)
            case .end:
                isInMessage = false
                overhead = 0
            }
        }
        firstLineIsOver = isInMessage || (parts.isEmpty && (firstLineIsOver || pending.readableBytesView.contains(10)))
        if failure == nil, overhead - 1024 > limits.headBytes { failure = .headTooLarge(limit: limits.headBytes) }
    }

    /// Says that no more bytes come.
    func feedEnd() {
        parts.removeAll(keepingCapacity: parts.capacity <= 64)
        taken = 0
        guard failure == nil else { return }
        var rest = pending
        let (found, error) = pipeline.collect {
            _ = try decoder.decodeLast(context: pipeline.context, buffer: &rest, seenEOF: true)
        }
        parts += found
        // The end in the middle of a message is told by whoever waits for the rest: it knows of what.
        isCut = error as? HTTPParserError == .invalidEOFState
        if let error, !isCut { failure = translate(error, rest) }
    }

    /// Takes what was not parsed, since it comes behind an upgrade.
    func takeRest() -> [UInt8] {
        defer { pending.clear() }
        return [UInt8](pending.readableBytesView)
    }

    private func translate(_ error: any Error, _ bytes: ByteBuffer) -> HTTPError {
        switch error as? HTTPParserError {
        case .headerOverflow?:
            let beginning = bytes.readableBytesView.prefix(limits.headBytes)
            return firstLineIsOver || beginning.contains(10)
                ? .headTooLarge(limit: limits.headBytes) : .targetTooLong(limit: limits.headBytes)
        case .invalidVersion?: return .unknownVersion
        case .invalidMethod?: return .unsupported("an unknown method")
        case let known?: return .malformed("\(known)")
        case nil: return .malformed("\(error)")
        }
    }
}

extension MessageParser where Head == HTTPResponseHead, Out == HTTPClientRequestPart {
    /// Says which request the next response answers: one to HEAD has no body.
    func expectResponse(to method: String) {
        decoder.write(
            data: .head(HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: "/"))
        )
    }
}
#endif
