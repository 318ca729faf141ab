import Glibc

/// A file of an output, which may not exist yet. Its folder's name has no links.
struct OrdinaryFile {
    let folder: String
    let name: String

    var path: String { folder == "/" ? "/\(name)" : "\(folder)/\(name)" }

    /// A file for its contents until they are complete.
    ///
    /// - Throws: `SystemError`, when it is known already that the file cannot be written.
    func makeScratchFile() throws(SystemError) -> ScratchFile {
        // A file that its user has made read-only is one that is not to be replaced either.
        let exists = try canBeOpened()
        if !exists { try checkName() }
        do {
            return try ScratchFile(in: folder)
        } catch {
            guard exists, [EACCES, EPERM, EROFS].contains(error.code) else { throw error }
            return try ScratchFile.inFolderForTemporaryFiles()
        }
    }

    /// Takes the contents of a file that was made for it.
    ///
    /// The file is replaced as a whole. Only where it has other names too, or where it would get another owner or other
    /// rights by that, it is written anew.
    func take(_ scratch: ScratchFile) throws(SystemError) {
        try scratch.descriptor.save()
        if !exists, try scratch.link(to: path) { return }
        guard exists else { return try rename(scratch) }
        guard let former = try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW) else {
            return try overwrite(scratch)
        }
        defer { try? former.close() }
        if try former.status.st_nlink == 1 {
            do throws(SystemError) {
                try FileAttributes(of: former).give(to: scratch.descriptor)
                return try rename(scratch)
            } catch {}
        }
        try overwrite(scratch)
    }

    private func rename(_ scratch: ScratchFile) throws(SystemError) {
        let temporary = try scratch.linkWithRandomName(in: folder)
        if unsafe Glibc.rename(temporary.fileName, path.fileName) != 0 {
            let error = SystemError()
            unsafe unlink(temporary.fileName)
            throw error
        }
    }

    /// Writes the contents over those that are there.
    private func overwrite(_ scratch: ScratchFile) throws(SystemError) {
        let file = try Descriptor(opening: path, flags: O_WRONLY | O_NOFOLLOW)
        do throws(SystemError) {
            try overwrite(file, scratch)
        } catch {
            try? file.close()
            throw error
        }
        // Over a network some errors are told only now.
        try file.save()
        try file.close()
    }

    private func overwrite(_ file: Descriptor, _ scratch: ScratchFile) throws(SystemError) {
        let former = Int(try file.status.st_size)
        let length = Int(try scratch.descriptor.status.st_size)
        // What is there stays whole when there is no room for what is new.
        if length > former {
            var code: Int32
            // A signal interrupts it.
            repeat { code = posix_fallocate(file.number, former, length - former) } while code == EINTR
            if code != 0 && code != EOPNOTSUPP && code != EINVAL {
                try? file.truncate(to: former)
                throw SystemError(code: code)
            }
        }
        lseek(file.number, 0, SEEK_SET)
        try scratch.descriptor.copyAll(to: file)
        try file.truncate(to: length)
    }

    private var exists: Bool { unsafe access(path.fileName, F_OK) == 0 }

    /// True when it exists and may be written to; false when there is no such file.
    private func canBeOpened() throws(SystemError) -> Bool {
        do {
            try Descriptor(opening: path, flags: O_WRONLY | O_NOFOLLOW).close()
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }

    /// The name may be one that the file system does not take. That is known now rather than at the end.
    private func checkName() throws(SystemError) {
        var status = stat()
        if unsafe lstat(path.fileName, &status) != 0 && errno != ENOENT { throw SystemError() }
    }
}
