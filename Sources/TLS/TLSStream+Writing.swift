#if TLS
public import Hub
import Sync
import Tasklets

extension TLSStream: ImmediateWriter {
    /// - Throws: also ``TLSError``. After an error nothing more can be written.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func writeDirectly(_ pieces: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>) throws {
        if !isSecured { try handshake() }
        try giveWayIfDue()
        try checkWritable()
        for index in pieces.indices {
            var rest = unsafe pieces[index][...]
            while unsafe !rest.isEmpty {
                let part = unsafe rest.prefix(Self.mostOutgoing)
                unsafe rest = rest.dropFirst(part.count)
                unsafe try encrypt(UnsafeRawBufferPointer(rebasing: part))
                if engine.outgoingCount >= Self.mostOutgoing { try sendPart() }
            }
        }
        try send()
    }

    /// Sends what is to go of a large message.
    private func sendPart() throws {
        try send()
        // Others that write meanwhile would be in the middle of it.
        writer = .current
        defer { writer = nil }
        do { try giveWayIfDue() } catch { throw interrupt(error) }
        // Others may have closed it, or have read why it cannot go on.
        try checkUsable("write")
    }

    package func giveWayIfDue() throws { try immediate?.giveWayIfDue() }

    /// Tells the other side that nothing more will be written (`close_notify`). The stream below stays open in both directions, and
    /// reading goes on.
    ///
    /// - Throws: as a write.
    @available(*, noasync, message: "call it in Scheduler.scope {…}, SchedulerExecutor.run or synchronous code")
    public func finishWriting() throws {
        if let writeFailure { throw writeFailure }
        if isFinished { return }
        if !isSecured { try handshake() }
        try checkWritable()
        isFinished = true
        do { try engine.finish() } catch { throw fail(error) }
        try send()
    }

    package func writeAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        guard isSecured, !engine.hasOutgoing, !isSending else { return 0 }
        try checkWritable()
        unsafe try encrypt(bytes)
        // What does not go now goes with the next write.
        sendAtOnce()
        return bytes.count
    }

    private func encrypt(_ bytes: UnsafeRawBufferPointer) throws {
        do { unsafe try engine.write(bytes) } catch { throw fail(error) }
    }

    private func checkWritable() throws {
        try checkUsable("write")
        if let writeFailure { throw writeFailure }
        if let writer {
            throw HubError.busy(
                operation: "write",
                waiting: "\(writer)",
                refused: "\(Tasklet.current)",
                place: description
            )
        }
        if isFinished { throw SystemError(.brokenPipe, "write after the end at \(self)") }
    }

    /// Sends what is to go; waits where there is no room.
    private func send() throws {
        if sendAtOnce() { return }
        // Others that write meanwhile would be in the middle of it.
        writer = .current
        defer { writer = nil }
        do { try flush() } catch { throw interrupt(error) }
    }

    /// Waits until everything that is to go has gone, in order. Who only waits for another one to send spoils nothing.
    ///
    /// - Throws: also `writeFailure`: whoever was sending may have had the caller's bytes, too.
    func flush() throws {
        if let writeFailure { throw writeFailure }
        if sendAtOnce() { return }
        try sending.withLock {
            isSending = true
            defer { isSending = false }
            while true {
                if let writeFailure { throw writeFailure }
                let count = engine.outgoingCount
                if count == 0 { return }
                do { try below.write(engine.takeOutgoing(count)) } catch { throw interrupt(error) }
            }
        }
    }

    /// Nobody knows what has gone.
    private func interrupt(_ error: any Error) -> any Error {
        if writeFailure == nil { writeFailure = .writeInterrupted(by: "\(error)") }
        return error
    }

    /// Sends what goes out without a wait, if nobody is sending. The rest stays, and so does what fails: whoever writes next hears
    /// of that.
    ///
    /// - Returns: whether nothing is left.
    @discardableResult
    func sendAtOnce() -> Bool {
        // Nothing may follow half of a record.
        if isSending || writeFailure != nil { return false }
        let count = engine.outgoingCount
        if count == 0 { return true }
        guard let immediate, let sent = unsafe try? engine.withOutgoing({ unsafe try immediate.writeAtOnce($0) }) else {
            return false
        }
        engine.dropOutgoing(sent)
        return sent == count
    }
}
#endif
