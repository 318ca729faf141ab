package import Tasklets

/// Who waits at which descriptor: one reader and one writer at each.
extension SystemPorts {
    package func checkMayWait(for direction: Direction, at handle: Handle) throws {
        guard unsafe slot(handle) != nil else { throw SystemError(.closed, direction.name) }
        // Another thread may just end the wait.
        guard let other = changing({ unsafe slot(handle)?.pointee[direction].map { Tasklet.of($0.tasklet) } }) else {
            return
        }
        throw HubError.busy(
            operation: operation(direction, at: handle),
            waiting: "\(other)",
            refused: "\(Tasklet.current)",
            place: name(of: handle)
        )
    }

    package func isAwaited(_ direction: Direction, at handle: Handle) -> Bool {
        unsafe slot(handle)?.pointee[direction] != nil
    }

    package func add(_ entry: WaitEntry) -> Bool {
        let interest = interest(of: entry)
        guard let slot = unsafe slot(interest.handle) else { return false }
        guard unsafe interest.direction == .read ? slot.pointee.isReadable : slot.pointee.isWritable else {
            unsafe slot.pointee[interest.direction] = entry
            return true
        }
        if unsafe slot.pointee.isOwn { return false }
        // An event is for one wait: see `heed`.
        switch interest.direction {
        case .read: unsafe slot.pointee.isReadable = false
        case .write: unsafe slot.pointee.isWritable = false
        }
        return false
    }

    package func withdraw(_ entry: WaitEntry) -> Withdrawal {
        let interest = interest(of: entry)
        guard let slot = unsafe slot(interest.handle), unsafe slot.pointee[interest.direction] == entry else {
            return .tooLate
        }
        unsafe slot.pointee[interest.direction] = nil
        return .done
    }

    package func describe(_ entry: WaitEntry) -> String {
        let interest = interest(of: entry)
        return "\(operation(interest.direction, at: interest.handle)) at \(name(of: interest.handle))"
    }

    /// What a wait there is for, as reports and errors name it.
    private func operation(_ direction: Direction, at handle: Handle) -> String {
        guard direction == .read, let slot = unsafe slot(handle) else { return direction.name }
        if unsafe slot.pointee.isListening { return "accept" }
        switch unsafe slot.pointee.atClose {
        case .stopListening: return "receive a signal"
        case .endKeys: return "read keys"
        case nil: return direction.name
        }
    }

    private func interest(of entry: WaitEntry) -> Interest {
        unsafe entry.fields.argument!.assumingMemoryBound(to: Interest.self).pointee
    }

    /// As reports name it: asked of the system, so that an open descriptor keeps no text.
    func name(of handle: Handle) -> String {
        guard let slot = unsafe slot(handle) else { return "a closed descriptor" }
        let descriptor = "descriptor \(unsafe slot.pointee.descriptor)"
        guard let own = try? address(of: handle, isOtherSide: false) else { return descriptor }
        guard let other = try? address(of: handle, isOtherSide: true) else { return "\(own) (\(descriptor))" }
        return "\(own) → \(other) (\(descriptor))"
    }
}

extension SystemPorts.Slot {
    subscript(direction: Direction) -> WaitEntry? {
        get { direction == .read ? reader : writer }
        set { if direction == .read { reader = newValue } else { writer = newValue } }
    }
}

extension Direction {
    var name: String { self == .read ? "read" : "write" }
}

/// Descriptors that others have opened: known only while somebody waits, since they may be closed behind our back, and their
/// number used again.
extension SystemPorts {
    /// - Returns: what to wait at; `nil` for what is always ready.
    func beginVisit(_ descriptor: Int32, _ direction: Direction) throws -> Handle? {
        if let handle = guests[descriptor], let slot = unsafe slot(handle) {
            try checkMayWait(for: direction, at: handle)
            try askAgain(handle)
            unsafe slot.pointee.guests += 1
            return handle
        }
        let handle: Handle
        do {
            handle = try adopt(descriptor, isStreamSocket: false, isOwn: false)
        } catch let error where error.code == SystemError.Code(rawValue: 1) {
            return nil
        }
        if let slot = unsafe slot(handle) { unsafe slot.pointee.guests = 1 }
        guests[descriptor] = handle
        return handle
    }

    func endVisit(_ handle: Handle) {
        guard let slot = unsafe slot(handle) else { return }
        unsafe slot.pointee.guests -= 1
        if unsafe slot.pointee.guests == 0 { close(handle) }
    }
}
