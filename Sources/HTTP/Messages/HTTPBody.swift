#if HTTP
public import HTTPTypes
public import Hub
import NIOCore
import Tasklets

/// The body of a message, read as it comes: what is not read stays with the other side.
///
/// Chunks are taken apart; the end of the body is the end of this stream. One tasklet reads at a time.
public final class HTTPBody: ByteReader {
    public private(set) lazy var readAhead = ReadAhead()
    /// How many bytes the other side has announced; `nil` when it has not (a chunked body), 0 when there is none.
    public let length: Int?
    /// The fields behind a chunked body, once that has been read to its end.
    public private(set) var trailers: HTTPFields = [:]

    private var source: (any BodySource)?
    private var current = ByteBuffer()
    private(set) var isOver: Bool
    /// Whether it was longer than its reader wanted.
    private(set) var isRefused = false

    init(_ source: any BodySource, length: Int?, isOver: Bool) {
        self.source = isOver ? nil : source
        self.length = length
        self.isOver = isOver
    }

    deinit { source?.bodyIsDropped() }

    /// Reads until the end of the body.
    ///
    /// - Throws: also ``HTTPError/bodyTooLong(limit:)`` when more than the limit comes, or is announced, of which nothing is
    ///   read then. A server whose handler throws that, of the body of its request, answers 413.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readAll(limit: Int) throws -> [UInt8] {
        if let length, length > limit { throw refuse(limit: limit) }
        if length == 0 { return [] }
        do {
            return try (self as any ByteReader).readAll(limit: limit)
        } catch HubError.tooLong {
            throw refuse(limit: limit)
        }
    }

    /// Notes that it is too long, and gives the error that says so.
    func refuse(limit: Int) -> HTTPError {
        isRefused = true
        return .bodyTooLong(limit: limit)
    }

    /// The same as text; what is not UTF-8 in it is replaced.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readText(limit: Int) throws -> String {
        String(decoding: try readAll(limit: limit), as: UTF8.self)
    }

    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if unsafe buffer.isEmpty { return 0 }
        while current.readableBytes == 0 {
            if isOver { return 0 }
            guard let source else { throw SystemError(.closed, "read the body of a message") }
            switch try source.readBody() {
            case .bytes(let piece): current = piece
            case .end(let trailers): finish(trailers)
            }
        }
        let count = min(buffer.count, current.readableBytes)
        unsafe current.readWithUnsafeReadableBytes { bytes in
            unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return count
        }
        return count
    }

    /// Gives up the body, and the connection that it comes on.
    public func close() {
        detach()?.closeConnection()
    }

    /// The body can no longer be read. What has come of it already can.
    @discardableResult
    func detach() -> (any BodySource)? {
        defer { source = nil }
        return source
    }

    func finish(_ trailers: HTTPFields) {
        self.trailers = trailers
        isOver = true
        source = nil
    }
}

/// What a body comes from: one side of a connection.
protocol BodySource: AnyObject {
    /// Waits for the next piece, which is not empty.
    func readBody() throws -> BodyPart

    func closeConnection()

    /// Nobody can read the rest any more.
    func bodyIsDropped()
}

enum BodyPart {
    case bytes(ByteBuffer)
    case end(HTTPFields)
}
#endif
