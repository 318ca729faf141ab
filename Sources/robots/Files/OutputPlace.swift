import Glibc

/// What a name that the user has given for an output stands for.
///
/// Links are followed one by one: a name that leads to an open descriptor on its way to a file is that descriptor, and a
/// link whose target does not exist names the file that will be made.
enum OutputPlace {
    /// A file that this program was started with, such as standard output: written on where it is.
    case descriptor(Int32)
    /// One that another program has open: written at its end.
    case descriptorOfAnother(path: String)
    /// A pipe, a terminal or another device.
    case special(path: String)
    case file(OrdinaryFile)

    private static let mostLinks = 40

    /// - Parameter standard: The descriptor that `-` stands for.
    init(path: String, standard: Int32 = STDOUT_FILENO) throws(SystemError) {
        if path == "-" {
            self = .descriptor(standard)
            return
        }
        var path = path
        for _ in 0..<OutputPlace.mostLinks {
            if path.isEmpty { throw SystemError(code: ENOENT) }
            let (parent, name) = path.splitAtLastSlash
            let folder = try OutputPlace.resolved(parent.isEmpty ? "." : parent)
            let whole = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
            if let number = Int32(name), OutputPlace.holdsDescriptors(folder) {
                let own = try OutputPlace.resolved("/proc/self/fd")
                let ownThread = try? OutputPlace.resolved("/proc/thread-self/fd")
                self = [own, ownThread].contains(folder) ? .descriptor(number) : .descriptorOfAnother(path: whole)
                return
            }
            var status = stat()
            if unsafe lstat(whole.fileName, &status) != 0 {
                if errno != ENOENT { throw SystemError() }
                self = .file(OrdinaryFile(folder: folder, name: name))
                return
            }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                let target = try OutputPlace.target(ofLink: whole)
                path = target.isAbsolutePath ? target : "\(folder)/\(target)"
            case S_IFREG:
                self = .file(OrdinaryFile(folder: folder, name: name))
                return
            case S_IFDIR: throw SystemError(code: EISDIR)
            default:
                self = .special(path: whole)
                return
            }
        }
        throw SystemError(code: ELOOP)
    }

    /// True for `/proc/PID/fd` and for `/proc/PID/task/TID/fd`.
    private static func holdsDescriptors(_ folder: String) -> Bool {
        let parts = folder.split(separator: "/")
        return [3, 5].contains(parts.count) && parts[0] == "proc" && parts.last == "fd"
    }

    private static func resolved(_ folder: String) throws(SystemError) -> String {
        guard let resolved = unsafe realpath(folder.fileName, nil) else { throw SystemError() }
        defer { unsafe free(resolved) }
        return unsafe String(fileName: resolved)
    }

    private static func target(ofLink path: String) throws(SystemError) -> String {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(path.fileName, &bytes, bytes.count)
        if count < 0 { throw SystemError() }
        return String(fileName: bytes[..<count].map { UInt8(bitPattern: $0) })
    }

    /// What is there already; nil for what does not exist yet.
    var status: stat? {
        var status = stat()
        let result =
            switch self {
            case .descriptor(let number): unsafe fstat(number, &status)
            case .descriptorOfAnother(let path), .special(let path): unsafe stat(path.fileName, &status)
            case .file(let file): unsafe stat(file.path.fileName, &status)
            }
        return result == 0 ? status : nil
    }
}
