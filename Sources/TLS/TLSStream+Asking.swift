#if TLS
import Hub
import Tasklets

extension TLSStream: AskableReader {
    /// What has come below may be no byte of the other side's: after the handshake a server sends tickets for its session.
    package func hasCome() throws -> Bool {
        if readAhead.count > 0 { return true }
        try checkUsable("read")
        guard isSecured else { return try (below as? any AskableReader)?.hasCome() ?? false }
        while true {
            if !needsInput, try !lacksInput() { return true }
            if let askable = below as? any AskableReader {
                guard try askable.hasCome() else { return false }
                if try !fill() { return true }
            } else {
                // There is no wait: what is not there yet throws at once.
                let isMore = try withTimeout(.zero, orElse: Bool?.none) { try fill() }
                guard let isMore else { return false }
                if !isMore { return true }
            }
        }
    }

    /// Whether a read would need more from below.
    private func lacksInput() throws -> Bool {
        let reading: TLSEngine.Reading
        do { reading = try engine.peek() } catch {
            // The other side is told why, if that needs no wait.
            sendAtOnce()
            throw fail(error)
        }
        guard case .needsInput = reading else { return false }
        needsInput = true
        sendAtOnce()
        return true
    }
}
#endif
