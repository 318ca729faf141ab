import CTasklets

/// Pipes of the system, and what the program has open already.
extension SystemPorts {
    package func openPipe() throws(SystemError) -> (reading: Handle, writing: Handle) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe descriptor_pipe($0.assumingMemoryBound(to: Int32.self).baseAddress!)
        }
        _ = try SystemError.check(result, "open a pipe")
        return try adoptBoth(ends, isStreamSocket: false)
    }

    package func borrow(_ descriptor: Int32, for direction: Direction) throws(SystemError) -> Handle {
        var mayBlock = false
        let copy = unsafe pipe_borrow(descriptor, direction == .write, &mayBlock)
        _ = try SystemError.check(copy, "\(direction.name) at descriptor \(descriptor)")
        let handle = try adopt(copy, isStreamSocket: false, mayBeFile: true)
        if let slot = unsafe slot(handle) { unsafe slot.pointee.mayBlock = mayBlock }
        return handle
    }

    package func isReady(for direction: Direction, at handle: Handle) throws(SystemError) -> Bool {
        let slot = try unsafe open(handle, direction.name)
        // Asked of the system: of what has happened since the last look outside there is no event yet.
        let result = unsafe descriptor_is_ready(slot.pointee.descriptor, direction == .write)
        let isReady = try SystemError.check(result, "\(direction.name) at \(name(of: handle))") > 0
        switch direction {
        case .read: unsafe slot.pointee.isReadable = isReady
        case .write: unsafe slot.pointee.isWritable = isReady
        }
        return isReady
    }
}
