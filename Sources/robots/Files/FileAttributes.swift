import CExtendedAttributes
import Glibc

/// What a file has beside its contents: who owns it, and who may do what with it.
struct FileAttributes {
    private let status: stat
    /// Access control lists, labels, and what users have noted, by name.
    private let extended: [String: [UInt8]]

    init(of descriptor: Descriptor) throws(SystemError) {
        status = try descriptor.status
        extended = try FileAttributes.extended(of: descriptor)
    }

    /// Makes another file, which this process owns, the same in all of that.
    func give(to other: Descriptor) throws(SystemError) {
        let former = try other.status
        if (former.st_uid, former.st_gid) != (status.st_uid, status.st_gid),
            fchown(other.number, status.st_uid, status.st_gid) != 0
        {
            throw SystemError()
        }
        // A file that is written anew loses the bits by which it would run as another user.
        if fchmod(other.number, status.st_mode & 0o1777) != 0 { throw SystemError() }
        let others = try FileAttributes.extended(of: other)
        // The folder may have given it a list of its own.
        for name in others.keys where extended[name] == nil {
            if unsafe fremovexattr(other.number, name) != 0 { throw SystemError() }
        }
        for (name, value) in extended where others[name] != value {
            if unsafe fsetxattr(other.number, name, value, value.count, 0) != 0 { throw SystemError() }
        }
    }

    private static func extended(of descriptor: Descriptor) throws(SystemError) -> [String: [UInt8]] {
        var names = [CChar](repeating: 0, count: 1 << 16)
        let length = unsafe flistxattr(descriptor.number, &names, names.count)
        // Not every file system has them.
        if length < 0 && errno == EOPNOTSUPP { return [:] }
        if length < 0 { throw SystemError() }
        var attributes: [String: [UInt8]] = [:]
        for bytes in names[..<length].split(separator: 0) {
            let name = String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            var value = [UInt8](repeating: 0, count: 1 << 16)
            let count = unsafe fgetxattr(descriptor.number, name, &value, value.count)
            if count < 0 { throw SystemError() }
            attributes[name] = Array(value[..<count])
        }
        return attributes
    }
}
