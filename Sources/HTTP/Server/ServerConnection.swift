#if HTTP
import HTTPTypes
import Hub
import NIOCore
import NIOHTTP1
import Tasklets

/// What all connections of a server have in common.
final class ServerShared {
    let limits: HTTPLimits
    let pipeline = ParserPipeline<HTTPRequestHead>()
    var date = DateField()
    var isStopping = false
    var connections: [ObjectIdentifier: ServerConnection] = [:]
    /// Called with what a handler has thrown, and for whom it worked.
    var onError: (any Error, String) -> Void = { _, _ in }

    init(_ limits: HTTPLimits) {
        self.limits = limits
    }

    /// No more requests come on the connections that are between two of them.
    func stop() {
        isStopping = true
        for connection in connections.values where connection.isIdle { connection.stream.close() }
    }
}

/// A connection of a client, request by request.
final class ServerConnection: BodySource {
    let stream: any ByteStream
    let shared: ServerShared
    let output: MessageOutput
    private let input: MessageInput<HTTPRequestHead, HTTPServerResponsePart>
    /// Whether nothing of a request is there.
    private(set) var isIdle = false
    /// Whether the answer that is being given is the last one.
    var willClose = false
    /// Whether the client has said itself that no more comes.
    private var clientAskedForClose = false
    /// The body of the request that is being answered.
    private var body: HTTPBody?
    private var awaitsContinue = false
    private var response: HTTPServerResponse?
    /// What the client did that ends the connection.
    private var clientFailure: (any Error)?
    private var bodyBytes = 0

    init(_ stream: any ByteStream, _ shared: ServerShared) {
        self.stream = stream
        self.shared = shared
        output = MessageOutput(stream, time: shared.limits.writeTime)
        input = MessageInput(stream, shared.pipeline, shared.limits)
    }

    /// Answers requests until the connection ends.
    ///
    /// - Throws: what ends the tasklet, and nothing that a client or handler does.
    func run(_ handle: (HTTPServerRequest, HTTPServerResponse) throws -> Void) throws {
        let identifier = ObjectIdentifier(self)
        shared.connections[identifier] = self
        defer { shared.connections[identifier] = nil }
        while try answerNext(handle) {}
    }

    // MARK: One request

    /// - Returns: whether another one may follow.
    private func answerNext(_ handle: (HTTPServerRequest, HTTPServerResponse) throws -> Void) throws -> Bool {
        let head: RequestHead
        do {
            guard let next = try readHead() else { return false }
            head = try RequestHead(next)
        } catch let error as HTTPError {
            try refuse(error)
            return false
        } catch let error where isOfConnection(error) {
            return false
        }
        let length: Int? =
            switch head.framing {
            case .none: 0
            case .length(let length): length
            case .chunked: nil
            }
        let body = HTTPBody(self, length: length, isOver: try takeEndOfBody())
        let response = HTTPServerResponse(self, head, body)
        begin(head, body, response)
        defer {
            body.detach()
            self.body = nil
            self.response = nil
        }
        do {
            try handle(HTTPServerRequest(head.request, body, stream), response)
            if response.isUpgraded { return false }
            try response.complete()
        } catch let error where response.isUpgraded {
            // It is no longer HTTP's: the hub's server tells errors from clients that leave.
            throw error
        } catch {
            try fail(error, head, body, response)
        }
        if output.isBroken {
            if response.isWholeWhenCut { reset(stream) }
            return false
        }
        return try finish(body)
    }

    private func begin(_ head: RequestHead, _ body: HTTPBody, _ response: HTTPServerResponse) {
        self.body = body
        self.response = response
        bodyBytes = 0
        awaitsContinue = head.expectsContinue && !body.isOver
        clientAskedForClose = !head.keepsAlive
        willClose = clientAskedForClose || head.endsParsing
    }

    /// Called when the head of the answer is put together.
    func decideWhetherToClose() {
        guard let body, !willClose else { return }
        // Whether a client that was not asked for its body sends it nevertheless is open.
        let isUnread = !body.isOver && (awaitsContinue || (body.length ?? 0) - bodyBytes > shared.limits.drainedBytes)
        willClose = shared.isStopping || isUnread || clientFailure != nil
    }

    /// What a handler has thrown becomes the answer 500, or that which fits to what the client did, as long as there is none.
    private func fail(
        _ error: any Error,
        _ head: RequestHead,
        _ body: HTTPBody,
        _ response: HTTPServerResponse
    ) throws {
        // A CancellationError may also be of a tasklet that the handler has waited for.
        if error is TaskletExit || (error is CancellationError && Tasklet.isCancelled) { throw error }
        let isOfClient = clientFailure != nil || output.otherSideFailed
        // It may also be that of another body: the handler asks somebody else.
        let isTooLong = if case .bodyTooLong? = error as? HTTPError { body.isRefused } else { false }
        if !isOfClient && !isTooLong {
            shared.onError(error, "\(stream): \(head.request.method) \(head.request.path ?? "")")
        }
        if response.hasBegun || output.isBroken {
            output.breakOff()
            return
        }
        guard isOfClient || isTooLong else { return try sendError(.internalServerError, nil, response) }
        guard let error = (clientFailure ?? error) as? HTTPError else { return output.breakOff() }
        try sendError(error.status, error, response)
    }

