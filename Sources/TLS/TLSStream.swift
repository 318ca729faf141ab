#if TLS
public import Hub
import Sync
import Tasklets

/// A stream that nobody between can read or change: TLS over another stream.
///
/// ```swift
/// let secure = try TLSStream.connect(to: "example.org", port: 443)
/// try secure.write("GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")
/// print(try secure.readLine() ?? "nothing")
/// secure.close()
/// ```
///
/// One tasklet may read while another one writes. It belongs to the scheduler of the stream below, and is closed with it.
///
/// **The end.** ``finishWriting()`` tells the other side that all has been written. Reading gives the end only when the other side
/// has said so, too, and else throws ``TLSError/truncated``: somebody between may have cut the connection. ``close()`` says it as
/// well, where that needs no wait and all that was written has gone.
///
/// **A wait that is ended.** A read or a handshake that is ended while it waits for the other side has lost nothing, and may be
/// begun again. A write that is ended may have sent half of a record: every later write throws
/// ``TLSError/writeInterrupted(by:)``. What comes can still be read.
///
/// Takes some 20 KB of memory while nothing is under way.
public final class TLSStream: ByteStream, CustomStringConvertible {
    /// What the bytes go over. Whoever reads or writes there while this stream is in use breaks it.
    public let below: any ByteStream
    public let readAhead = ReadAhead()

    let engine: TLSEngine
    /// The stream below, if it can write without a wait.
    let immediate: (any ImmediateWriter)?
    /// The stream below, if it lends what has come.
    let lending: (any LendingReader)?
    /// Keeps a second tasklet from the middle of a handshake.
    let handshaking = Lock(name: "handshake")
    /// Keeps records in their order: who holds it writes to the stream below, and goes on until nothing is left.
    let sending = Lock(name: "sending")
    /// What the other side has done wrong, or has refused: nothing goes on after that.
    var failure: TLSError?
    /// Why nothing can be written any more.
    var writeFailure: TLSError?
    /// Who is in the middle of writing something that did not go out at once.
    var writer: Tasklet?
    var isSecured = false
    var isFinished = false
    var isClosed = false
    /// Whether OpenSSL has nothing to read until more has come.
    var needsInput = false
    /// Whether a tasklet writes to the stream below, under the lock.
    var isSending = false

    /// How many bytes are asked of the stream below at once: room for two of the largest records.
    static let mostInput = 33_000
    /// So many bytes are made into records before they are sent.
    static let mostOutgoing = 65_536

    init(over below: any ByteStream, _ context: TLSContext, host: HostName?) {
        self.below = below
        immediate = below as? any ImmediateWriter
        lending = below as? any LendingReader
        engine = TLSEngine(context, host: host)
    }

    // MARK: Making

    /// Secures a stream as the side that has connected, and waits until that is done.
    ///
    /// - Parameters:
    ///   - below: what the bytes go over: a connection, or another stream.
    ///   - host: whom the other side must be: the name or the address that must be in its certificate.
    ///   - context: whom to trust, and the like.
    /// - Throws: ``TLSError`` when the other side is not whom it should be, or cannot be spoken with; what the stream below throws;
    ///   what ended the wait. The stream below is still open then.
    /// - Precondition: the context was made by `TLSContext.client`.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func client(
        over below: any ByteStream,
        host: String,
        _ context: TLSContext = .standardClient
    ) throws -> TLSStream {
        guard !context.isServer else {
            fatalError("TLSStream.client needs a context for clients: make it by TLSContext.client.")
        }
        let stream = TLSStream(over: below, context, host: try HostName(host))
        try stream.handshake()
        return stream
    }

    /// Secures a stream as the side that has accepted, and waits until that is done.
    ///
    /// A client that says nothing is waited for without an end: put `withTimeout` around it.
    ///
    /// - Throws: as ``client(over:host:_:)``.
    /// - Precondition: the context was made by `TLSContext.server`.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func server(over below: any ByteStream, _ context: TLSContext) throws -> TLSStream {
        let stream = accepted(over: below, context)
        try stream.handshake()
        return stream
    }

    /// The same, but the handshake comes with the first read or write.
    static func accepted(over below: any ByteStream, _ context: TLSContext) -> TLSStream {
        guard context.isServer else {
            fatalError("TLSStream.server needs a context for servers: make it by TLSContext.server.")
        }
        return TLSStream(over: below, context, host: nil)
    }

    /// Connects to a machine by its name, and secures the connection.
    ///
    /// - Throws: what `TCPConnection.connect(to:port:)` and ``client(over:host:_:)`` throw. The connection is closed then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func connect(
        to host: String,
        port: UInt16,
        _ context: TLSContext = .standardClient
    ) throws -> TLSStream {
        // A connection that nobody keeps is closed.
        try client(over: try TCPConnection.connect(to: host, port: port), host: host, context)
    }

    // MARK: What was agreed on

    /// "TLSv1.3" or "TLSv1.2"; `nil` before the handshake.
    public var version: String? { isSecured ? engine.version : nil }

    /// What is to be spoken over it, as both sides have agreed (ALPN). `nil` when one of them has not named anything, or before
    /// the handshake.
    public var applicationProtocol: String? { isSecured ? engine.applicationProtocol : nil }

    /// Whether it goes on with the session of a former connection: no certificate was sent then.
    public var isResumed: Bool { isSecured && engine.isResumed }

    /// Whose certificate the other side has shown, as "CN=alice,O=Example". `nil` when it has shown none, or before the
    /// handshake.
    ///
    /// It is verified unless that was turned off. A client has also verified that the server is the host that was asked for, by
    /// the other names in the certificate: the subject need not be that of the host, so do not compare them.
    public var peerSubject: String? {
        isSecured ? unsafe engine.withPeerCertificate { unsafe Certificate.subject(of: $0) } : nil
    }

    /// The certificate that the other side has shown, in DER. `nil` when it has shown none, or before the handshake.
    public var peerCertificate: [UInt8]? {
        isSecured ? unsafe engine.withPeerCertificate { unsafe Certificate.bytes(of: $0) } : nil
    }

    public var description: String { "TLS over \((below as? any CustomStringConvertible)?.description ?? "a stream")" }

    // MARK: The end

    /// Closes this stream and the one below, without a wait. Tasklets that wait here get an error.
    ///
    /// The other side is told that all has been written (`close_notify`), when no write is under way, nothing of a former one is
    /// left, and the notice goes out without a wait: else, and over a stream of your own, the end is a cut for it. Call ``finishWriting()`` before, to
    /// be sure.
    public func close() {
        if isClosed { return }
        isClosed = true
        if isSecured, !isFinished, failure == nil, writeFailure == nil, writer == nil, !isSending {
            // What fails here has no connection to fail any more.
            try? engine.finish()
            sendAtOnce()
        }
        below.close()
    }
}
#endif
