#if HTTP
public import HTTPTypes
public import Hub

/// What a client asks a server for. It is there until its handler returns.
public final class HTTPServerRequest {
    /// Method, path, host and fields. `Host` is its `authority` and not among the fields. Text that is not UTF-8 has
    /// U+FFFD in its place.
    public let head: HTTPRequest
    /// What the client sends; the end at once if it sends none.
    ///
    /// A client that waits to be asked for the body (`Expect: 100-continue`) is asked by the first read. What is not read is
    /// thrown away up to ``HTTPLimits/drainedBytes``.
    public let body: HTTPBody
    /// The connection: for its address. What goes over it is HTTP's.
    public let connection: any ByteStream

    init(_ head: HTTPRequest, _ body: HTTPBody, _ connection: any ByteStream) {
        self.head = head
        self.body = body
        self.connection = connection
    }

    public var method: HTTPRequest.Method { head.method }

    /// Path and query as they came; "" with CONNECT.
    public var path: String { head.path ?? "" }

    public var fields: HTTPFields { head.headerFields }
}
#endif
