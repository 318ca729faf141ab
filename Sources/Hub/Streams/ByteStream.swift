/// Bytes that come in, in order: what a connection, a pipe or TLS reads.
///
/// A tasklet that reads waits until something has come, while the others run. A type of your own has two functions to write, and
/// a ``ReadAhead``; the rest is built on them.
public protocol ByteReader: AnyObject {
    /// Waits until at least one byte has come, and puts what is there into the buffer. Not for users of a stream: what has been
    /// read ahead comes before.
    ///
    /// - Returns: how many; 0 when the other side has finished. An empty buffer gives 0, too.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// Ends reading, and whatever else it does. Tasklets that wait here get an error. Does not wait; has no effect the second
    /// time.
    func close()

    /// What has been read but not asked for yet: `ReadAhead()`.
    var readAhead: ReadAhead { get }
}

/// Bytes that go out, in order: what a connection, a pipe or TLS writes.
///
/// A tasklet that writes waits until there is room, while the others run. A type of your own has three functions to write; the
/// rest is built on them.
public protocol ByteWriter: AnyObject {
    /// Writes all of the pieces, one after the other; waits where there is no room. Not for users of a stream, which have
    /// `write`.
    ///
    /// - Parameter pieces: may be changed to note what has been written.
    /// - Throws: also what ended a wait. Some of the bytes may have gone then, and nobody knows how many: close the stream.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws

    /// Says that nothing more will be written: the other side comes to the end. Reading goes on.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    func finishWriting() throws

    /// Ends writing, and whatever else it does. Tasklets that wait here get an error. Does not wait; has no effect the second
    /// time.
    func close()
}

/// Bytes that come in and go out in order: a connection, what TLS makes of another stream. One tasklet may read while another
/// writes.
///
/// ```swift
/// let (near, far) = try UnixConnection.pair()
/// Tasklet {
///     while let line = try far.readLine() { try far.write("\(line), too\n") }
///     far.close()
/// }
/// try near.write("hello\n")
/// print(try near.readLine() ?? "nothing")  // hello, too
/// near.close()
/// ```
public protocol ByteStream: ByteReader, ByteWriter {}

/// Bytes that a stream has read because more came than was asked for: the beginning of the next line.
///
/// Takes no memory until there are some, and keeps four kilobytes of it at most when they have been read.
public final class ReadAhead {
    var bytes: [UInt8] = []
    /// Where what is left begins.
    var start = 0

    public init() {}

    package var count: Int { bytes.count - start }

    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let taken = min(buffer.count, count)
        unsafe buffer.copyBytes(from: bytes[start..<start + taken])
        drop(taken)
        return taken
    }

    /// Puts bytes in front of what is here: a protocol gives back what it has read of the next one.
    package func putBack(_ taken: [UInt8]) {
        bytes = taken + bytes[start...]
        start = 0
    }

    func drop(_ number: Int) {
        start += number
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= 4096)
            start = 0
        }
    }
}
