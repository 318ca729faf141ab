import CTasklets

/// Signals of the system.
extension SystemPorts {
    package func listen(to signals: [SystemSignal]) throws(SystemError) -> Handle {
        let numbers = signals.map(\.rawValue)
        var listener: Int32 = -1
        let descriptor = unsafe numbers.withUnsafeBufferPointer {
            unsafe signals_listen($0.baseAddress ?? UnsafePointer(bitPattern: 8)!, Int32($0.count), &listener)
        }
        let names = signals.map { "\($0)" }.joined(separator: ", ")
        _ = try SystemError.check(descriptor, "listen to \(names)")
        do {
            let handle = try adopt(descriptor, isStreamSocket: false)
            if let slot = unsafe slot(handle) { unsafe slot.pointee.atClose = .stopListening(listener) }
            return handle
        } catch {
            signals_stop(listener)
            throw error
        }
    }
}
