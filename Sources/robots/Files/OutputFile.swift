import Glibc

/// A file that is either written completely or not at all.
///
/// Its contents are kept in a file without a name, which gets the name in ``commit()``. Without that, nothing is left of
/// it, however the program ends. Pipes, terminals and files that are open already take what is written as it comes.
final class OutputFile {
    let path: String
    private let destination: Destination
    private var buffer: [UInt8] = []
    private var isOpen = true

    private enum Destination {
        case file(OrdinaryFile, ScratchFile)
        case stream(Descriptor)
        /// A stream that gets all at once in the end.
        case collected(Descriptor, ScratchFile)
    }

    /// - Parameter isSeekable: The program that writes it goes back in it.
    /// - Throws: `Failure` with the exit code for an output that cannot be created.
    init(path: String, isSeekable: Bool = false) throws {
        self.path = path
        func stream(_ descriptor: Descriptor) throws(SystemError) -> Destination {
            isSeekable ? .collected(descriptor, try ScratchFile.inFolderForTemporaryFiles()) : .stream(descriptor)
        }
        do throws(SystemError) {
            switch try OutputPlace(path: path) {
            case .file(let file): destination = .file(file, try file.makeScratchFile())
            case .descriptor(let number):
                // Opened anew, it would begin again at the start of a file that it stands for.
                destination = try stream(Descriptor(writingOn: number))
            case .descriptorOfAnother(let path):
                destination = try stream(Descriptor(openingWhenReady: path, flags: O_WRONLY | O_APPEND))
            case .special(let path): destination = try stream(Descriptor(openingWhenReady: path, flags: O_WRONLY))
            }
        } catch {
            throw OutputFile.failure(path, error)
        }
    }

    deinit { if isOpen { close() } }

    /// Where the contents are until they are complete, for another program that writes them; it has to be seekable.
    var scratch: Descriptor? {
        switch destination {
        case .file(_, let scratch), .collected(_, let scratch): scratch.descriptor
        case .stream: nil
        }
    }

    func write(_ bytes: some Sequence<UInt8>) throws {
        buffer += bytes
        if buffer.count >= 1 << 16 { try flush() }
    }

    func writeLine(_ line: String) throws {
        buffer += line.utf8
        try write(CollectionOfOne(UInt8(ascii: "\n")))
    }

    /// Drops what has been written so far; only what went into a pipe or a terminal is gone for good.
    func startOver() throws {
        buffer.removeAll()
        do {
            try scratch?.truncate()
        } catch {
            throw OutputFile.failure(path, error)
        }
    }

    /// Writes what is left and gives the file its name.
    func commit() throws {
        try flush()
        defer { close() }
        do {
            switch destination {
            case .file(let file, let scratch): try file.take(scratch)
            case .stream: break
            case .collected(let stream, let scratch): try scratch.descriptor.copyAll(to: stream)
            }
        } catch {
            throw OutputFile.failure(path, error)
        }
    }

    private func flush() throws {
        do {
            switch destination {
            case .file(_, let scratch), .collected(_, let scratch): try scratch.descriptor.write(buffer)
            case .stream(let stream): try stream.write(buffer)
            }
        } catch {
            throw OutputFile.failure(path, error)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func close() {
        isOpen = false
        switch destination {
        case .file(_, let scratch): try? scratch.descriptor.close()
        case .stream(let stream): try? stream.close()
        case .collected(let stream, let scratch):
            try? stream.close()
            try? scratch.descriptor.close()
        }
    }

    private static func failure(_ path: String, _ error: SystemError) -> Failure {
        .noOutput("\(path): cannot be written: \(error); \(error.remedyForOutput)")
    }
}

extension Descriptor {
    /// Another number for a file that is open already.
    fileprivate init(writingOn number: Int32) throws(SystemError) {
        let flags = fcntl(number, F_GETFL)
        if flags < 0 { throw SystemError() }
        if flags & O_ACCMODE == O_RDONLY { throw SystemError(code: EBADF) }
        // The program has opened it itself, for another output, say: what it was started with has come through an exec.
        if fcntl(number, F_GETFD) & FD_CLOEXEC != 0 { throw SystemError(code: EBADF) }
        self = try Descriptor(duplicating: number)
    }

    /// Opens something that may have to wait for a reader. The user may end the program meanwhile.
    fileprivate init(openingWhenReady path: String, flags: Int32) throws(SystemError) {
        while true {
            // Asked before: a reader that is there when the wish comes is found.
            let isLastTry = Interrupt.isRequested
            do throws(SystemError) {
                self = try Descriptor(opening: path, flags: flags | O_NONBLOCK | O_NOCTTY)
                return
            } catch {
                // A pipe without a reader says that; so does a socket, which can never be opened.
                var status = stat()
                guard error.code == ENXIO, unsafe stat(path.fileName, &status) == 0,
                    status.st_mode & S_IFMT == S_IFIFO
                else { throw error }
                if isLastTry { throw .gaveUp }
                usleep(UInt32(Patience.milliseconds) * 1000)
            }
        }
    }
}
