import CTasklets
import Synchronization

/// Who keeps a record, and a scheduler's own memory, alive.
extension SchedulerCore {
    // MARK: Records

    func makeRecord(name: String?, stackSize: Int, fileID: StaticString, line: UInt) -> TaskletRecord {
        fields.lastNumber += 1
        fields.ownClaims += 1
        let record = fields.spareRecords.take() ?? TaskletRecord(scheduler: self)
        if record.handle == nil { record.handle = TaskletHandle(record: record) }
        record.fiber.describe(
            name: name,
            number: fields.lastNumber,
            stackSize: stackSize == Tasklet.defaultStackSize ? stackSize : checkedStackSize(stackSize),
            fileID: fileID,
            line: line
        )
        if attention.contains(.timeline) { noteName(of: record) }
        return record
    }

    package func checkedStackSize(_ size: Int) -> Int {
        // Not precondition: its message is lost in release builds.
        guard size >= Tasklet.minimumStackSize else {
            fatalError("A stack of \(size) bytes is too small: stackSize must be at least \(Tasklet.minimumStackSize).")
        }
        guard size <= Tasklet.maximumStackSize else {
            fatalError("A stack of \(size) bytes is too large: stackSize must be at most \(Tasklet.maximumStackSize).")
        }
        return StackPools.size(for: size)
    }

    /// Keeps the record of a tasklet that is dead or never ran for the next one. On the own thread.
    private func reuse(_ record: TaskletRecord) {
        record.clear()
        fields.spareRecords.give(record)
        fields.ownClaims -= 1
    }

    /// The tasklet has ended: its record, and the handle that nobody else has, serve the next one. Otherwise the last
    /// handle gives the record back.
    func letGo(of record: TaskletRecord) {
        if record.isHandleUnique, fields.spareRecords.hasRoom {
            reuse(record)
        } else {
            record.dropHandle()
        }
    }

    /// Frees the spare records, at the end of the scheduler.
    func freeSpareRecords() {
        while let record = fields.spareRecords.take() {
            if record.handle == nil {
                record.free()
            } else {
                // Comes back without the handle.
                fields.ownClaims += 1
                record.dropHandle()
            }
        }
    }

    // MARK: Living tasklets, oldest first

    func linkLiving(_ tasklet: TaskletRecord) {
        // In a copy: ThreadSanitizer would take a change in place for one of the scheduler's first field.
        var living = fields.living
        living.append(LivingTasklet(tasklet: tasklet))
        fields.living = living
    }

    func unlinkLiving(_ tasklet: TaskletRecord) {
        var living = fields.living
        living.remove(LivingTasklet(tasklet: tasklet))
        fields.living = living
    }

    /// Calls `body` with every living tasklet, main included, until it returns false. It may take that one out.
    ///
    /// By hand, since this is asked in a signal handler, too: the iterator, whose type a debug build makes at run time, would
    /// allocate memory. Both ends are looked for, as the ring may be half linked then.
    func forEachLiving(_ body: (TaskletRecord) -> Bool) {
        guard let first = fields.living.first else { return }
        let last = first.tasklet.fields.living.previous
        var upcoming: LivingTasklet? = first
        while let current = upcoming {
            let next = current.tasklet.fields.living.next
            upcoming = current == last || next == first ? nil : next
            guard body(current.tasklet) else { return }
        }
    }

    // MARK: The last reference to a paused tasklet

    /// Called when a handle goes, on any thread: the last one ends a tasklet that nobody can resume any more.
    func handleWasDropped(_ record: TaskletRecord) {
        guard SchedulerCore.currentIfAny == self else { return dropFromOutside(record) }
        // Already inside the gate: the handle went while the kernel was at work.
        let isInside = fields.isOccupied.load(ordering: .relaxed) != 0
        if isInside { return dropInsideGate(record) }
        _ = enter()
        record.fields.handleCount -= 1
        let isUnused = record.fields.handleCount == 0 && (record.state == .dead || !record.isStarted)
        let isUnreachable = record.fields.handleCount == 0 && record.state == .paused && record.isStarted
        if isUnused, record.state == .paused { unlinkNeverStarted(record) }
        leave()
        if isUnused {
            // Outside the gate: what it holds may run the program's code when it goes.
            withExtendedLifetime(record.takeLeftovers()) {}
            reuse(record)
        } else if isUnreachable {
            endUnreachable(record)
        }
    }

