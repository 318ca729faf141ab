/// All that the hub's files can do to a disk. Every function may wait for it and is called by another thread, in a job of
/// `.files`; but those that say "at once". So all of it may be used by several threads.
///
/// Errors name the path.
package protocol FileSystem: Sendable {
    func open(_ path: String, _ access: FileAccess, permissions: UInt32) throws(SystemError) -> any OpenFile
    func look(at path: String) throws(SystemError) -> FoundFile
    func rename(_ path: String, to newPath: String) throws(SystemError)
    func remove(_ path: String) throws(SystemError)
    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError)
    func removeDirectory(_ path: String) throws(SystemError)
    /// Makes what was made, renamed and removed in there survive a crash of the machine.
    func syncDirectory(_ path: String) throws(SystemError)
    func list(_ path: String) throws(SystemError) -> [String]
}

/// A file that is open, until nobody refers to it any more: so no job meets a descriptor that is another file's by now.
package protocol OpenFile: AnyObject, Sendable {
    /// At once: `nil` when it would have to wait. 0 at the end.
    func readAtOnce(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int?
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(SystemError) -> Int
    /// At once: `nil` when it would have to wait. A file for appending ignores the position.
    func writeAtOnce(_ bytes: UnsafeRawBufferPointer, at position: Int64) -> Int?
    func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(SystemError) -> Int
    /// At once.
    func size() throws(SystemError) -> Int64
    func truncate(to size: Int64) throws(SystemError)
    func sync() throws(SystemError)
    func setPermissions(_ permissions: UInt32) throws(SystemError)
}

/// What a path leads to.
package enum FoundFile {
    case nothing
    /// A regular file, with its permissions; and its path without symbolic links.
    case file(permissions: UInt32, path: String)
    /// A directory, a device, a named pipe, a socket.
    case other
}
