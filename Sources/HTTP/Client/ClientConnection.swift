#if HTTP
import HTTPTypes
import Hub
import NIOCore
import NIOHTTP1
import Tasklets

/// A connection with a server, request by request.
final class ClientConnection: BodySource {
    let stream: any ByteStream
    let origin: HTTPOrigin
    private let pool: ConnectionPool
    /// When it was kept last: a larger number is later.
    var lastUse = 0
    private let output: MessageOutput
    private let input: MessageInput<HTTPResponseHead, HTTPClientRequestPart>
    /// Whether nothing of an answer to the present request has come.
    private(set) var isUntouched = true
    private var keepsAlive = false
    private var uploader: Tasklet?
    private var uploadError: (any Error)?
    private var isUploaded = true
    /// Whether it has been taken from the pool and not given back.
    private var isTaken = true
    private var bodyBytes = 0

    init(_ stream: any ByteStream, _ origin: HTTPOrigin, _ pool: ConnectionPool) {
        self.stream = stream
        self.origin = origin
        self.pool = pool
        output = MessageOutput(stream, time: nil)
        input = MessageInput(stream, pool.pipeline, pool.limits)
    }

    /// Whether a kept connection can be used: nothing has come on it, not its end either.
    func isUsable() throws -> Bool {
        do {
            // A read that has emptied the socket is not told of an end that has come since.
            if let stream = stream as? any AskableReader { return try !stream.hasCome() }
            // There is no wait: what is not there yet throws at once.
            return try withTimeout(.zero, orElse: true) {
                _ = try input.fill()
                return false
            }
        } catch let error where isOfConnection(error) {
            return false
        }
    }

    /// Sends a request and waits for the head of its answer.
    func send(_ request: OutgoingRequest) throws -> HTTPClientResponse {
        isTaken = true
        isUntouched = true
        bodyBytes = 0
        do {
            input.parser.expectResponse(to: request.method.rawValue)
            try sendHead(request)
            let head = try readHead()
            return try makeResponse(head)
        } catch {
            leave(isUsable: false)
            throw uploadError ?? error
        }
    }

    // MARK: The request

    private func sendHead(_ request: OutgoingRequest) throws {
        var text = output.makeHead()
        text.appendRequest(request.method.rawValue, request.location.path)
        text.append("Host: ")
        text.append(request.location.authority)
        text.append("\r\n")
        for field in request.fields {
            switch field.name {
            case .contentLength, .transferEncoding, .host: continue
            default: text.append(field)
            }
        }
        switch request.body {
        case .bytes(let bytes):
            if !bytes.isEmpty || [.post, .put, .patch].contains(request.method) {
                text.append("Content-Length: ")
                text.append(bytes.count)
                text.append("\r\n")
            }
            text.append("\r\n")
            if bytes.count <= 16_384 {
                return unsafe try bytes.withUnsafeBytes { unsafe try output.write(text, $0) }
            }
            try output.write(text)
            upload(.length(bytes.count)) { try $0.write(bytes) }
        case .stream(let source):
            let length = try request.fields.promisedLength()
            if let length {
                text.append("Content-Length: ")
                text.append(length)
                text.append("\r\n\r\n")
            } else {
                text.append("Transfer-Encoding: chunked\r\n\r\n")
            }
            try output.write(text)
            upload(length.map { .length($0) } ?? .chunked) { try $0.write(from: source) }
        }
    }

    /// Sends a body beside what waits for the answer: a server may answer before it has read all of it, and then read no more.
    private func upload(_ framing: HTTPBodyWriter.Framing, _ write: @escaping (HTTPBodyWriter) throws -> Void) {
        isUploaded = false
        uploadError = nil
        let writer = HTTPBodyWriter(output, stream, framing)
        uploader = Tasklet(name: "body for \(origin)") { [self] in
            do {
                try write(writer)
                try writer.finishWriting()
                isUploaded = true
            } catch let error where output.otherSideFailed && isOfOtherSide(error) {
                // The server has stopped reading; its answer may tell why.
            } catch let error where error is TaskletExit {
                throw error
            } catch {
                if isTaken {
                    uploadError = error
                    stream.close()
                }
            }
        }
    }

    // MARK: The answer

    private func readHead() throws -> HTTPResponseHead {
        if input.parser.hasBegun { throw HTTPError.malformed("an answer without a request") }
        while true {
            if case .head(let head)? = try input.parser.take() { return head }
            let hasCome = try input.fill()
            if input.parser.hasBegun { isUntouched = false }
            if hasCome { continue }
            guard case .head(let head)? = try input.parser.take() else { throw HubError.ended(after: 0) }
            return head
        }
    }

    private func makeResponse(_ head: HTTPResponseHead) throws -> HTTPClientResponse {
        guard head.version.major == 1, head.version.minor <= 1 else { throw HTTPError.unknownVersion }
        let fields = try HTTPFields(head.headers)
        let code = Int(head.status.code)
        guard (100...999).contains(code) else { throw HTTPError.malformed("the status \(code)") }
        let response = HTTPResponse(
            status: HTTPResponse.Status(code: code, reasonPhrase: head.status.reasonPhrase),
            headerFields: fields
        )
        let isOver = input.parser.endsNow
        var length: Int? = isOver ? 0 : nil
        if !isOver, !fields.contains(.transferEncoding), let text = fields[.contentLength] { length = Int(text) }
        keepsAlive = head.isKeepAlive && code != 101
        let body = HTTPBody(self, length: length, isOver: isOver)
        if isOver {
            _ = try input.parser.take()
            leave(isUsable: true)
        }
        return HTTPClientResponse(response, body)
    }

    func readBody() throws -> BodyPart {
        do {
            switch try input.next() {
            case .body(let piece):
                bodyBytes += piece.readableBytes
                return .bytes(piece)
            case .end(let trailers):
                let trailers = try trailers.map { try HTTPFields($0) } ?? [:]
                leave(isUsable: true)
                return .end(trailers)
            case .head: fatalError("The parser gives a head before the end of the body in front of it.")
            case nil: throw HubError.ended(after: bodyBytes)
            }
        } catch let error where isOfConnection(error) || error is HTTPError {
            leave(isUsable: false)
            throw error
        }
    }

    func closeConnection() { leave(isUsable: false) }

    func bodyIsDropped() { leave(isUsable: false) }

    /// Ends the present request. The connection is kept if another one can follow.
    private func leave(isUsable: Bool) {
        guard isTaken else { return }
        isTaken = false
        let isClean = keepsAlive && isUploaded && !output.isBroken && !input.parser.hasBegun
        if !isUploaded { withCancellationShield { try? uploader?.kill(pending: true) } }
        uploader = nil
        pool.giveBack(self, isUsable: isUsable && isClean)
    }
}
#endif
