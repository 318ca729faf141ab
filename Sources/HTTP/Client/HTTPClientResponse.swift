#if HTTP
public import HTTPTypes

/// What a server has answered: the head, and the body as far as it is read.
///
/// The connection is kept for the next request when the body has been read to its end. It is closed when the body is closed,
/// or with the last reference to this object.
public final class HTTPClientResponse {
    /// Status and fields.
    public let head: HTTPResponse
    /// At its end at once when there is none: an answer to HEAD, 204, 304.
    ///
    /// Reading throws what ended the wait, `HubError.ended` when the connection ends before the body, and ``HTTPError`` for what
    /// is no body.
    public let body: HTTPBody

    init(_ head: HTTPResponse, _ body: HTTPBody) {
        self.head = head
        self.body = body
    }

    public var status: HTTPResponse.Status { head.status }

    public var fields: HTTPFields { head.headerFields }
}
#endif
