/// Writing. All of these wait while there is no room.
extension ByteWriter {
    /// Writes all of the bytes.
    @available(*, noasync, message: "call it inside Scheduler.scope { … }, or in a synchronous function")
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        unsafe try write([bytes])
    }

    /// Writes all of the bytes.
    @available(*, noasync, message: "call it inside Scheduler.scope { … }, or in a synchronous function")
    public func write(_ bytes: [UInt8]) throws {
        unsafe try bytes.withUnsafeBytes { unsafe try write([$0]) }
    }

    /// Writes the text, as UTF-8.
    @available(*, noasync, message: "call it inside Scheduler.scope { … }, or in a synchronous function")
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { unsafe try write([UnsafeRawBufferPointer($0)]) }
    }

    /// Writes what another stream reads, until that comes to its end. Returns how many bytes that were.
    ///
    /// With a tasklet for each direction that is a proxy.
    @available(*, noasync, message: "call it inside Scheduler.scope { … }, or in a synchronous function")
    @discardableResult
    public func write(from source: some ByteReader) throws -> Int {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var total = 0
        while case let count = unsafe try source.read(into: buffer), count > 0 {
            unsafe try write([UnsafeRawBufferPointer(rebasing: buffer[..<count])])
            total += count
        }
        return total
    }
}
