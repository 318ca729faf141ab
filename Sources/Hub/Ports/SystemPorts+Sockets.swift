import CTasklets

/// Sockets of the system.
extension SystemPorts {
    package func openSocket(_ family: SocketAddress.Family, isStream: Bool) throws(SystemError) -> Handle {
        let descriptor = try SystemError.check(socket_open(family.number, isStream), "open a socket")
        return try adopt(descriptor, isStreamSocket: isStream)
    }

    package func openPair(isStream: Bool) throws(SystemError) -> (Handle, Handle) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe socket_pair(isStream, $0.assumingMemoryBound(to: Int32.self).baseAddress!)
        }
        _ = try SystemError.check(result, "open a pair of sockets")
        return try adoptBoth(ends, isStreamSocket: isStream)
    }

    /// A copy of one that others have opened.
    func openSocket(_ descriptor: Int32, isUnix: Bool, isListening: Bool) throws(SystemError) -> Handle {
        let copy = socket_of_others(descriptor, isUnix, isListening)
        let handle = try adopt(
            SystemError.check(copy, "use descriptor \(descriptor) as a \(isListening ? "listener" : "connection")"),
            isStreamSocket: true
        )
        if isListening, let slot = unsafe slot(handle) { unsafe slot.pointee.isListening = true }
        return handle
    }

    func descriptor(of handle: Handle) throws(SystemError) -> Int32 {
        unsafe try open(handle, "descriptor of a socket").pointee.descriptor
    }

    package func bind(_ handle: Handle, to address: SocketAddress) throws(SystemError) {
        let slot = try unsafe open(handle, "bind to \(address)")
        var system = address.system
        do {
            _ = try SystemError.check(unsafe socket_bind(slot.pointee.descriptor, &system), "bind to \(address)")
        } catch  where error.code == .addressInUse && address.port != 0 {
            throw SystemError(error.code, error.operation, remedy: "with port 0 the system takes a free one")
        }
    }

    package func listen(_ handle: Handle, backlog: Int) throws(SystemError) {
        let slot = try unsafe open(handle, "listen")
        let limited = Int32(clamping: max(backlog, 0))
        _ = try SystemError.check(unsafe socket_listen(slot.pointee.descriptor, limited), "listen")
        unsafe slot.pointee.isListening = true
    }

    package func accept(_ handle: Handle) throws(SystemError) -> (Handle, SocketAddress?)? {
        let slot = try unsafe open(handle, "accept")
        guard unsafe slot.pointee.isReadable else { return nil }
        var address = socket_address()
        let descriptor = unsafe socket_accept(slot.pointee.descriptor, &address)
        if descriptor == SystemError.wouldBlock {
            unsafe slot.pointee.isReadable = false
            return nil
        }
        _ = try SystemError.check(descriptor, "accept at \(name(of: handle))")
        return (try adopt(descriptor, isStreamSocket: true), SocketAddress(address))
    }

    package func connect(_ handle: Handle, to address: SocketAddress) throws(SystemError) -> Bool {
        let slot = try unsafe open(handle, "connect to \(address)")
        var system = address.system
        // What is not connected is ready to be written to: the event that counts comes later.
        unsafe slot.pointee.isWritable = false
        let result = unsafe socket_connect(slot.pointee.descriptor, &system)
        if result == SystemError.inProgress { return false }
        _ = try SystemError.check(result, "connect to \(address)")
        unsafe slot.pointee.isWritable = true
        unsafe slot.pointee.isReadable = true
        return true
    }

    package func takeError(of handle: Handle, _ operation: @autoclosure () -> String) throws(SystemError) {
        let slot = try unsafe open(handle, operation())
        let error = unsafe socket_error(slot.pointee.descriptor)
        if error < 0 { throw SystemError(number: -error, operation()) }
    }

    package func address(of handle: Handle, isOtherSide: Bool) throws(SystemError) -> SocketAddress? {
        let slot = try unsafe open(handle, "address")
        var address = socket_address()
        let result = unsafe socket_name(slot.pointee.descriptor, isOtherSide, &address)
        _ = try SystemError.check(result, "address of descriptor \(unsafe slot.pointee.descriptor)")
        return SocketAddress(address)
    }

    package func shutdown(_ handle: Handle, reads: Bool, writes: Bool) throws(SystemError) {
        let slot = try unsafe open(handle, "finish writing")
        _ = try SystemError.check(unsafe socket_shutdown(slot.pointee.descriptor, reads, writes), "finish writing")
    }

    package func setOption(_ option: SocketOption, of handle: Handle, to value: Int) throws(SystemError) {
        let slot = try unsafe open(handle, "set \(option)")
        let result = unsafe socket_set_option(slot.pointee.descriptor, option.number, Int32(clamping: value))
        _ = try SystemError.check(result, "set \(option) to \(value)")
    }

    package func option(_ option: SocketOption, of handle: Handle) throws(SystemError) -> Int {
        let slot = try unsafe open(handle, "get \(option)")
        return Int(try SystemError.check(unsafe socket_option(slot.pointee.descriptor, option.number), "get \(option)"))
    }

    package func removeSocketFile(_ path: String) { unsafe socket_remove_file(path) }

    package func resetAtClose(_ handle: Handle) throws(SystemError) {
        let slot = try unsafe open(handle, "reset")
        _ = try SystemError.check(unsafe socket_reset_at_close(slot.pointee.descriptor), "reset")
    }
}

extension SocketOption {
    fileprivate var number: Int32 {
        switch self {
        case .noDelay: Int32(socket_option_no_delay)
        case .keepAlive: Int32(socket_option_keep_alive)
        case .reuseAddress: Int32(socket_option_reuse_address)
        case .reusePort: Int32(socket_option_reuse_port)
        case .sendBuffer: Int32(socket_option_send_buffer)
        case .receiveBuffer: Int32(socket_option_receive_buffer)
        case .broadcast: Int32(socket_option_broadcast)
        case .onlyVersion6: Int32(socket_option_only_6)
        }
    }
}
