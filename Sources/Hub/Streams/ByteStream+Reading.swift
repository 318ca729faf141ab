/// Reading. All of these wait while nothing has come, and throw what ended the wait; what was read until then is kept for the
/// next read.
extension ByteReader {
    /// Waits until at least one byte has come, and puts what is there into the buffer: no byte is copied twice.
    ///
    /// - Returns: how many; 0 when the other side has finished.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if readAhead.count > 0 { return unsafe readAhead.take(into: buffer) }
        return unsafe try readDirectly(into: buffer)
    }

    /// Waits until at least one byte has come, and returns what is there, but not more than the limit. Empty when the other side
    /// has finished.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func read(upTo limit: Int) throws -> [UInt8] {
        Self.check(limit)
        if readAhead.count > 0 {
            let taken = min(limit, readAhead.count)
            defer { readAhead.drop(taken) }
            return [UInt8](readAhead.bytes[readAhead.start..<readAhead.start + taken])
        }
        // No more than that is there: it would take memory for nothing.
        return unsafe try [UInt8](unsafeUninitializedCapacity: min(limit, 262_144)) { memory, count in
            count = unsafe try readDirectly(into: UnsafeMutableRawBufferPointer(memory))
        }
    }

    /// Waits until so many bytes have come.
    ///
    /// - Throws: also `HubError.ended` when the other side finishes before that. The bytes that have come are kept, then and
    ///   when the wait is ended: the next read gets them.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func read(exactly count: Int) throws -> [UInt8] {
        Self.check(count)
        while readAhead.count < count {
            if try readMore(atMost: min(count - readAhead.count, 262_144)) == 0 {
                throw HubError.ended(after: readAhead.count)
            }
        }
        defer { readAhead.drop(count) }
        return [UInt8](readAhead.bytes[readAhead.start..<readAhead.start + count])
    }

    /// Reads until that byte has come, and returns what is in front of it. `nil` when the other side has finished and nothing is
    /// left; what it sent without the byte at its end is the last piece.
    ///
    /// - Throws: also `HubError.tooLong` when more than the limit comes without that byte; the bytes are kept.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func read(until delimiter: UInt8, limit: Int = 65_536) throws -> [UInt8]? {
        Self.check(limit)
        var searched = 0
        while true {
            let ahead = readAhead
            if let place = ahead.bytes[(ahead.start + searched)...].firstIndex(of: delimiter) {
                let piece = [UInt8](ahead.bytes[ahead.start..<place])
                if piece.count > limit { throw HubError.tooLong(limit: limit) }
                ahead.drop(piece.count + 1)
                return piece
            }
            searched = ahead.count
            if searched > limit { throw HubError.tooLong(limit: limit) }
            if try readMore(atMost: 4096) > 0 {
                // Another reader may have taken some meanwhile.
                searched = min(searched, ahead.count)
                continue
            }
            if ahead.count == 0 { return nil }
            defer { ahead.drop(ahead.count) }
            return [UInt8](ahead.bytes[ahead.start...])
        }
    }

    /// Reads a line, and returns it without "\n" or "\r\n" at its end. `nil` when the other side has finished and nothing is left.
    ///
    /// - Throws: also `HubError.tooLong` for a line of more bytes than the limit, and `HubError.notText` for one that is not
    ///   UTF-8.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readLine(limit: Int = 65_536) throws -> String? {
        guard var line = try read(until: 10, limit: limit) else { return nil }
        if line.last == 13 { line.removeLast() }
        guard let text = String(validating: line, as: UTF8.self) else { throw HubError.notText }
        return text
    }

    /// Reads until the other side has finished.
    ///
    /// - Throws: also `HubError.tooLong` when more than the limit comes; the bytes are kept.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readAll(limit: Int = .max) throws -> [UInt8] {
        Self.check(limit)
        var size = 4096
        while try readMore(atMost: size) > 0 {
            if readAhead.count > limit { throw HubError.tooLong(limit: limit) }
            size = min(size * 2, 262_144)
        }
        let count = readAhead.count
        if count > limit { throw HubError.tooLong(limit: limit) }
        defer { readAhead.drop(count) }
        return [UInt8](readAhead.bytes[readAhead.start...])
    }

    private static func check(_ number: Int) {
        guard number >= 0 else { fatalError("A read wants so many bytes, or at most so many: not \(number).") }
    }

    /// Adds what has come to what was read ahead. Returns how many bytes: 0 at the end.
    private func readMore(atMost size: Int) throws -> Int {
        let ahead = readAhead
        if ahead.start > 0 {
            ahead.bytes.removeFirst(ahead.start)
            ahead.start = 0
        }
        // Into memory of its own: nothing of the stream's is held open over a wait, and another reader may come.
        let fresh = unsafe try [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            count = unsafe try readDirectly(into: UnsafeMutableRawBufferPointer(memory))
        }
        ahead.bytes += fresh
        return fresh.count
    }
}
