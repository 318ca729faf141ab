/// Operations on channels. They give the slot of the caller what the operation comes to, at once or later.
extension Model {
    /// Sends a value or an error.
    func send(_ offer: ModelTasklet.Slot, on name: String, _ purpose: ModelTasklet.Purpose) throws {
        try meetOrBlock(name, sends: true, offer, purpose)
    }

    func receive(_ name: String, _ purpose: ModelTasklet.Purpose) throws {
        try meetOrBlock(name, sends: false, nil, purpose)
    }

    func sendSequence(_ items: ArraySlice<String>, on name: String, sent: Int) throws {
        guard let item = items.first else {
            me.it = String(sent)
            return
        }
        try send(.value(item), on: name, .sequence(channel: name, rest: items.dropFirst(), sent: sent))
    }

    private func meetOrBlock(
        _ name: String,
        sends: Bool,
        _ offer: ModelTasklet.Slot?,
        _ purpose: ModelTasklet.Purpose
    ) throws {
        let caller = me
        let channel = try channel(name)
        let partner = channel.lineSends != sends ? channel.line.first : nil
        if logsChannels {
            log.append(
                "channel \(name) \(sends ? "send" : "receive") by \(caller.name)"
                    + (partner == nil ? ", will block" : "")
            )
        }
        caller.purpose = purpose
        guard let partner else { return block(name, sends: sends, offer) }
        let partnerGoes = channel.preference == (sends ? -1 : 1) && !channel.schedulesAll
        if trapLevel > 0, partnerGoes || channel.schedulesAll {
            caller.slot = .error("RuntimeError.switchTrap")
            return
        }
        channels[name]?.line.removeFirst()
        if sends {
            partner.slot = offer
            caller.slot = .value("none")
        } else {
            caller.slot = partner.offer
            partner.offer = nil
            partner.slot = .value("none")
        }
        if partnerGoes {
            giveWay()
            partner.place = .queued
            queue.insert(partner, at: 0)
        } else {
            append(partner)
            if channel.schedulesAll { giveWay() }
        }
    }

    private func block(_ name: String, sends: Bool, _ offer: ModelTasklet.Slot?) {
        let caller = me
        if caller.blockTrap {
            caller.slot = .error("RuntimeError.blockTrap")
        } else if channels[name]?.isClosing == true {
            caller.slot = .error("ValueError.closedChannel")
        } else if trapLevel > 0, queue.count > 1 || !deadlocks(caller) {
            caller.slot = .error("RuntimeError.switchTrap")
        } else {
            caller.place = .blocked(channel: name)
            caller.offer = offer
            channels[name]?.lineSends = sends
            channels[name]?.line.append(caller)
            queue.removeFirst()
            if queue.isEmpty, !wakeWatcher() {
                takeOffChannel(caller)
                append(caller)
                caller.slot = .error("RuntimeError.deadlock")
            }
        }
    }

    /// Whether the last runnable tasklet has nobody to leave the queue to.
    private func deadlocks(_ caller: ModelTasklet) -> Bool {
        watcher === caller || watcher.isBlocked
    }
}
