/// A writer that can be asked for what needs no wait: for the last words of a protocol in `close()`, which does not wait, and for
/// whoever keeps what has not gone.
package protocol ImmediateWriter: ByteWriter {
    /// Writes as many of the bytes as go out without a wait. Nothing while another tasklet is in the middle of a write.
    ///
    /// - Returns: how many.
    func writeAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int
}

extension TCPConnection: ImmediateWriter {
    package func writeAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        unsafe try socket.writeAtOnce(bytes)
    }
}

extension UnixConnection: ImmediateWriter {
    package func writeAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        unsafe try socket.writeAtOnce(bytes)
    }
}
