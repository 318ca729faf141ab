import Glibc

/// An open file of the operating system.
struct Descriptor {
    let number: Int32
    /// How much a write takes without waiting, when the system says that it can be written to.
    private let largestWrite: Int

    static let standardInput = Descriptor(number: STDIN_FILENO)
    static let standardOutput = Descriptor(number: STDOUT_FILENO)
    static let standardError = Descriptor(number: STDERR_FILENO)

    /// Opens a file; one that is created can be read and written by whom the user's file mask allows.
    init(opening path: String, flags: Int32) throws(SystemError) {
        // The system would take what is before the zero, which may be another file's name. JSON can write one.
        if path.utf8.contains(0) { throw SystemError(code: ENOENT) }
        let number = unsafe open(path.fileName, flags | O_CLOEXEC, 0o666)
        if number < 0 { throw SystemError() }
        try self.init(own: number)
    }

    /// Another number for the same open file, with its place in the file.
    init(duplicating number: Int32) throws(SystemError) {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        if copy < 0 { throw SystemError() }
        self.init(number: copy)
    }

    /// A file that this program has opened. When it was started without standard output, say, the number of that is free,
    /// and a file that gets it would take all that is printed.
    private init(own number: Int32) throws(SystemError) {
        guard number <= STDERR_FILENO else {
            self.init(number: number)
            return
        }
        defer { _ = Glibc.close(number) }
        try self.init(duplicating: number)
    }

    private init(number: Int32) {
        self.number = number
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else {
            largestWrite = .max
            return
        }
        // Others may have the same pipe or terminal open, so it is not made non-blocking; but it takes that much.
        largestWrite =
            switch status.st_mode & S_IFMT {
            case S_IFIFO, S_IFSOCK: Int(PIPE_BUF)
            case S_IFCHR where isatty(number) == 1: 256
            default: .max
            }
    }

    /// The two ends of a new pipe.
    static func makePipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [0, 0]
        if unsafe pipe(&ends) != 0 { throw SystemError() }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (try Descriptor(own: ends[0]), try Descriptor(own: ends[1]))
    }

    /// Calls come back when they would have to wait. That holds for all who have the same open file.
    func doNotBlock() { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }

    /// The next read begins at the start of the file.
    func rewind() { lseek(number, 0, SEEK_SET) }

    var isTerminal: Bool { isatty(number) == 1 }

    /// How many characters a line of the terminal has at present; 80 where it does not tell.
    var terminalWidth: Int {
        var size = winsize()
        let isKnown = unsafe ioctl(number, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? Int(size.ws_col) : 80
    }

    var status: stat {
        get throws(SystemError) {
            var status = stat()
            if unsafe fstat(number, &status) != 0 { throw SystemError() }
            return status
        }
    }

    /// Writes all of the bytes, however many calls that takes.
    ///
    /// It waits as long as a reader takes. Only when the user wants the program to end, it gives up after a while in which
    /// nothing was taken.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        var written = 0
        var patience = Patience()
        while written < bytes.count {
            var question = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            if unsafe poll(&question, 1, Patience.milliseconds) <= 0 {
                if patience.isOver { throw .gaveUp }
                continue
            }
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(number, buffer.baseAddress! + written, min(buffer.count - written, largestWrite))
            }
            if count >= 0 {
                written += count
                patience = Patience()
            } else if errno == EAGAIN {
                if patience.isOver { throw .gaveUp }
                usleep(1000)
            } else if errno != EINTR {
                throw SystemError()
            }
        }
    }

    /// Reads the next bytes, none at the end of the file.
    func read() throws(SystemError) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(number, buffer.baseAddress, buffer.count)
            }
            if count >= 0 {
                chunk.removeLast(chunk.count - count)
                return chunk
            }
            if errno == EAGAIN {
                // Another program that has the same pipe or terminal open has made it non-blocking.
                var question = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&question, 1, -1)
            } else if errno != EINTR {
                throw SystemError()
            }
        }
    }

    /// Reads up to the end of the file.
    func readToEnd() throws(SystemError) -> [UInt8] {
        var contents: [UInt8] = []
        while true {
            let chunk = try read()
            if chunk.isEmpty { return contents }
            contents += chunk
        }
    }

    /// Reads bytes of a file from a place on: fewer only where the file ends.
    func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(number, buffer.baseAddress! + filled, buffer.count - filled, offset + filled)
            }
            if more == 0 { break }
            if more > 0 { filled += more } else if errno != EINTR { throw SystemError() }
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Writes all that a file holds to another one.
    func copyAll(to other: Descriptor) throws(SystemError) {
        rewind()
        try copyRest(to: other)
    }

    /// Writes all that has not been read yet to another one.
    func copyRest(to other: Descriptor) throws(SystemError) {
        while true {
            let chunk = try read()
            if chunk.isEmpty { return }
            try other.write(chunk)
        }
    }

    /// Cuts the file off; what is written next is its end.
    func truncate(to length: Int = 0) throws(SystemError) {
        if ftruncate(number, length) != 0 || lseek(number, length, SEEK_SET) != length { throw SystemError() }
    }

    /// Waits until the disk has what was written, and tells of errors that come only then. Without that, a power failure
    /// soon after may leave a file that has its name and none of its contents.
    func save() throws(SystemError) {
        while fsync(number) != 0 {
            // Not every file system knows it.
            if errno == EINVAL { return }
            if errno != EINTR { throw SystemError() }
        }
    }

    func close() throws(SystemError) {
        if Glibc.close(number) != 0 { throw SystemError() }
    }
}

/// How long the program waits for others.
struct Patience {
    /// After that it looks whether it is to end.
    static let milliseconds: Int32 = 50
    /// How long it still waits then, without anything happening.
    private static let time = Duration.seconds(3)

    private let clock = ContinuousClock()
    private var end: ContinuousClock.Instant?

    /// Asked again and again while nothing happens. True when the user wants the program to end, and has for a while.
    var isOver: Bool {
        mutating get {
            Interrupt.look()
            guard Interrupt.isRequested else { return false }
            if let end { return clock.now > end }
            end = clock.now.advanced(by: Patience.time)
            return false
        }
    }
}