    private func sendError(_ status: HTTPResponse.Status, _ error: HTTPError?, _ response: HTTPServerResponse) throws {
        do {
            try response.send(status, [.contentType: "text/plain; charset=utf-8"], error.map { "\($0)\n" } ?? "")
        } catch let error where isOfConnection(error) || error is HTTPError {
            // The client has left, or does not read.
        }
    }

    /// Answers what is no request, and ends.
    private func refuse(_ error: HTTPError) throws {
        do {
            var head = output.makeHead()
            let text = "\(error)\n"
            head.appendStatus(error.status)
            head.append("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\nDate: ")
            head.append(shared.date.now())
            head.append("\r\nContent-Length: ")
            head.append(text.utf8.count)
            head.append("\r\n\r\n")
            head.append(text)
            try output.write(head)
            try linger()
        } catch let error where isOfConnection(error) || error is HTTPError {
            // The client has left, or does not read.
        }
    }

    // MARK: Input

    private func readHead() throws -> HTTPRequestHead? {
        if !input.parser.hasBegun {
            if shared.isStopping { return nil }
            isIdle = true
            defer { isIdle = false }
            let hasCome: Bool? = try withTimeout(shared.limits.idleTime, orElse: nil) { try input.fill() }
            guard let hasCome else { return nil }
            if !hasCome { return try headIsMissing() }
        }
        if let part = try input.parser.take() { return try head(of: part) }
        return try withTimeout(shared.limits.headTime, throwing: HTTPError.tooSlow("to send its request")) {
            if let part = try input.next() { return try head(of: part) }
            return try headIsMissing()
        }
    }

    /// The end has come: between two requests, or in the middle of one.
    private func headIsMissing() throws -> HTTPRequestHead? {
        if input.parser.isCut { throw HTTPError.malformed("the end of the connection in the head of a request") }
        return nil
    }

    private func head(of part: HTTPServerRequestPart) throws -> HTTPRequestHead {
        guard case .head(let head) = part else { fatalError("The parser gives a body without its head.") }
        return head
    }

    /// Whether the message has no body, or none of it is left.
    private func takeEndOfBody() throws -> Bool {
        guard input.parser.endsNow else { return false }
        _ = try input.parser.take()
        return true
    }

    func readBody() throws -> BodyPart {
        do {
            if awaitsContinue {
                awaitsContinue = false
                if response?.hasBegun == false {
                    var line = HeadWriter()
                    line.append("HTTP/1.1 100 Continue\r\n\r\n")
                    try output.write(line)
                }
            }
            let part: HTTPServerRequestPart?
            if let next = try input.parser.take() {
                part = next
            } else {
                part = try withTimeout(shared.limits.bodyTime, throwing: HTTPError.tooSlow("to send its body")) {
                    try input.next()
                }
            }
            switch part {
            case .body(let piece):
                bodyBytes += piece.readableBytes
                return .bytes(piece)
            case .end(let trailers): return .end(try trailers.map { try HTTPFields($0) } ?? [:])
            case .head: fatalError("The parser gives a head before the end of the body in front of it.")
            case nil: throw HubError.ended(after: bodyBytes)
            }
        } catch let error where isOfConnection(error) || error is HTTPError {
            clientFailure = error
            throw error
        }
    }

    func closeConnection() { stream.close() }

    /// The connection reads the rest itself.
    func bodyIsDropped() {}

    // MARK: The end of a request

    /// Reads what the handler has left of the body.
    ///
    /// - Returns: whether another request may follow.
    private func finish(_ body: HTTPBody) throws -> Bool {
        if body.isOver { return try goOn() }
        if clientFailure == nil, !awaitsContinue {
            do {
                try withTimeout(shared.limits.bodyTime) { try finishBody() }
            } catch let error where isOfConnection(error) || error is HTTPError || error is TimeoutError {
                // What follows cannot be told apart from the rest of the body.
            }
        }
        if body.isOver { return try goOn() }
        try linger()
        return false
    }

    /// Whether another request may follow. One that has come already behind the last one would take the answer back.
    private func goOn() throws -> Bool {
        if !willClose { return true }
        if !clientAskedForClose { try linger() }
        return false
    }

    /// Throws the rest of the body away.
    func finishBody() throws {
        guard let body else { return }
        var left = shared.limits.drainedBytes
        while !body.isOver {
            switch try readBody() {
            case .bytes(let piece):
                left -= piece.readableBytes
                if left < 0 { return }
            case .end(let trailers): body.finish(trailers)
            }
        }
    }

    /// Lets the client read the answer before the connection is closed: what it still sends would make the system take the
    /// answer back.
    private func linger() throws {
        do {
            try withTimeout(.seconds(1), orElse: ()) {
                // A protocol below may have to wait until its last word has gone.
                try stream.finishWriting()
                var left = shared.limits.drainedBytes
                while left > 0 {
                    let count = try stream.read(upTo: 16_384).count
                    if count == 0 { return }
                    left -= count
                }
            }
        } catch let error where isOfConnection(error) {
            // It has gone: so much the better.
        }
    }

    /// Gives the stream away, with what has come of what follows the request.
    func takeStream() -> any ByteStream {
        stream.readAhead.putBack(input.parser.takeRest())
        return stream
    }
}
#endif
