public import Tasklets

/// Who in line is served next. Inside, as all of it.
///
/// A tasklet in a `select` waits in other lines too, and another thread may just be ending its wait there: whoever serves it
/// here has to claim it first.
extension Queue {
    /// Gives the element to the receiver that has waited longest, else keeps it. False when the queue is full, or closed and no
    /// receiver waits.
    @inlinable
    func offer(_ element: borrowing Element, rank: Int, _ core: SchedulerCore) -> Bool {
        if !give(element, core) {
            if fields.isClosing || fields.elements.count >= limit { return false }
            keep(element, rank: rank, core)
        }
        fields.unfinished &+= 1
        return true
    }

    /// Puts the element into the queue; nobody waits to receive it.
    @inlinable
    func keep(_ element: borrowing Element, rank: Int, _ core: SchedulerCore) {
        show(element, before: nil, core)
        fields.elements.insert(copy element, rank: rank)
    }

    /// Gives the element to the receiver that has waited longest. False when none waits.
    @inlinable
    func give(_ element: borrowing Element, _ core: SchedulerCore) -> Bool {
        guard let receiver = claimFirst(waitingFor: .receive) else { return false }
        hand(element, to: receiver, core)
        return true
    }

    /// Gives the element to a receiver that has been claimed, and shows it to those in front that wait to see one.
    @inlinable
    func hand(_ element: borrowing Element, to receiver: WaitEntry, _ core: SchedulerCore) {
        show(element, before: receiver, core)
        unsafe receiver.slot(Slot.self).pointee.element = copy element
        line.wake(receiver, core)
    }

    /// Shows the element to those that wait to see one, in front of the receiver that gets it.
    @inlinable
    func show(_ element: borrowing Element, before receiver: WaitEntry?, _ core: SchedulerCore) {
        var next = line.first
        while let entry = next, entry != receiver {
            next = entry.fields.next
            if entry.isWaiting(for: Wait.peek) {
                unsafe entry.slot(Slot.self).pointee.element = copy element
                line.wake(entry, core)
            }
        }
    }

    /// An element was handed over to the caller, which has been killed before its turn: the next receiver gets it.
    @inlinable
    func putBack(_ element: consuming Element) {
        let rank = rank(of: element)
        let core = line.enter()
        if !give(element, core) {
            show(element, before: nil, core)
            fields.elements.putBack(element, rank: rank)
        }
        line.leave(core)
    }

    /// There is room: takes the element of the sender that has waited longest.
    @inlinable @inline(never)
    func admitSender(_ core: SchedulerCore) {
        guard fields.elements.count < limit, let sender = claimFirst(waitingFor: .send) else { return }
        let slot = unsafe sender.slot(Slot.self)
        unsafe fields.elements.insert(slot.pointee.element.take()!, rank: slot.pointee.rank)
        fields.unfinished &+= 1
        line.wake(sender, core)
    }

    /// Claims the one that has waited longest for that, or for the other. Takes out dead entries.
    @usableFromInline
    func claimFirst(waitingFor wait: Wait, or other: Wait? = nil) -> WaitEntry? {
        var next = line.first
        while let entry = next {
            next = entry.fields.next
            if entry.isWaiting(for: wait) || other.map(entry.isWaiting) ?? false {
                if entry.claim() { return entry }
                line.unlink(entry)
            } else if entry.isWaiting(for: Wait.send), !entry.isDead {
                // No receiver waits then.
                return nil
            }
        }
        return nil
    }

    /// Whether somebody waits to send, receive or see an element.
    @usableFromInline
    var hasPartner: Bool {
        var isThere = false
        line.forEachEntry { if !$0.isWaiting(for: Wait.join), !$0.isDead { isThere = true } }
        return isThere
    }
}

extension WaitEntry {
    /// The variable in the waiter's frame.
    @inlinable
    func slot<Slot>(_ type: Slot.Type) -> UnsafeMutablePointer<Slot> {
        unsafe fields.argument.unsafelyUnwrapped.assumingMemoryBound(to: Slot.self)
    }

    @inlinable
    func isWaiting(for wait: some RawRepresentable<UInt8>) -> Bool { purpose == wait.rawValue }
}
