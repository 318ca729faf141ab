/// Whole files, and what is done to them by name. Each waits for native threads while the others run.
extension File {
    /// Reads a whole file.
    ///
    /// ```swift
    /// try File.write(Array("hello".utf8), to: "greeting")
    /// print(String(decoding: try File.read("greeting"), as: UTF8.self))  // hello
    /// ```
    ///
    /// - Parameters:
    ///   - path: which file.
    ///   - limit: how many bytes it may have.
    /// - Throws: `SystemError` with the path; `HubError.tooLong`; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func read(_ path: String, limit: Int = .max) throws -> [UInt8] {
        try DiskJob.perform("read", path) { files in
            let file = try files.open(path, .reading, permissions: 0)
            // Some files say that they are empty, and are not: those of the system's state.
            var capacity = Int(try file.size()) + 1
            var bytes: [UInt8] = []
            while true {
                let start = bytes.count
                let piece = unsafe try [UInt8](unsafeUninitializedCapacity: min(max(capacity, 4096), 1 << 24)) {
                    memory,
                    count in
                    count = unsafe try file.read(into: UnsafeMutableRawBufferPointer(memory), at: Int64(start))
                }
                if piece.isEmpty { return bytes }
                // Nothing is copied when all of it comes in one piece.
                if start == 0 { bytes = piece } else { bytes += piece }
                if bytes.count > limit { throw HubError.tooLong(limit: limit) }
                capacity = bytes.count
            }
        }
    }

    /// Writes a whole file, so that whoever reads it, also after a crash of the machine, finds what was there before or all of the
    /// bytes: they are written beside it, brought to the disk, and the new file takes the name in one step.
    ///
    /// A file that is there is replaced by another one with the same permissions; where a symbolic link leads to it, the link
    /// stays. What is no file, as a device or a named pipe, is written to as it is, and stays too.
    ///
    /// - Parameters:
    ///   - bytes: what is to be in it.
    ///   - path: which file.
    ///   - permissions: of a file that is not there yet, less what the process does not give away (`umask`).
    /// - Throws: `SystemError` with the path; what ended the wait, and then the bytes are there or not.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func write(_ bytes: [UInt8], to path: String, permissions: UInt32 = 0o666) throws {
        try DiskJob.perform("write", path) { files in
            switch try files.look(at: path) {
            case .nothing: try replace(path, by: bytes, nil, permissions, files)
            case .file(let former, let path): try replace(path, by: bytes, former, permissions, files)
            // A directory refuses that.
            case .other: try write(bytes, at: 0, to: files.open(path, .updating, permissions: 0))
            }
        }
    }

    private static func replace(
        _ path: String,
        by bytes: [UInt8],
        _ former: UInt32?,
        _ permissions: UInt32,
        _ files: any FileSystem
    ) throws {
        // From the beginning no more than the former ones: what is secret is so at once.
        let (file, freshPath) = try openBeside(path, former ?? permissions, files)
        do {
            // Also what `umask` has taken away.
            if let former { try file.setPermissions(former) }
            try write(bytes, at: 0, to: file)
            try file.sync()
            try files.rename(freshPath, to: path)
        } catch {
            try? files.remove(freshPath)
            throw error
        }
        try files.syncDirectory(folder(of: path))
    }

    /// A new file in the same directory, since a name can be taken in one step only there. Its own name is short: that of the file
    /// may be as long as the system allows.
    private static func openBeside(
        _ path: String,
        _ permissions: UInt32,
        _ files: any FileSystem
    ) throws(SystemError) -> (any OpenFile, String) {
        let folder = folder(of: path)
        var number = 1
        while true {
            let freshPath = "\(folder)/.new-\(number)"
            do {
                return (try files.open(freshPath, .creating, permissions: permissions), freshPath)
            } catch let error where error.code == .exists {
                // Another one writes there, or was stopped by a crash.
                number += 1
            } catch {
                throw SystemError(error.code, "open \(freshPath) to write \(path)")
            }
        }
    }

    /// Bytes, since a character may be a slash and what is put on it.
    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Removes a file.
    ///
    /// - Throws: `SystemError` with the path: `.noSuchFile`, `.accessDenied`; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func remove(_ path: String) throws {
        try DiskJob.perform("remove", path) { try $0.remove(path) }
    }

    /// Gives a file or a directory another name, in the same file system. A file that has that name is replaced, in one step.
    ///
    /// - Throws: `SystemError` with both paths; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func rename(_ path: String, to newPath: String) throws {
        // As for the first one, which is looked at there.
        if newPath.utf8.contains(0) { throw SystemError(.invalidArgument, "rename \(path) to \(newPath)") }
        try DiskJob.perform("rename", path) { try $0.rename(path, to: newPath) }
    }
}

/// Directories. Each function waits for native threads while the others run.
///
/// ```swift
/// try Directory.make("things")
/// try File.write([1, 2, 3], to: "things/numbers")
/// print(try Directory.list("things"))  // ["numbers"]
/// ```
public enum Directory {
    /// The names in there, sorted.
    ///
    /// - Throws: `SystemError` with the path; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func list(_ path: String) throws -> [String] {
        try DiskJob.perform("list directory", path) { try $0.list(path) }.sorted()
    }

    /// Makes an empty one.
    ///
    /// - Parameters:
    ///   - path: where it is to be.
    ///   - permissions: what its owner, group and others may do, less what the process does not give away (`umask`).
    /// - Throws: `SystemError` with the path, `.exists` when the name is taken; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func make(_ path: String, permissions: UInt32 = 0o777) throws {
        try DiskJob.perform("make directory", path) { try $0.makeDirectory(path, permissions: permissions) }
    }

    /// Removes an empty one.
    ///
    /// - Throws: `SystemError` with the path; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public static func remove(_ path: String) throws {
        try DiskJob.perform("remove directory", path) { try $0.removeDirectory(path) }
    }
}
