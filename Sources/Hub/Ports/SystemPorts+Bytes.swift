import CTasklets

/// Bytes in and out of descriptors. `nil` and false are "would block": the caller waits, and tries again.
extension SystemPorts {
    package func read(_ handle: Handle, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        let slot = try unsafe open(handle, "read")
        guard unsafe slot.pointee.isReadable else { return nil }
        let descriptor = unsafe slot.pointee.descriptor
        let result =
            unsafe slot.pointee.mayBlock
            ? pipe_read_if_ready(descriptor, buffer.baseAddress, buffer.count)
            : descriptor_read(descriptor, buffer.baseAddress, buffer.count)
        guard let count = try transferred(result, "read at", handle, .read) else { return nil }
        // Less than there was room for: it is empty now, and the next bytes will be an event. Not when the other side has
        // finished, since that event has been.
        if count < buffer.count, unsafe slot.pointee.drainsByShortRead, unsafe !slot.pointee.isFinished {
            unsafe slot.pointee.isReadable = false
        }
        return count
    }

    package func write(
        _ handle: Handle,
        _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>
    ) throws(SystemError) -> Int? {
        let slot = try unsafe open(handle, "write")
        guard unsafe slot.pointee.isWritable else { return nil }
        let descriptor = unsafe slot.pointee.descriptor
        let (isSocket, mayBlock) = unsafe (slot.pointee.drainsByShortRead, slot.pointee.mayBlock)
        let result = unsafe withPieces(pieces) {
            if isSocket { return unsafe socket_send(descriptor, $0, $1) }
            return unsafe mayBlock ? pipe_write_if_ready(descriptor, $0) : descriptor_write(descriptor, $0, $1)
        }
        return try transferred(result, "write at", handle, .write)
    }

    package func receive(
        _ handle: Handle,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> (Int, SocketAddress?)? {
        let slot = try unsafe open(handle, "receive")
        guard unsafe slot.pointee.isReadable else { return nil }
        var address = socket_address()
        let result = unsafe socket_receive_from(slot.pointee.descriptor, buffer.baseAddress, buffer.count, &address)
        return try transferred(result, "receive at", handle, .read).map { ($0, SocketAddress(address)) }
    }

    package func send(
        _ handle: Handle,
        _ bytes: UnsafeRawBufferPointer,
        to address: SocketAddress?
    ) throws(SystemError) -> Bool {
        let slot = try unsafe open(handle, "send")
        guard unsafe slot.pointee.isWritable else { return false }
        let descriptor = unsafe slot.pointee.descriptor
        guard var system = address?.system else {
            let result = unsafe socket_send_to(descriptor, bytes.baseAddress, bytes.count, nil)
            return try transferred(result, "send at", handle, .write) != nil
        }
        let result = unsafe socket_send_to(descriptor, bytes.baseAddress, bytes.count, &system)
        return try transferred(result, "send to \(address!) at", handle, .write) != nil
    }

    package func send(
        _ handle: Handle,
        _ bytes: UnsafeRawBufferPointer,
        descriptors: [Int32]
    ) throws(SystemError) -> Int? {
        let slot = try unsafe open(handle, "send descriptors")
        guard unsafe slot.pointee.isWritable else { return nil }
        let descriptor = unsafe slot.pointee.descriptor
        let result = unsafe descriptors.withUnsafeBufferPointer {
            unsafe socket_send_descriptors(
                descriptor,
                bytes.baseAddress!,
                bytes.count,
                $0.baseAddress ?? UnsafePointer(bitPattern: 8)!,
                Int32(clamping: $0.count)
            )
        }
        return try transferred(result, "send descriptors at", handle, .write)
    }

    package func receiveDescriptors(
        _ handle: Handle,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> (Int, [Int32])? {
        let slot = try unsafe open(handle, "receive descriptors")
        guard unsafe slot.pointee.isReadable else { return nil }
        let descriptor = unsafe slot.pointee.descriptor
        var result: Int64 = 0
        let received = unsafe [Int32](unsafeUninitializedCapacity: Int(socket_most_descriptors)) { memory, count in
            var found: Int32 = 0
            result = unsafe socket_receive_descriptors(
                descriptor,
                buffer.baseAddress!,
                buffer.count,
                memory.baseAddress!,
                &found
            )
            count = Int(found)
        }
        return try transferred(result, "receive descriptors at", handle, .read).map { ($0, received) }
    }

    /// What a transfer gave; `nil` after taking away the bit of one that would block.
    private func transferred(
        _ result: Int64,
        _ operation: @autoclosure () -> String,
        _ handle: Handle,
        _ direction: Direction
    ) throws(SystemError) -> Int? {
        if result >= 0 { return Int(result) }
        guard result == Int64(SystemError.wouldBlock) else {
            throw SystemError(number: Int32(-result), "\(operation()) \(name(of: handle))")
        }
        guard let slot = unsafe slot(handle) else { return nil }
        switch direction {
        case .read: unsafe slot.pointee.isReadable = false
        case .write: unsafe slot.pointee.isWritable = false
        }
        return nil
    }

    /// The pieces as the system wants them; of many the first.
    private func withPieces(
        _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>,
        _ body: (UnsafePointer<descriptor_piece>, Int32) -> Int64
    ) -> Int64 {
        if pieces.count == 1 {
            var piece = unsafe descriptor_piece(start: pieces[0].baseAddress, length: pieces[0].count)
            return unsafe body(&piece, 1)
        }
        let count = min(pieces.count, 64)
        return unsafe withUnsafeTemporaryAllocation(of: descriptor_piece.self, capacity: count) { memory in
            for number in 0..<count {
                let piece = unsafe pieces[number]
                unsafe memory.initializeElement(
                    at: number,
                    to: descriptor_piece(start: piece.baseAddress, length: piece.count)
                )
            }
            return unsafe body(memory.baseAddress!, Int32(count))
        }
    }
}
