#if HTTP
import Hub
import Tasklets

/// What goes out on a connection.
final class MessageOutput {
    private let stream: any ByteStream
    /// How long the other side may take for each piece; `nil`: as long as it likes.
    private let time: Duration?
    /// Set when something may have gone out in part: nothing can follow.
    private(set) var isBroken = false
    /// Set when the other side did not take what was sent.
    private(set) var otherSideFailed = false
    /// Who is in the middle of a message's bytes: those of another one in between would be no HTTP.
    private var writer: Tasklet?
    private var spare = HeadWriter()

    private static let pieceSize = 65_536

    init(_ stream: any ByteStream, time: Duration?) {
        self.stream = stream
        self.time = time
    }

    func breakOff() { isBroken = true }

    /// - Throws: `HubError.busy` while another tasklet is in the middle of a write. Nothing is broken by that.
    func refuseSecondWriter() throws {
        guard let writer else { return }
        throw HubError.busy(
            operation: "write",
            waiting: "\(writer)",
            refused: "\(Tasklet.current)",
            place: "\(stream)"
        )
    }

    /// Gives memory for a head that has been used before.
    func makeHead() -> HeadWriter {
        defer { spare = HeadWriter() }
        return spare
    }

    func write(_ head: HeadWriter) throws {
        unsafe try write(head, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Writes a head and a body: in one step when they are short.
    func write(_ head: consuming HeadWriter, _ body: UnsafeRawBufferPointer) throws {
        var head = head
        if body.count <= 4096 {
            unsafe head.append(body)
            unsafe try head.bytes.withUnsafeBytes { unsafe try write([$0]) }
        } else {
            unsafe try head.bytes.withUnsafeBytes { unsafe try write([$0, body]) }
        }
        head.clear()
        spare = head
    }

    /// Writes all of it, in pieces for each of which the time counts anew.
    func write(_ pieces: [UnsafeRawBufferPointer]) throws {
        try refuseSecondWriter()
        writer = .current
        defer { writer = nil }
        if unsafe pieces.reduce(0, { $0 + $1.count }) <= Self.pieceSize { return unsafe try writePiece(pieces) }
        for index in unsafe pieces.indices {
            var rest = unsafe pieces[index][...]
            while unsafe !rest.isEmpty {
                unsafe try writePiece([UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceSize))])
                unsafe rest = rest.dropFirst(Self.pieceSize)
            }
        }
    }

    private func writePiece(_ pieces: [UnsafeRawBufferPointer]) throws {
        if isBroken { throw SystemError(.closed, "write to a connection of which a message was broken off") }
        do {
            if let time {
                try withTimeout(time, throwing: HTTPError.tooSlow("to read what is sent to it")) {
                    unsafe try stream.write(pieces)
                }
            } else {
                unsafe try stream.write(pieces)
            }
        } catch {
            isBroken = true
            otherSideFailed = isOfConnection(error) || error is HTTPError
            throw error
        }
    }
}
#endif
