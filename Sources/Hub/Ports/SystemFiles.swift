import CTasklets
import Synchronization

/// The files of the system.
struct SystemFiles: FileSystem {
    func open(_ path: String, _ access: FileAccess, permissions: UInt32) throws(SystemError) -> any OpenFile {
        let descriptor = unsafe file_open(path, access.bits, permissions)
        return SystemFile(try SystemError.check(descriptor, "open \(path)"), path)
    }

    func look(at path: String) throws(SystemError) -> FoundFile {
        var isRegular = false
        let permissions = unsafe file_permissions(path, &isRegular)
        // Also at the end of a link.
        if permissions == -SystemError.Code.noSuchFile.rawValue { return .nothing }
        _ = try SystemError.check(permissions, "look at \(path)")
        guard isRegular else { return .other }
        var result: Int32 = 0
        let real = unsafe String(unsafeUninitializedCapacity: Int(file_longest_path)) { memory in
            let length = unsafe file_real_path(path, memory.baseAddress!)
            result = min(length, 0)
            return Int(max(length, 0))
        }
        _ = try SystemError.check(result, "follow \(path)")
        return .file(permissions: UInt32(permissions), path: real)
    }

    func rename(_ path: String, to newPath: String) throws(SystemError) {
        _ = try SystemError.check(unsafe file_rename(path, newPath), "rename \(path) to \(newPath)")
    }

    func remove(_ path: String) throws(SystemError) {
        _ = try SystemError.check(unsafe file_remove(path), "remove \(path)")
    }

    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        _ = try SystemError.check(unsafe directory_make(path, permissions), "make directory \(path)")
    }

    func removeDirectory(_ path: String) throws(SystemError) {
        _ = try SystemError.check(unsafe directory_remove(path), "remove directory \(path)")
    }

    func syncDirectory(_ path: String) throws(SystemError) {
        _ = try SystemError.check(unsafe directory_sync(path), "sync directory \(path)")
    }

    func list(_ path: String) throws(SystemError) -> [String] {
        var names: [String] = []
        let result = unsafe withUnsafeMutablePointer(to: &names) { names in
            unsafe directory_list(
                path,
                { argument, name in
                    unsafe argument.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                },
                names
            )
        }
        _ = try SystemError.check(result, "list directory \(path)")
        return names
    }
}

extension FileAccess {
    fileprivate var bits: Int32 {
        switch self {
        case .reading: Int32(file_reads)
        case .writing: Int32(file_writes | file_makes | file_empties)
        case .appending: Int32(file_writes | file_makes | file_appends)
        case .creating: Int32(file_reads | file_writes | file_is_new)
        case .updating: Int32(file_reads | file_writes | file_makes)
        }
    }
}

/// A descriptor of a file.
private final class SystemFile: OpenFile {
    private let descriptor: Int32
    private let path: String
    /// Whether writing at once has succeeded or not been tried: many file systems never do it.
    private let writesAtOnce = Atomic(true)

    init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { descriptor_close(descriptor) }

    func readAtOnce(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int? {
        let count = unsafe file_read_at_once(descriptor, buffer.baseAddress, buffer.count, position)
        return count < 0 ? nil : Int(count)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(SystemError) -> Int {
        try check(unsafe file_read(descriptor, buffer.baseAddress, buffer.count, position), "read")
    }

    func writeAtOnce(_ bytes: UnsafeRawBufferPointer, at position: Int64) -> Int? {
        guard writesAtOnce.load(ordering: .relaxed) else { return nil }
        let count = unsafe file_write_at_once(descriptor, bytes.baseAddress, bytes.count, position)
        if count >= 0 { return Int(count) }
        writesAtOnce.store(false, ordering: .relaxed)
        return nil
    }

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(SystemError) -> Int {
        try check(unsafe file_write(descriptor, bytes.baseAddress, bytes.count, position), "write")
    }

    func size() throws(SystemError) -> Int64 { Int64(try check(file_size(descriptor), "size of")) }

    func truncate(to size: Int64) throws(SystemError) {
        _ = try check(Int64(file_truncate(descriptor, size)), "truncate")
    }

    func sync() throws(SystemError) { _ = try check(Int64(file_sync(descriptor)), "sync") }

    func setPermissions(_ permissions: UInt32) throws(SystemError) {
        _ = try check(Int64(file_set_permissions(descriptor, permissions)), "set permissions of")
    }

    private func check(_ result: Int64, _ operation: StaticString) throws(SystemError) -> Int {
        if result >= 0 { return Int(result) }
        throw SystemError(number: Int32(truncatingIfNeeded: -result), "\(operation) \(path)")
    }
}

extension SystemPorts {
    package var files: any FileSystem { SystemFiles() }
}
