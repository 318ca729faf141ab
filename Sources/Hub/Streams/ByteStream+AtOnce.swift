/// A writer that can be asked for what needs no wait: for the last words of a protocol in `close()`, which does not wait, and for
/// whoever keeps what has not gone.
package protocol ImmediateWriter: ByteWriter {
    /// Writes as many of the bytes as go out without a wait. Nothing while another tasklet is in the middle of a write.
    ///
    /// - Returns: how many.
    func writeAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int

    /// Lets the others run if there were many operations in a row that did not wait. Whoever writes at once, or gives out what has
    /// come already, calls it before: else a busy connection would starve them.
    func giveWayIfDue() throws
}

/// A reader that lends what has come, so that a reader which waits needs no memory: for protocols that keep what has come in their
/// own form.
package protocol LendingReader: ByteReader {
    /// Waits until at least one byte has come, and calls `body` with what is there. What was read ahead comes before that, and is not
    /// seen here.
    ///
    /// - Parameters:
    ///   - size: how many bytes at most.
    ///   - body: must not wait. The memory is the hub's, and is used again.
    /// - Returns: how many bytes; 0 when the other side has finished, and `body` is not called then.
    func readLent(upTo size: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws -> Int
}

/// A reader that can be asked whether a read would wait.
package protocol AskableReader: ByteReader {
    /// Whether bytes have come, or the end. Asked of the system: what has happened since the last look outside counts. Throws what
    /// a read would throw.
    func hasCome() throws -> Bool
}

/// A stream on a socket, which can do all of that.
package protocol SocketStream: ImmediateWriter, LendingReader, AskableReader {
    var socket: Socket { get }
}

extension SocketStream {
    package func hasCome() throws -> Bool {
        try readAhead.count > 0 || socket.ports.isReady(for: .read, at: socket.handle)
    }

    package func writeAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        unsafe try socket.writeAtOnce(bytes)
    }

    package func giveWayIfDue() throws { try socket.hub.countOperation() }

    package func readLent(upTo size: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws -> Int {
        unsafe try socket.readLent(upTo: size, body)
    }
}

extension TCPConnection: SocketStream {}
extension UnixConnection: SocketStream {}
