#if TLS
import Hub
import Sync

extension TLSStream {
    /// - Throws: also ``TLSError``; ``TLSError/truncated`` when the other side has not said that it has finished.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func readDirectly(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if unsafe buffer.isEmpty { return 0 }
        if !isSecured { try handshake() }
        if !needsInput { try giveWayIfDue() }
        while true {
            try checkUsable("read")
            // Whoever asks and asks and does not read the answers is not read from any more.
            if engine.outgoingCount > Self.mostOutgoing { try sendAnswers() }
            if !needsInput {
                switch unsafe try take(into: buffer) {
                case .bytes(let count): return count
                case .ended: return 0
                case .needsInput: break
                }
            }
            if try !fill() { throw TLSError.truncated }
        }
    }

    /// Waits until what is to go has gone. After a write that was ended nothing can go, and it is dropped: reading goes on.
    private func sendAnswers() throws {
        do { try flush() } catch let error as TLSError where error == writeFailure {
            engine.dropOutgoing(engine.outgoingCount)
        }
    }

    private func take(into buffer: UnsafeMutableRawBufferPointer) throws -> TLSEngine.Reading {
        let reading: TLSEngine.Reading
        do {
            reading = unsafe try engine.read(into: buffer)
        } catch {
            // The other side is told why, if that needs no wait.
            sendAtOnce()
            throw fail(error)
        }
        switch reading {
        case .bytes(let count): needsInput = count < buffer.count && !engine.hasIncoming
        case .needsInput: needsInput = true
        case .ended: break
        }
        // OpenSSL answers some of what it reads. A reader does not wait for that: the other side may read only when it has been
        // read from, and what was read now would be lost. What does not go out at once goes with the next write, or with one that
        // is under way.
        sendAtOnce()
        return reading
    }

    /// Waits until something has come from the stream below. Returns whether that was more than the end.
    func fill() throws -> Bool {
        // Many connections wait here for long.
        engine.releaseMemory()
        let count: Int
        if let lending, below.readAhead.count == 0 {
            count = unsafe try lending.readLent(upTo: Self.mostInput) { unsafe engine.receive($0) }
        } else {
            let bytes = try below.read(upTo: Self.mostInput)
            count = bytes.count
            unsafe bytes.withUnsafeBytes { unsafe engine.receive($0) }
        }
        if count == 0 { return false }
        needsInput = false
        return true
    }

    func fail(_ error: TLSError) -> TLSError {
        failure = error
        return error
    }

    func checkUsable(_ operation: String) throws {
        if isClosed { throw SystemError(.closed, "\(operation) at \(self)") }
        if let failure { throw failure }
    }
}
#endif
