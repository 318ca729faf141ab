import Synchronization

/// A wait at several places: one entry for each, the first in the record, the others in the waiting frame.
///
/// Whoever wakes one of the entries has to take the wait first: one bit in the record, changed by compare and exchange, so
/// that of two threads that meet two of the entries one wins. The other one goes on with the next in its line.
///
///     line a:  me, x         another thread:  lock a, take the wait of me, move the value, post me, unlock a
///     line b:  me, y         a third one:     lock b, the wait is taken: skip me, meet y, unlock b
///     timers:  me            my own thread:   takes the inbox; takes me out of b and the timers; queues me
///
/// Entries of a wait that has been taken are skipped and taken out by whoever finds them first in a line. The tasklet's own
/// thread takes out the rest, one place after the other, so nobody holds the locks of two lines.
extension SchedulerCore {
    /// Begins a wait of the running tasklet at several places. Inside the gate, without a line's lock; `me` may wait.
    ///
    /// Then, without leaving the gate, `join` for each place in turn, and `parkAtSeveral`; or `takeOwnWait` when a place
    /// turns out to be ready.
    package func beginSeveral(of me: TaskletRecord) {
        me.fields.isTaken.store(false, ordering: .relaxed)
        me.fields.wokenEntry = nil
        me.fields.lastEntry = nil
    }

    /// Makes an entry part of the wait of the running tasklet: the record's own one for the first place, then those in the
    /// memory that is given. The place links it.
    package func addEntry(
        of me: TaskletRecord,
        in memory: UnsafeMutablePointer<WaitEntry.Fields>,
        at place: AnyObject,
        kind: UInt8 = 0,
        argument: UnsafeMutableRawPointer? = nil
    ) -> WaitEntry {
        var entry = me.entry
        if let last = me.fields.lastEntry {
            entry = unsafe WaitEntry(memory: memory)
            unsafe memory.initialize(to: WaitEntry.Fields(tasklet: me))
            last.fields.sibling = entry
        }
        me.fields.lastEntry = entry
        entry.fields.sibling = nil
        entry.fields.stage = .joined
        unsafe entry.fields.place = Unmanaged.passUnretained(place)
        entry.fields.kind = kind | WaitEntry.oneOfSeveral
        unsafe entry.fields.argument = unsafe argument
        return entry
    }

    /// Parks the running tasklet until one of its entries has been woken; returns that one, out of the gate.
    ///
    /// - Throws: the error that ended the wait. The tasklet is at none of the places then.
    package func parkAtSeveral(_ me: TaskletRecord) throws -> WaitEntry {
        beginWait(of: me)
        do {
            try park(me)
        } catch {
            forgetSeveral(of: me)
            throw error
        }
        let woken = me.fields.wokenEntry!
        forgetSeveral(of: me)
        return woken
    }

    /// Takes the running tasklet's own wait back, since one of the places is ready: it is at none of them then. False when
    /// another thread has woken it meanwhile: it has to park. Without a line's lock.
    package func takeOwnWait(of me: TaskletRecord) -> Bool {
        guard me.takeWait() else { return false }
        precondition(endSeveral(of: me), "A place that is asked before the wait begins has nothing to finish.")
        forgetSeveral(of: me)
        return true
    }

    private func forgetSeveral(of me: TaskletRecord) {
        me.entry.fields.kind = 0
        me.entry.fields.sibling = nil
        me.fields.wokenEntry = nil
        me.fields.lastEntry = nil
    }

    // MARK: The end

    /// Takes the entries out of their places. False while one of these has to finish something first.
    @usableFromInline @inline(never)
    func endSeveral(of tasklet: TaskletRecord) -> Bool {
        var isFree = true
        var next: WaitEntry? = tasklet.entry
        while let entry = next {
            next = entry.fields.sibling
            // Also the one that was woken: until its line can be locked, the thread that woke it is still at it.
            if entry.fields.stage == .joined {
                entry.fields.stage = entry.place!.withdraw(entry) == .later ? .late : .out
            }
            switch entry.fields.stage {
            case .out: if entry.fields.reach != .home { count(entry, reach: .home) }
            case .late, .joined: isFree = false
            }
        }
        return isFree
    }

    func withdrawSeveral(of tasklet: TaskletRecord) -> Withdrawal {
        let isMine = tasklet.takeWait()
        guard endSeveral(of: tasklet) else { return .later }
        return isMine ? .done : .tooLate
    }
}

extension TaskletRecord {
    /// Takes the wait at several places: nobody else ends it. False when somebody was faster.
    func takeWait() -> Bool {
        fields.isTaken.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
    }
}

extension TaskletRecord {
    /// What the tasklet waits for: at all places.
    func describeWait() -> String {
        var places: [String] = []
        var next: WaitEntry? = entry
        while let entry = next {
            places.append(entry.place!.describe(entry))
            next = entry.isOneOfSeveral ? entry.fields.sibling : nil
        }
        return places.joined(separator: " or ")
    }
}

extension WaitEntry {
    /// Takes the wait, before the entry's tasklet is woken. False when another entry of the same wait was faster.
    ///
    /// Under the lock of the entry's line, if that is shared.
    @inlinable @inline(__always)
    package func claim() -> Bool { !isOneOfSeveral || claimOneOfSeveral() }

    @usableFromInline @inline(never)
    func claimOneOfSeveral() -> Bool {
        guard tasklet.takeWait() else { return false }
        tasklet.fields.wokenEntry = self
        return true
    }

    /// Whether the wait has been taken by way of another entry: this one is dead.
    package var isDead: Bool { isOneOfSeveral && tasklet.fields.isTaken.load(ordering: .relaxed) }

    /// What the place had to finish is over. False when there was nothing.
    func finishLate() -> Bool {
        guard fields.stage == .late else { return false }
        fields.stage = .out
        return true
    }
}
