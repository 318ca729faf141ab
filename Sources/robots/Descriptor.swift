import Glibc

/// An open file of the operating system.
struct Descriptor {
    let number: Int32

    static let standardOutput = Descriptor(number: STDOUT_FILENO)
    static let standardError = Descriptor(number: STDERR_FILENO)

    /// Opens a file; one that is created can be read and written by whom the user's file mask allows.
    init(opening path: String, flags: Int32) throws(SystemError) {
        number = unsafe open(path, flags | O_CLOEXEC, 0o666)
        if number < 0 { throw SystemError() }
    }

    /// Another number for the same open file.
    init(duplicating other: Descriptor) throws(SystemError) {
        number = dup(other.number)
        if number < 0 { throw SystemError() }
    }

    private init(number: Int32) {
        self.number = number
    }

    /// The two ends of a new pipe.
    static func makePipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [0, 0]
        if unsafe pipe(&ends) != 0 { throw SystemError() }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (Descriptor(number: ends[0]), Descriptor(number: ends[1]))
    }

    /// A new file without a name: it is gone when nobody has it open.
    static func makeTemporaryFile() throws(SystemError) -> Descriptor {
        guard let stream = unsafe tmpfile() else { throw SystemError() }
        defer { unsafe fclose(stream) }
        let number = dup(unsafe fileno(stream))
        if number < 0 { throw SystemError() }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return Descriptor(number: number)
    }

    /// The next read begins at the start of the file.
    func rewind() { lseek(number, 0, SEEK_SET) }

    var isTerminal: Bool { isatty(number) == 1 }

    /// Writes all of the bytes, however many calls that takes.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(number, buffer.baseAddress! + written, buffer.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw SystemError()
            }
        }
    }

    /// Reads up to the end of the file.
    func readToEnd() throws(SystemError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
            }
            if count > 0 {
                contents += chunk[..<count]
            } else if count == 0 {
                return contents
            } else if errno != EINTR {
                throw SystemError()
            }
        }
    }

    /// Makes the file empty; what is written next is its beginning.
    func truncate() throws(SystemError) {
        if ftruncate(number, 0) != 0 || lseek(number, 0, SEEK_SET) != 0 { throw SystemError() }
    }

    func close() throws(SystemError) {
        if Glibc.close(number) != 0 { throw SystemError() }
    }
}

/// What the operating system said when it refused.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    init(code: Int32 = errno) {
        self.code = code
    }

    var description: String {
        unsafe String(cString: strerror(code))
    }
}
