#if HTTP
public import HTTPTypes
public import Hub
import Tasklets

/// The answer to one request: ``send(_:_:_:)-(_,_,String)`` for a whole one, ``begin(_:_:)`` for one in pieces.
///
/// `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are written by the server. Those of the first three that a
/// handler gives are left out: `Connection: close` closes the connection behind the answer, and `Content-Length` is a promise in
/// ``begin(_:_:)``. A `Date` of the handler's stays. Nothing is sent as a body where HTTP knows none: to HEAD, and with 204 and
/// 304.
public final class HTTPServerResponse {
    private let connection: ServerConnection
    private let head: RequestHead
    private let body: HTTPBody
    /// Whether something of the answer may have been sent.
    private(set) var hasBegun = false
    private(set) var isUpgraded = false
    private var writer: HTTPBodyWriter?

    init(_ connection: ServerConnection, _ head: RequestHead, _ body: HTTPBody) {
        self.connection = connection
        self.head = head
        self.body = body
    }

    /// Sends a whole answer.
    ///
    /// ```swift
    /// try response.send(.notFound, [.contentType: "text/plain"], "There is no such page.\n")
    /// ```
    ///
    /// - Throws: what ends the wait while the client does not read, and errors of the connection: the handler may let both
    ///   pass, and the connection is closed. `SystemError` with the code `.closed` behind an answer that has failed,
    ///   ``HTTPError/answeredTwice`` behind another one.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func send(_ status: HTTPResponse.Status = .ok, _ fields: HTTPFields = [:], _ body: String = "") throws {
        var body = body
        try body.withUTF8 { unsafe try send(status, fields, UnsafeRawBufferPointer($0)) }
    }

    /// Sends a whole answer.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func send(_ status: HTTPResponse.Status = .ok, _ fields: HTTPFields = [:], _ body: [UInt8]) throws {
        unsafe try body.withUnsafeBytes { unsafe try send(status, fields, $0) }
    }

    private func send(_ status: HTTPResponse.Status, _ fields: HTTPFields, _ body: UnsafeRawBufferPointer) throws {
        let hasBody = try start(status)
        let text = makeHead(status, fields, hasBody || head.request.method == .head ? .length(body.count) : .discarded)
        if hasBody, head.request.method != .head {
            unsafe try connection.output.write(text, body)
        } else {
            try connection.output.write(text)
        }
    }

    /// Sends the head of an answer, and gives what writes its body.
    ///
    /// ```swift
    /// let lines = try response.begin(.ok, [.contentType: "text/plain"])
    /// for number in 1...1000 { try lines.write("line \(number)\n") }
    /// ```
    ///
    /// The body is chunked unless `Content-Length` is among the fields. A client of HTTP/1.0 knows no chunks: for it the end of
    /// the connection is that of the body. The body is ended when the handler returns; if it throws, the connection is cut, so
    /// that the client knows that something is missing. A client of HTTP/1.0 knows it only by a reset, which connections of TCP
    /// have and others do not: promise it a length.
    ///
    /// - Throws: as ``send(_:_:_:)-(_,_,String)``; ``HTTPError/notALength(_:)`` for a `Content-Length` that is none.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func begin(_ status: HTTPResponse.Status = .ok, _ fields: HTTPFields = [:]) throws -> HTTPBodyWriter {
        let length = try fields.promisedLength()
        let hasBody = try start(status)
        let framing: HTTPBodyWriter.Framing =
            if !hasBody { .discarded } else if let length { .length(length) } else if head.isVersion10 {
                .untilClose
            } else { .chunked }
        let text = makeHead(status, fields, framing)
        let writer = HTTPBodyWriter(
            connection.output,
            connection.stream,
            head.request.method == .head ? .discarded : framing
        )
        self.writer = writer
        try connection.output.write(text)
        return writer
    }

    /// Grants what the client asked for with `Upgrade` or CONNECT, and gives the connection, with what the client has sent
    /// already. It is closed when the handler returns.
    ///
    /// ```swift
    /// let stream = try response.upgrade(to: "echo")
    /// try stream.write(from: stream)
    /// ```
    ///
    /// - Parameters:
    ///   - name: the protocol's, which the field `Upgrade` of the answer tells. Not told to CONNECT.
    ///   - fields: of the answer. `Connection` and `Upgrade` are written by the server, and what tells the length of a body
    ///     is left out.
    /// - Throws: ``HTTPError/notAskedForUpgrade`` when there is no field `Upgrade` among those of the request, and it is not
    ///   CONNECT; ``HTTPError/bodyTooLong(limit:)`` when more of the body is unread than ``HTTPLimits/drainedBytes``; as
    ///   ``send(_:_:_:)-(_,_,String)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func upgrade(to name: String, _ fields: HTTPFields = [:]) throws -> any ByteStream {
        guard head.asksForUpgrade else { throw HTTPError.notAskedForUpgrade }
        // Before the answer begins: a client that leaves in its body must not use it up.
        try connection.finishBody()
        guard body.isOver else { throw body.refuse(limit: connection.shared.limits.drainedBytes) }
        try becomeAnswered()
        var text = connection.output.makeHead()
        if head.request.method == .connect {
            text.appendStatus(.ok)
        } else {
            text.appendStatus(.switchingProtocols)
            text.append("Connection: Upgrade\r\n")
            text.append(HTTPField(name: .upgrade, value: name))
        }
        for field in fields {
            switch field.name {
            case .contentLength, .transferEncoding, .connection, .upgrade: continue
            default: text.append(field)
            }
        }
        text.append("\r\n")
        isUpgraded = true
        try connection.output.write(text)
        return connection.takeStream()
    }

    /// Whether a client would take what has been sent so far for the whole, since its end is that of the connection.
    var isWholeWhenCut: Bool { writer.map { $0.endsWithConnection && !$0.isFinished } ?? false }

    /// Ends what the handler has begun.
    func complete() throws {
        if !hasBegun { throw HTTPError.noAnswer }
        // The next answer would get into one that another tasklet still sends.
        try connection.output.refuseSecondWriter()
        try writer?.finishWriting()
    }

    /// Refuses a second answer. That is no trap: whether a handler comes to it may be up to the client, which can leave during
    /// the first one.
    private func becomeAnswered() throws {
        if connection.output.isBroken { throw SystemError(.closed, "answer a request of \(connection.stream)") }
        if hasBegun { throw HTTPError.answeredTwice }
        hasBegun = true
    }

    /// - Returns: whether an answer with this status has a body.
    private func start(_ status: HTTPResponse.Status) throws -> Bool {
        guard status.code >= 200 else {
            fatalError("\(status) is no answer: send a status from 200 on, or call upgrade.")
        }
        try becomeAnswered()
        return status != .noContent && status != .notModified
    }

    private func makeHead(
        _ status: HTTPResponse.Status,
        _ fields: HTTPFields,
        _ framing: HTTPBodyWriter.Framing
    ) -> HeadWriter {
        var text = connection.output.makeHead()
        text.appendStatus(status)
        var hasDate = false
        var tellsUpgrade = false
        for field in fields {
            switch field.name {
            case .contentLength, .transferEncoding: continue
            case .connection:
                if field.value.lowercased().contains("close") { connection.willClose = true }
                continue
            case .date: hasDate = true
            case .upgrade: tellsUpgrade = true
            default: break
            }
            text.append(field)
        }
        if !hasDate {
            text.append("Date: ")
            text.append(connection.shared.date.now())
            text.append("\r\n")
        }
        switch framing {
        case .discarded: break
        case .length(let length):
            text.append("Content-Length: ")
            text.append(length)
            text.append("\r\n")
        case .chunked: text.append("Transfer-Encoding: chunked\r\n")
        case .untilClose: connection.willClose = true
        }
        connection.decideWhetherToClose()
        if tellsUpgrade { text.append("Connection: Upgrade\r\n") }
        if connection.willClose {
            text.append("Connection: close\r\n")
        } else if head.isVersion10 {
            text.append("Connection: keep-alive\r\n")
        }
        text.append("\r\n")
        return text
    }
}
#endif