    private func dropInsideGate(_ record: TaskletRecord) {
        record.fields.handleCount -= 1
        guard record.fields.handleCount == 0 else { return }
        switch record.state {
        case .queued, .blocked: return
        case .paused where record.isStarted: return queueExit(of: record)
        case .paused: unlinkNeverStarted(record)
        case .dead: break
        }
        if let leftovers = record.takeLeftovers() { discard(leftovers) }
        reuse(record)
    }

    @inline(never)
    private func dropFromOutside(_ record: TaskletRecord) {
        let isUnused = insideGate { _ in
            record.fields.handleCount -= 1
            guard record.fields.handleCount == 0 else { return false }
            switch record.state {
            case .dead: return true
            case .queued, .blocked: return false
            case .paused where record.isStarted:
                queueExit(of: record)
                return false
            case .paused:
                unlinkNeverStarted(record)
                return true
            }
        }
        // Outside the gate: this may free the scheduler's memory, the gate with it.
        if isUnused {
            // What it holds goes first: that may need the scheduler.
            withExtendedLifetime(record.takeLeftovers()) {}
            record.free()
            dropClaim()
        }
    }

    @inline(never)
    private func endUnreachable(_ record: TaskletRecord) {
        if trapLevel > 0 || attention.contains(.callback) {
            _ = enter()
            queueExit(of: record)
            return leave()
        }
        _ = enter()
        let handle = TaskletHandle(record: record)
        record.handle = handle
        leave()
        // Who keeps catching TaskletExit stays for ever: a stack with live frames cannot be freed.
        if record.fields.dropCount == SchedulerCore.exitAttempts { return }
        record.fields.dropCount += 1
        do {
            try raise(TaskletExit(), in: record, pending: false)
        } catch {
            // Meant for the tasklet that dropped the reference, which is in a deinit and cannot throw: it gets the
            // error at its next switch.
            _ = enter()
            replaceError(of: me, by: error)
            leave()
        }
        _ = enter()
        let isPausedAgain = record.state == .paused && record.handle != nil && !record.isInsideRun
        if isPausedAgain { pause(record) }
        leave()
        withExtendedLifetime(handle) {}
    }

    /// Ends a started, paused tasklet when its turn comes.
    private func queueExit(of record: TaskletRecord) {
        record.handle = TaskletHandle(record: record)
        replaceError(of: record, by: TaskletExit())
        resume(record)
        wake()
    }

    private func unlinkNeverStarted(_ record: TaskletRecord) {
        unlinkLiving(record)
        record.state = .dead
    }

    /// How often a tasklet is killed at the end before it is given up.
    @inlinable package static var exitAttempts: UInt8 { 10 }

    // MARK: The scheduler's memory

    /// One for each record and each wait place that refers to this memory. The owner counts in `ownClaims`; others
    /// subtract from `foreignClaims`, which starts so high that only the end of the scheduler brings it near zero.
    static let claimBias = 1 << 40

    /// On the owner's thread only.
    package func makeClaim() {
        fields.ownClaims += 1
    }

    /// The same on another thread.
    func borrowClaim() {
        fields.foreignClaims.add(1, ordering: .relaxed)
    }

    /// On any thread.
    package func dropClaim() {
        if SchedulerCore.currentIfAny == self {
            fields.ownClaims -= 1
        } else if fields.foreignClaims.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            freeMemory()
        }
    }

    /// The scheduler has ended and its owner lets go of it.
    func dropOwnerClaims() {
        let own = fields.ownClaims - SchedulerCore.claimBias
        if fields.foreignClaims.add(own, ordering: .acquiringAndReleasing).newValue == 0 {
            freeMemory()
        }
    }

    private func freeMemory() {
        fields.marker?.free()
        unsafe fields.stackPools.deinitialize(count: 1)
        unsafe fields.stackPools.deallocate()
        unsafe lock_free(fields.gateLock)
        unsafe lock_free(fields.inboxLock)
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }
}
