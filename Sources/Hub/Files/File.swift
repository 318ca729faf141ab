import Tasklets

/// A file that is open.
///
/// ```swift
/// let file = try File.open("notes", for: .creating)
/// try file.write("one\ntwo\n")
/// file.position = 0
/// print(try file.readLine() ?? "")  // one
/// file.close()
/// ```
///
/// A disk cannot be waited for as a connection can. What the system has in its memory is read in place; the rest is done by native
/// threads while the tasklet waits and the others run. That costs some ten microseconds, so read and write in large pieces.
///
/// A virtual clock (`Scheduler.scope(clock:_:)`) does not wait for the disk: when no tasklet can run, the clock goes on to the next
/// deadline, as if the disk took no time.
///
/// As a ``ByteStream`` it is read and written at its ``position``, by one tasklet at a time. Reading and writing at other places
/// does not care about that, and may be done by several. It belongs to the scheduler that opened it, and is closed with its last
/// reference.
///
/// **A read or a write that has begun is not stopped** by whoever ends the tasklet's wait; of a write that was ended nobody knows
/// whether it was done.
public final class File: ByteStream {
    let hub: HubCore
    private var opened: (any OpenFile)?
    /// The path that it was opened by.
    public let path: String
    /// What was read of the file and not yet asked for. It lies before the place that the disk is read at next, and not before
    /// ``position``.
    public let readAhead = ReadAhead()
    /// Where the next read of the disk begins: behind what was read ahead.
    private var place: Int64 = 0
    /// Who reads or writes at the position.
    private var user: Tasklet?

    /// Most bytes that one job reads or writes: a copy of them is made.
    private static let largestPiece = 1 << 20

    private init(_ hub: HubCore, _ opened: any OpenFile, _ path: String) {
        self.hub = hub
        self.opened = opened
        self.path = path
    }

    /// Opens a file. A named pipe is not waited for: one that nobody has open for writing is empty, and one that nobody reads
    /// refuses to be opened for writing alone.
    ///
    /// - Parameters:
    ///   - path: which file.
    ///   - access: what is to be done with it.
    ///   - permissions: what its owner, group and others may do with a new file, less what the process does not give away
    ///     (`umask`).
    /// - Throws: `SystemError` with the path: `.noSuchFile`, `.exists`, `.accessDenied`; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func open(
        _ path: String,
        for access: FileAccess = .reading,
        permissions: UInt32 = 0o666
    ) throws -> File {
        let opened = try DiskJob.perform("open", path) { files in try files.open(path, access, permissions: permissions)
        }
        return File(try HubCore.current(), opened, path)
    }

    /// Closes it. What still reads or writes comes to its end. Has no effect the second time.
    public func close() { opened = nil }

    private func checkedFile(_ operation: StaticString) throws -> any OpenFile {
        _ = hub.checkedPorts
        guard let opened else { throw SystemError(.closed, "\(operation) \(path)") }
        return opened
    }

    /// Has another thread do something with the file.
    private func perform<Result: Sendable>(
        _ operation: StaticString,
        _ body: @escaping @Sendable (any OpenFile) throws -> Result
    ) throws -> Result {
        let file = try checkedFile(operation)
        return try hub.perform(.file(operation, path: path), by: .files) { try body(file) }
    }

    // MARK: Anywhere

    /// Reads from a place in the file, and returns how many bytes that were: at least one, 0 at the end of the file.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws -> Int {
        if unsafe buffer.isEmpty { return 0 }
        let file = try checkedFile("read")
        try hub.countOperation()
        if let count = unsafe file.readAtOnce(into: buffer, at: position) { return count }
        // Not into the buffer: whoever ends the wait takes that back.
        let size = min(buffer.count, Self.largestPiece)
        let bytes = try perform("read") { file in
            unsafe try [UInt8](unsafeUninitializedCapacity: size) { memory, count in
                count = unsafe try file.read(into: UnsafeMutableRawBufferPointer(memory), at: position)
            }
        }
        unsafe buffer.copyBytes(from: bytes)
        return bytes.count
    }

    /// Reads from a place in the file: so many bytes, or as many as there are up to the file's end.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func read(upTo limit: Int, at position: Int64) throws -> [UInt8] {
        guard limit >= 0 else { fatalError("A read wants at most so many bytes: not \(limit).") }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let start = position + Int64(bytes.count)
            // The first piece is as long as the file seems to be from there, so that mostly nothing is copied.
            let capacity = min(limit - bytes.count, max(Int(clamping: try size - start), 4096), 1 << 24)
            let piece = unsafe try [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
                count = unsafe try read(into: UnsafeMutableRawBufferPointer(memory), at: start)
            }
            if piece.isEmpty { break }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }

    /// Writes all of the bytes at a place in the file; in a file for appending at its end.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func write(_ bytes: [UInt8], at position: Int64) throws {
        _ = unsafe try bytes.withUnsafeBytes { unsafe try write($0, at: position) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws {
        let file = try checkedFile("write")
        var done = 0
        while done < bytes.count {
            try hub.countOperation()
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            if let count = unsafe file.writeAtOnce(rest, at: position + Int64(done)) {
                done += count
                continue
            }
            let piece = unsafe [UInt8](rest.prefix(Self.largestPiece))
            let start = position + Int64(done)
            try perform("write") { file in try File.write(piece, at: start, to: file) }
            done += piece.count
        }
    }

    static func write(_ bytes: [UInt8], at position: Int64, to file: any OpenFile) throws {
        unsafe try bytes.withUnsafeBytes { memory in
            var done = 0
            while done < memory.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: memory[done...])
                done += unsafe try file.write(rest, at: position + Int64(done))
            }
        }
    }

    /// How many bytes there are. Does not wait.
    public var size: Int64 {
        get throws { try checkedFile("size of").size() }
    }

    /// Waits until the disk has what was written.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func sync() throws {
        try perform("sync") { try $0.sync() }
    }

    /// Cuts the file off there, or fills it up with zeros.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func truncate(to size: Int64) throws {
        try perform("truncate") { try $0.truncate(to: size) }
    }

    // MARK: In order

    /// Where the next byte is read or written.
    public var position: Int64 {
        get { place - Int64(readAhead.count) }
        set {
            readAhead.drop(readAhead.count)
            place = newValue
        }
    }

    /// Reads at the place behind what was read ahead, and returns how many bytes that were: 0 at the end of the file. For
    /// ``ByteStream``, whose other functions call it.
    ///
    /// - Throws: `SystemError` with the path; `HubError.busy` when another tasklet reads or writes there; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try atPosition("read") { unsafe try read(into: buffer, at: place) }
        place += Int64(count)
        return count
    }

    /// Writes all of the pieces at ``position``, one after the other. For ``ByteStream``, whose other functions call it.
    ///
    /// - Throws: as `readDirectly(into:)`; some of the bytes may be written then.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        try atPosition("write") {
            // What was read ahead does not count: the next byte goes behind the one that was asked for last.
            position = position
            for number in 0..<pieces.count {
                let piece = unsafe pieces[number]
                unsafe try write(piece, at: place)
                place += Int64(piece.count)
            }
        }
    }

    /// Nothing waits for the end of a file: without effect.
    public func finishWriting() {}

    private func atPosition<Result>(_ operation: String, _ body: () throws -> Result) throws -> Result {
        if let user {
            throw HubError.busy(
                operation: operation,
                waiting: "\(user)",
                refused: "\(Tasklet.current)",
                place: "the position of \(path)"
            )
        }
        user = Tasklet.current
        defer { user = nil }
        return try body()
    }
}
