#if TLS
import Hub
import Sync
import Tasklets

extension TLSStream {
    /// Agrees with the other side on who it is and on keys. Waits until that is done; does nothing when it has been done.
    ///
    /// Reading and writing do that as well. Call it where the other side should be known before that, or where a time limit is
    /// for the handshake only, which costs half a millisecond of a processor and two or four messages.
    ///
    /// - Throws: ``TLSError``; what the stream below throws; what ended the wait.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func handshake() throws {
        if isSecured { return }
        try handshaking.withLock {
            while !isSecured {
                try checkUsable("handshake")
                if let writeFailure { throw writeFailure }
                let isOver = try advance()
                try flush()
                isSecured = isOver
                if !isOver, try !fill() { throw fail(.endedInHandshake) }
            }
        }
    }

    /// One step of the handshake. Returns whether it is over.
    private func advance() throws -> Bool {
        do {
            return try engine.handshake()
        } catch {
            failure = error
            // The other side is told why. That it cannot be changes nothing, but whoever ends the wait is heard.
            do { try flush() } catch let end {
                if end is TaskletExit || end is CancellationError || end is TimeoutError || end is DeadlockError {
                    throw end
                }
            }
            throw error
        }
    }
}
#endif
