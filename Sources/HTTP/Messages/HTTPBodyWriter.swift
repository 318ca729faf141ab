#if HTTP
public import HTTPTypes
public import Hub
import Tasklets

/// Writes the body of a message piece by piece: what `HTTPServerResponse.begin` gives.
///
/// Each `write` sends what it is given at once, as a chunk if the length was not promised, and waits while the other side does
/// not read. One tasklet writes at a time.
public final class HTTPBodyWriter: ByteWriter {
    enum Framing: Equatable {
        /// There is no body, whatever is written: an answer to HEAD.
        case discarded
        case length(Int)
        case chunked
        case untilClose
    }

    private let output: MessageOutput
    private let stream: any ByteStream
    private let framing: Framing
    private var written = 0
    private(set) var isFinished = false

    var endsWithConnection: Bool { framing == .untilClose }

    init(_ output: MessageOutput, _ stream: any ByteStream, _ framing: Framing) {
        self.output = output
        self.stream = stream
        self.framing = framing
    }

    /// - Throws: what ends the wait; `HubError.busy` while another tasklet writes;
    ///   ``HTTPError/otherLength(promised:written:)`` for more than was promised; `SystemError` with the code `.closed` after the
    ///   end of the body.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        if isFinished { throw SystemError(.closed, "write to a body that is finished") }
        let count = unsafe pieces.reduce(0) { $0 + $1.count }
        if count == 0 { return }
        // Before anything is counted or broken: the other one goes on.
        try output.refuseSecondWriter()
        written += count
        switch framing {
        case .discarded: break
        case .length(let promised):
            if written > promised {
                output.breakOff()
                throw HTTPError.otherLength(promised: promised, written: written)
            }
            unsafe try output.write(Array(pieces))
        case .untilClose: unsafe try output.write(Array(pieces))
        case .chunked:
            var size = HeadWriter()
            size.appendHexadecimal(count)
            size.append("\r\n")
            let end: [UInt8] = [13, 10]
            unsafe try size.bytes.withUnsafeBytes { size in
                unsafe try end.withUnsafeBytes { unsafe try output.write([size] + pieces + [$0]) }
            }
        }
    }

    /// Ends the body. Needs not be called in a handler, whose body is ended when it returns.
    ///
    /// - Throws: as `write`; ``HTTPError/otherLength(promised:written:)`` for fewer bytes than were promised, and the
    ///   connection is closed then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func finishWriting() throws { try finishWriting(trailers: [:]) }

    /// The same with fields behind the body, which only a chunked one has; elsewhere they are left out.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func finishWriting(trailers: HTTPFields) throws {
        if isFinished { return }
        try output.refuseSecondWriter()
        if endsWithConnection, output.isBroken { throw SystemError(.closed, "finish a body that was broken off") }
        isFinished = true
        switch framing {
        case .discarded, .untilClose: break
        case .length(let promised):
            if written < promised {
                output.breakOff()
                throw HTTPError.otherLength(promised: promised, written: written)
            }
        case .chunked:
            var end = HeadWriter()
            end.append("0\r\n")
            for field in trailers { end.append(field) }
            end.append("\r\n")
            try output.write(end)
        }
    }

    /// Gives up the body, and the connection that it goes out on.
    public func close() {
        if endsWithConnection, !isFinished { reset(stream) }
        isFinished = true
        output.breakOff()
        stream.close()
    }
}

extension HTTPFields {
    /// What a program promises of its own body.
    func promisedLength() throws(HTTPError) -> Int? {
        guard let text = self[.contentLength] else { return nil }
        guard let length = Int(text), length >= 0 else { throw .notALength(text) }
        return length
    }
}
#endif
