import Glibc

/// A file that is either written completely or not at all.
///
/// It is written under another name beside its place and takes its own name in ``commit()``. Without that, nothing is
/// left of it.
final class OutputFile {
    let path: String
    private let target: String
    private let descriptor: Descriptor
    /// Where its contents are until it is complete, for whoever else writes them.
    var pathForWriting: String { temporaryPath ?? target }
    /// The name it has until it is complete; nil for what cannot be replaced, such as a pipe or a terminal.
    private let temporaryPath: String?
    private var buffer: [UInt8] = []
    private var isOpen = true

    /// - Throws: `Failure` with the exit code for an output that cannot be created.
    init(path: String) throws {
        self.path = path
        target = OutputFile.followingLinks(path)
        temporaryPath =
            path != "/dev/stdout" && OutputFile.isReplaceable(target) ? "\(target).\(getpid()).partial" : nil
        do throws(SystemError) {
            descriptor =
                if path == "/dev/stdout" {
                    // Opened anew, it would begin again at the start of a file that it stands for.
                    try Descriptor(duplicating: .standardOutput)
                } else if let temporaryPath {
                    try Descriptor(opening: temporaryPath, flags: O_WRONLY | O_CREAT | O_EXCL)
                } else {
                    try Descriptor(opening: target, flags: O_WRONLY)
                }
        } catch {
            throw OutputFile.failure(path, error)
        }
    }

    deinit {
        guard isOpen else { return }
        try? descriptor.close()
        if let temporaryPath { unsafe unlink(temporaryPath) }
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
        guard temporaryPath != nil else { return }
        do {
            try descriptor.truncate()
        } catch {
            throw OutputFile.failure(path, error)
        }
    }

    /// Writes what is left and gives the file its name.
    func commit() throws {
        try flush()
        do throws(SystemError) {
            isOpen = false
            try descriptor.close()
            if let temporaryPath, unsafe rename(temporaryPath, target) != 0 { throw SystemError() }
        } catch {
            if let temporaryPath { unsafe unlink(temporaryPath) }
            throw OutputFile.failure(path, error)
        }
    }

    private func flush() throws {
        do {
            try descriptor.write(buffer)
        } catch {
            throw OutputFile.failure(path, error)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// The same for all names of a file, also when it does not exist yet.
    static func place(of path: String) -> String {
        let file = followingLinks(path)
        let (folder, name) = file.lastIndex(of: "/").map { (file[...$0], file[$0...].dropFirst()) } ?? ("./", file[...])
        return "\(followingLinks(String(folder)))/\(name)"
    }

    /// The file that a symbolic link stands for: that one is replaced, not the link.
    private static func followingLinks(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// True for ordinary files and for what does not exist yet.
    private static func isReplaceable(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return true }
        return status.st_mode & S_IFMT == S_IFREG
    }

    private static func failure(_ path: String, _ error: SystemError) -> Failure {
        .noOutput("\(path): cannot be written: \(error); name a file in a folder that you may write to")
    }
}
