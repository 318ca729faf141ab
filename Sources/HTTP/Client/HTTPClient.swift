#if HTTP
public import HTTPTypes
public import Hub
import NIOHTTP1
import Sync
import Tasklets

/// Asks servers of HTTP/1.1, and keeps connections for the next requests.
///
/// ```swift
/// let client = HTTPClient()
/// let page = try client.get("http://127.0.0.1:8080/")
/// print(page.status.code, try page.body.readText(limit: 1_000_000))
/// client.close()
/// ```
///
/// At most 100 connections are kept, with all servers together: those that were used last.
///
/// A call returns when the head of the answer has come; the body is read as the program asks for it. No time limit is set: use
/// `withTimeout` to set one. Redirects are not followed: the program gets the answer with the status 3xx.
///
/// A kept connection that the server has closed meanwhile is noticed before it is used, nearly always. Where it is not, the
/// request is sent again on a new connection, once, if nothing has come of the answer and the method is one that may be
/// repeated: GET, HEAD, OPTIONS, TRACE, PUT, DELETE.
///
/// It belongs to the scheduler that it is used on.
public final class HTTPClient {
    private let pool: ConnectionPool

    /// - Parameters:
    ///   - limit: how many connections there are with one server at the same time; who wants more of them waits. An answer
    ///     whose body has not been read to its end, closed or dropped has its connection.
    ///   - limits: how large the head of an answer may be. The times are those of servers.
    ///   - connect: makes a connection with a server. Without one `https` is refused.
    /// - Precondition: the limit is positive.
    public init(
        limit: Int = 8,
        limits: HTTPLimits = HTTPLimits(),
        connect: @escaping (HTTPOrigin) throws -> any ByteStream = HTTPClient.connect
    ) {
        guard limit > 0 else { fatalError("A client has at least one connection with a server, not \(limit).") }
        pool = ConnectionPool(limit: limit, limits: limits, connect: connect)
    }

    deinit { pool.end() }

    /// Connects by TCP: what a client does unless it is told otherwise.
    ///
    /// - Throws: as `TCPConnection.connect(to:port:)`; ``HTTPError/notAnAddress(_:)`` for `https`.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func connect(to origin: HTTPOrigin) throws -> any ByteStream {
        guard origin.scheme == "http" else {
            throw HTTPError.notAnAddress("\(origin) needs TLS: give the client a `connect` that makes such connections")
        }
        if let address = IPAddress(origin.host) {
            return try TCPConnection.connect(to: SocketAddress(address, port: origin.port))
        }
        return try TCPConnection.connect(to: origin.host, port: origin.port)
    }

    /// The number of idle connections that are kept.
    public var idleCount: Int { pool.idleCount }

    /// How many servers it keeps something about.
    package var originCount: Int { pool.placeCount }

    /// Closes the idle connections. Answers that are being read go on.
    public func close() { pool.close() }

    /// Asks for what is at a URL.
    ///
    /// - Throws: ``HTTPError/notAnAddress(_:)`` for a text that is no URL of `http` or `https`; as ``send(_:body:)-(_,[UInt8])``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func get(_ url: String, _ fields: HTTPFields = [:]) throws -> HTTPClientResponse {
        let location = try HTTPLocation(url)
        return try send(location, .get, fields, .bytes([]))
    }

    /// Sends bytes to what is at a URL, by POST.
    ///
    /// - Throws: as ``get(_:_:)``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func post(_ url: String, _ fields: HTTPFields = [:], _ body: [UInt8]) throws -> HTTPClientResponse {
        let location = try HTTPLocation(url)
        return try send(location, .post, fields, .bytes(body))
    }

    /// Sends a request, with a body or none.
    ///
    /// - Parameters:
    ///   - request: has a scheme, an authority and a path. `Host` and `Content-Length` are written by the client; those among the
    ///     fields are left out, and so is `Transfer-Encoding`.
    ///   - body: the bytes that are sent; none for a request without a body.
    /// - Throws: ``HTTPError/notAnAddress(_:)`` when something of that is missing or cannot be; `SystemError` and `HubError` of
    ///   the connection, `HubError.ended` when the server closes it instead of an answer; ``HTTPError`` for an answer that is
    ///   none or too large; what ended the wait, and the connection is closed then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func send(_ request: HTTPRequest, body: [UInt8] = []) throws -> HTTPClientResponse {
        try send(HTTPLocation(request), request.method, request.headerFields, .bytes(body))
    }

    /// Sends a request whose body is read from a stream, while the answer may come already.
    ///
    /// - Parameters:
    ///   - request: as above, but the body is chunked unless `Content-Length` is among its fields.
    ///   - body: read to its end, in a tasklet of its own; no longer when the answer has been read before that.
    /// - Throws: as above; what the stream throws, when the answer has not come yet. A body that fails later ends the connection.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func send(_ request: HTTPRequest, body: any ByteReader) throws -> HTTPClientResponse {
        try send(HTTPLocation(request), request.method, request.headerFields, .stream(body))
    }

    private func send(
        _ location: HTTPLocation,
        _ method: HTTPRequest.Method,
        _ fields: HTTPFields,
        _ body: RequestBody
    ) throws -> HTTPClientResponse {
        guard method != .connect else {
            throw HTTPError.notAnAddress("CONNECT makes a tunnel, which this client does not")
        }
        let request = OutgoingRequest(location: location, method: method, fields: fields, body: body)
        let (connection, isKept) = try pool.take(location.origin)
        do {
            return try connection.send(request)
        } catch let error where isKept && connection.isUntouched && request.mayBeRepeated && isOfOtherSide(error) {
            // The connection was closed by the server in the moment in which the request went out.
            return try pool.takeNew(location.origin).send(request)
        }
    }
}

enum RequestBody {
    case bytes([UInt8])
    case stream(any ByteReader)
}

struct OutgoingRequest {
    let location: HTTPLocation
    let method: HTTPRequest.Method
    let fields: HTTPFields
    let body: RequestBody

    /// Whether sending it twice is the same as once.
    var mayBeRepeated: Bool {
        guard case .bytes = body else { return false }
        return [.get, .head, .options, .trace, .put, .delete].contains(method)
    }
}

extension HTTPLocation {
    init(_ request: HTTPRequest) throws(HTTPError) {
        guard let scheme = request.scheme, let authority = request.authority, let path = request.path else {
            throw .notAnAddress("the request lacks a scheme, an authority or a path")
        }
        guard path.hasPrefix("/") || (path == "*" && request.method == .options) else {
            throw .notAnAddress("the path \"\(path)\" does not begin with /")
        }
        try self.init(scheme: scheme.lowercased(), authority: authority, path: path)
    }
}
#endif
