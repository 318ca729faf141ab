import Tasklets

extension Hub {
    /// A pipe: what goes in at one end comes out at the other. For what has to have descriptors; tasklets of one program are
    /// better off with a channel.
    ///
    /// ```swift
    /// let (reader, writer) = try Hub.pipe()
    /// try writer.write("hello\n")
    /// print(try reader.readLine() ?? "nothing")  // hello
    /// ```
    ///
    /// The system keeps some 64 KB; who writes more waits until it is read. Children do not inherit the ends.
    ///
    /// - Throws: `SystemError`, `.tooManyOpenFiles`.
    public static func pipe() throws -> (reader: PipeReader, writer: PipeWriter) {
        let hub = try HubCore.current()
        let (reading, writing) = try hub.ports.openPipe()
        return (PipeReader(Socket(hub, reading)), PipeWriter(Socket(hub, writing)))
    }
}
