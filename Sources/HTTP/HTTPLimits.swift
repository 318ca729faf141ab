#if HTTP
/// How much, and how slow, the other side of a connection may be.
///
/// ```swift
/// var limits = HTTPLimits()
/// limits.headTime = .seconds(5)
/// let server = HTTPServer(on: try TCPListener(on: .loopback, port: 0), limits: limits)
/// ```
public struct HTTPLimits: Sendable {
    /// How many bytes the first line and the fields of a message may have together: 16,384. A request beyond that is answered
    /// 431, or 414 when its first line alone is too long.
    public var headBytes = 16_384
    /// How many fields a message may have, those behind a chunked body included: 100. A request beyond that is answered 431.
    public var fieldCount = 100
    /// How many bytes of a request's body that its handler has not read are read and thrown away, so that the connection can
    /// go on: 262,144. With more left it is closed.
    public var drainedBytes = 262_144
    /// How long a connection may be without a request: 60 s. It is closed then, without a word.
    public var idleTime = Duration.seconds(60)
    /// How long the head of a request may take from its first byte on: 10 s. Answered 408.
    public var headTime = Duration.seconds(10)
    /// How long a server waits for the next bytes of a body: 30 s. Answered 408.
    public var bodyTime = Duration.seconds(30)
    /// How long a server waits until the next 65,536 bytes of an answer, or what is left of it, have gone out: 30 s. The
    /// connection is closed then.
    public var writeTime = Duration.seconds(30)

    public init() {}
}
#endif
