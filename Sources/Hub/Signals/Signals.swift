import Tasklets

extension Hub {
    /// Listens to signals of the system, which come as through a channel.
    ///
    /// ```swift
    /// let signals = try Hub.signals(.interrupt, .terminate)
    /// Tasklet {
    ///     let signal = try signals.receive()
    ///     print("\(signal): the end")
    ///     server.stop()
    /// }
    /// ```
    ///
    /// As long as somebody listens a signal does nothing else: Ctrl-C does not end the program. Signals are the process's: each
    /// listener gets each of them, on whatever thread it is. When the last listener of a signal is closed it does again what it
    /// did before. A signal has one handler: one that the program sets later, by itself or by `Scheduler.dumpOnSignal`, takes the
    /// signal away from the listeners.
    ///
    /// - Throws: `SystemError`, `.invalidArgument` for a signal that cannot be caught, as `.kill`, and for those that say that the
    ///   program itself is wrong, as SIGSEGV.
    public static func signals(_ signals: SystemSignal...) throws -> Signals {
        let hub = try HubCore.current()
        return Signals(Socket(hub, try hub.ports.listen(to: signals)))
    }
}

/// Signals that have come, in order: what ``Hub/signals(_:)`` gives.
///
/// What comes while nobody receives is kept. The system keeps one of a kind only that is on its way, so of two in a row one may
/// be missing.
///
/// Who waits for a signal keeps nobody: `run()` returns meanwhile, and the end of the scheduler ends the wait.
///
/// It belongs to the scheduler that made it, and is closed with its last reference, and with its scheduler. One tasklet receives
/// at a time: others have listeners of their own.
public final class Signals {
    package let socket: Socket

    init(_ socket: Socket) {
        self.socket = socket
    }

    /// Waits for a signal.
    ///
    /// - Throws: `HubError.busy` when another tasklet receives here; `SystemError`, `.closed` after ``close()``; what ends the
    ///   wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func receive() throws -> SystemSignal {
        var number: UInt8 = 0
        _ = try unsafe withUnsafeMutableBytes(of: &number) { byte in
            try socket.hub.perform(.read, at: socket.handle, isDaemon: true) {
                unsafe try $0.read(socket.handle, into: byte)
            }
        }
        return SystemSignal(rawValue: Int32(number))
    }

    /// A clause of a `select` that receives a signal.
    ///
    /// ```swift
    /// try select {
    ///     listener.onAccept { caller in serve(caller) }
    ///     signals.onReceive { signal in isRunning = false }
    /// }
    /// ```
    public func onReceive<Result>(_ body: @escaping (SystemSignal) throws -> Result) -> ReadyClause<Result> {
        ReadyClause(socket, .read, isDaemon: true) { [self] in try body(receive()) }
    }

    /// Listens no more. A tasklet that waits here gets an error. Has no effect the second time.
    public func close() { socket.close() }
}
