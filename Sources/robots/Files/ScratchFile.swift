import Glibc

/// A file that has no name yet: however the program ends, nothing is left of it.
struct ScratchFile {
    let descriptor: Descriptor
    /// False where the system cannot give it a name any more: a copy of it gets the name then.
    private let canBeNamed: Bool

    init(in folder: String) throws(SystemError) {
        do throws(SystemError) {
            descriptor = try Descriptor(opening: folder, flags: O_RDWR | ScratchFile.withoutName)
            // It is named by way of /proc, which a changed root may lack.
            canBeNamed = unsafe access("/proc/self/fd/\(descriptor.number)", F_OK) == 0
        } catch {
            // What file systems and kernels say that do not know the flag.
            guard [EOPNOTSUPP, EISDIR, EINVAL].contains(error.code) else { throw error }
            let name: String
            (descriptor, name) = try ScratchFile.withRandomName(in: folder)
            unsafe unlink(name.fileName)
            canBeNamed = false
        }
    }

    /// For contents that are going to be written to a file elsewhere.
    static func inFolderForTemporaryFiles() throws(SystemError) -> ScratchFile {
        guard let folder = unsafe getenv("TMPDIR") else { return try ScratchFile(in: "/tmp") }
        return try ScratchFile(in: unsafe String(fileName: folder))
    }

    /// Gives the file a name in its folder that no other file has.
    ///
    /// - Returns: False when there is a file of that name already, or when only a copy can be named.
    func link(to path: String) throws(SystemError) -> Bool {
        guard canBeNamed else { return false }
        let own = "/proc/self/fd/\(descriptor.number)"
        if unsafe linkat(AT_FDCWD, own, AT_FDCWD, path.fileName, AT_SYMLINK_FOLLOW) == 0 { return true }
        if errno == EEXIST { return false }
        throw SystemError()
    }

    /// Gives the file, or a copy of it, a random name in its folder.
    func linkWithRandomName(in folder: String) throws(SystemError) -> String {
        if canBeNamed {
            while true {
                let name = ScratchFile.randomName(in: folder)
                if try link(to: name) { return name }
            }
        }
        let (copy, name) = try ScratchFile.withRandomName(in: folder)
        do throws(SystemError) {
            try descriptor.copyAll(to: copy)
            try FileAttributes(of: descriptor).give(to: copy)
            try copy.save()
            try copy.close()
        } catch {
            unsafe unlink(name.fileName)
            throw error
        }
        return name
    }

    private static func randomName(in folder: String) -> String {
        "\(folder)/.robots-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    }

    private static func withRandomName(in folder: String) throws(SystemError) -> (Descriptor, String) {
        while true {
            let name = randomName(in: folder)
            do throws(SystemError) {
                return (try Descriptor(opening: name, flags: O_RDWR | O_CREAT | O_EXCL), name)
            } catch {
                if error.code != EEXIST { throw error }
            }
        }
    }

    /// `O_TMPFILE`, which Swift does not see: a macro of macros.
    private static let withoutName = 0o20_000_000 | O_DIRECTORY
}
