/// What a ``Server`` takes its connections from: a ``TCPListener``, a ``UnixListener``, what TLS makes of one.
public protocol ConnectionListener: AnyObject {
    associatedtype Connection: ByteStream

    /// Waits for a connection.
    ///
    /// - Throws: `SystemError` with the code `.closed` after ``close()``.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    func accept() throws -> Connection

    /// Accepts no more; a tasklet that waits in ``accept()`` gets an error.
    func close()
}

extension TCPListener: ConnectionListener {}

extension UnixListener: ConnectionListener {}
