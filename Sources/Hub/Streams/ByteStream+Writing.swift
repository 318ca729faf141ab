/// Writing. All of these wait while there is no room. What ends a wait may come when some of the bytes have gone, and nobody
/// knows how many: close the stream then.
///
/// One tasklet writes at a time. A second one gets `HubError.busy` when it comes while the first one waits in the middle of its
/// bytes, which happens only when the other side is slow: where several write to one stream, let each hold a `Lock` of `Sync`
/// around its message.
extension ByteWriter {
    /// Writes all of the pieces, one after the other: in one step where the system can, as the head and the body of an answer.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func write(_ pieces: [UnsafeRawBufferPointer]) throws {
        var pieces = unsafe pieces
        unsafe try pieces.withUnsafeMutableBufferPointer { unsafe try writeDirectly($0) }
    }

    /// Writes all of the bytes.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var piece = unsafe bytes
        unsafe try withUnsafeMutablePointer(to: &piece) {
            unsafe try writeDirectly(UnsafeMutableBufferPointer(start: $0, count: 1))
        }
    }

    /// Writes all of the bytes.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func write(_ bytes: [UInt8]) throws {
        unsafe try bytes.withUnsafeBytes { unsafe try write($0) }
    }

    /// Writes the text, as UTF-8.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { unsafe try write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes what another stream reads, until that comes to its end. Returns how many bytes that were.
    ///
    /// With a tasklet for each direction that is a proxy.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    @discardableResult
    public func write(from source: some ByteReader) throws -> Int {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var total = 0
        while case let count = unsafe try source.read(into: buffer), count > 0 {
            unsafe try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += count
        }
        return total
    }
}
