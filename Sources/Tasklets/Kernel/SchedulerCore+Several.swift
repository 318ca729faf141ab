import Synchronization

/// A wait at several places: one entry for each, the first in the record, the others in the waiting frame.
///
/// A thread that wakes one of the entries has to take the wait first: it sets a byte in the record by compare and exchange.
/// When two threads meet two entries of one wait, one of them wins, and the other goes on with the next in its line.
/// Where two waits at several places meet, both are taken or none (`WaitEntry.takeOwnWait(meeting:)`).
///
///     line a:  me, x         another thread:  lock a, take the wait of me, move the value, post me, unlock a
///     line b:  me, y         a third one:     lock b, the wait is taken: skip me, meet y, unlock b
///     timers:  me            my own thread:   takes the inbox; takes me out of b and the timers; queues me
///
/// A thread that finds an entry of a wait that has been taken removes it from its line. The tasklet's own thread removes the
/// rest, one place after the other, so that no thread holds the locks of two lines.
extension SchedulerCore {
    /// What a place says when a tasklet comes to wait at it and at others.
    @usableFromInline
    package enum Joining {
        /// The entry is in the line.
        case joined
        /// The place lets the caller go on at once. It has taken the wait (`WaitEntry.takeOwnWait`) and done what was asked for.
        case ready
        /// The same, but the wait was taken: another thread has just ended it at a place before.
        case tooLate
    }

    /// Waits at several places until the first of them lets the caller go on; returns its number. Places are asked in turn:
    /// of those that are ready the first wins. The caller has called `prepareToJoin` of each line, and is inside the gate,
    /// which it leaves: as `WaitLine.wait`, this is the end of an operation.
    ///
    /// - Parameters:
    ///   - further: memory in the caller's frame, for an entry of each place but the first.
    ///   - join: what the place does: takes its lock, and either lets the caller go on or links the entry; see
    ///     `WaitEntry.describe` and `WaitLine.join`. Inside the gate.
    /// - Throws: the error that refused the wait or ended it. The caller is at none of the places then.
    @usableFromInline
    package func waitAtSeveral(
        _ further: UnsafeMutableBufferPointer<WaitEntry.Fields>,
        join: (_ number: Int, _ entry: WaitEntry) -> Joining
    ) throws -> Int {
        let me = self.me
        try checkMayWait(me)
        me.fields.taking.store(.free, ordering: .relaxed)
        me.fields.wokenEntry = nil
        // First: as soon as one place is joined another thread may put the record into the inbox.
        beginWait(of: me)
        defer {
            me.entry.fields.kind = 0
            me.entry.fields.sibling = nil
            me.entry.fields.line = nil
            me.entry.fields.stage = .joined
        }
        // From the last to the first, so that each link is written once. (Written forwards, in the loop below, the release
        // compiler of Swift 6.3 takes the links for dead stores.)
        var next: WaitEntry?
        for number in (0..<further.count).reversed() {
            let entry = unsafe WaitEntry(memory: further.baseAddress! + number)
            unsafe entry.memory.initialize(to: WaitEntry.Fields(tasklet: me, sibling: next, stage: .out))
            next = entry
        }
        me.entry.fields.sibling = next
        joining: for number in 0...further.count {
            let entry = number == 0 ? me.entry : unsafe WaitEntry(memory: further.baseAddress! + (number - 1))
            entry.fields.stage = .joined
            switch join(number, entry) {
            case .joined: continue
            case .ready:
                entry.fields.stage = .out
                precondition(endSeveral(of: me), "A place that was joined a moment ago has nothing to finish.")
                prepend(me)
                // A partner may have sent an error.
                try goOn(me)
                return number
            case .tooLate:
                entry.fields.stage = .out
                break joining
            }
        }
        try park(me)
        let woken = me.fields.wokenEntry!
        return woken == me.entry ? 0 : unsafe woken.memory - further.baseAddress! + 1
    }

    /// Sets a timer for an entry of a wait at several places.
    ///
    /// - Parameter timer: in the caller's frame.
    package func joinTimers(_ entry: WaitEntry, _ timer: UnsafeMutablePointer<Timers.Timer>) {
        let timers = self.timers
        unsafe touchTimers(of: timer.pointee.deadline)
        unsafe joinOutside(entry, at: timers, argument: timer)
        unsafe timers.set(timer, for: .wait(entry))
    }

    /// Counts an entry of a wait at several places whose place the world outside ends.
    package func joinOutside(
        _ entry: WaitEntry,
        at place: AnyObject,
        argument: UnsafeMutableRawPointer? = nil,
        isDaemon: Bool = false
    ) {
        unsafe entry.describe(at: place, argument: argument)
        count(entry, reach: isDaemon ? .daemon : .outside)
    }

    /// Gives way once instead of a wait whose time is up before it begins. Inside the gate, which it leaves.
    ///
    /// - Throws: the error that refuses a wait.
    @usableFromInline
    package func giveWayInsteadOfWaiting() throws {
        try checkMayWait(me)
        leave()
        try schedule()
    }

    // MARK: The end

    /// Takes the entries out of their places. False while one of these has to finish something first.
    @usableFromInline @inline(never)
    func endSeveral(of tasklet: TaskletRecord) -> Bool {
        var isFree = true
        var next: WaitEntry? = tasklet.entry
        while let entry = next {
            next = entry.fields.sibling
            // Also the entry that was woken: while the thread that woke it is still at work, it holds the lock of the line.
            if entry.fields.stage == .joined {
                entry.fields.stage = withdraw(entry) == .later ? .late : .out
            }
            switch entry.fields.stage {
            case .out: if entry.fields.reach != .home { count(entry, reach: .home) }
            case .late, .joined: isFree = false
            }
        }
        return isFree
    }

    /// Takes an entry out of its place: of those that most waits are at, without a cast to their protocol.
    private func withdraw(_ entry: WaitEntry) -> Withdrawal {
        if let line = entry.fields.line { return line.withdraw(entry) }
        if let timers = fields.timers, unsafe entry.fields.place?.takeUnretainedValue() === timers {
            return timers.withdraw(entry)
        }
        return entry.place!.withdraw(entry)
    }

    func withdrawSeveral(of tasklet: TaskletRecord) -> Withdrawal {
        let isMine = tasklet.takeWait()
        guard endSeveral(of: tasklet) else { return .later }
        return isMine ? .done : .tooLate
    }
}

/// Who has a wait at several places.
enum Taking: UInt8, AtomicRepresentable {
    /// Who comes first may end it.
    case free
    /// Its own thread tries to take it together with a partner's; it is free or taken a few instructions later.
    case tried
    /// It is ended.
    case taken
}

extension TaskletRecord {
    /// Takes the wait at several places: no other thread can end it then. False when another one was faster.
    func takeWait() -> Bool {
        while true {
            let found = fields.taking.compareExchange(
                expected: .free,
                desired: .taken,
                ordering: .acquiringAndReleasing
            )
            if found.exchanged { return true }
            if found.original == .taken { return false }
            SchedulerCore.yieldThread()
        }
    }
}

extension TaskletRecord {
    /// What the tasklet waits for: at all places.
    package func describeWait() -> String {
        entries.map { $0.place!.describe($0) }.joined(separator: " or ")
    }

    /// The entries of its wait that are in their places.
    var entries: [WaitEntry] {
        var entries: [WaitEntry] = []
        var next: WaitEntry? = entry
        while let entry = next {
            if entry.fields.stage != .out { entries.append(entry) }
            next = entry.isOneOfSeveral ? entry.fields.sibling : nil
        }
        return entries
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

    /// Says where an entry of a wait at several places is.
    package func describe(at place: AnyObject, kind: UInt8 = 0, argument: UnsafeMutableRawPointer? = nil) {
        unsafe describe(at: Unmanaged.passUnretained(place), kind: kind, argument: argument)
    }

    /// The same for a caller that has no counted reference.
    @inlinable @inline(__always)
    package func describe(at place: Unmanaged<AnyObject>, kind: UInt8, argument: UnsafeMutableRawPointer?) {
        unsafe fields.place = unsafe place
        fields.kind = kind | WaitEntry.oneOfSeveral
        unsafe fields.argument = unsafe argument
    }

    /// Takes the caller's own wait, since the place that it comes to is ready. False when another thread has ended it
    /// meanwhile. Under the lock of the place's line.
    @usableFromInline
    package func takeOwnWait() -> Bool { tasklet.takeWait() }

    /// What became of an attempt to meet a partner while joining.
    package enum Meeting {
        /// Both waits are taken.
        case met
        /// The partner has just been met elsewhere; the caller's wait is as it was.
        case partnerIsGone
        /// The caller's wait has just been ended at a place before.
        case tooLate
    }

    /// The same when the place is ready because a partner waits there: takes the caller's wait and the partner's, both or
    /// none. Under the lock of the line that the partner is in.
    ///
    /// Two threads may do this to each other's waits at the same time, in two lines. Each marks its own wait as tried,
    /// then looks at the other. One that finds the other tried as well frees its own and tries again, so one of the two
    /// sees the other free and takes both.
    package func takeOwnWait(meeting partner: WaitEntry) -> Meeting {
        guard partner.isOneOfSeveral else { return takeOwnWait() ? .met : .tooLate }
        let (me, other) = (tasklet, partner.tasklet)
        while true {
            // Only the own thread, which is here, makes it tried.
            let own = me.fields.taking.compareExchange(expected: .free, desired: .tried, ordering: .acquiring)
            guard own.exchanged else { return .tooLate }
            SchedulerCore.passSeam()
            let found = other.fields.taking.compareExchange(
                expected: .free,
                desired: .taken,
                ordering: .acquiringAndReleasing
            )
            if found.exchanged {
                me.fields.taking.store(.taken, ordering: .releasing)
                other.fields.wokenEntry = partner
                return .met
            }
            me.fields.taking.store(.free, ordering: .releasing)
            if found.original == .taken { return .partnerIsGone }
            SchedulerCore.yieldThread()
        }
    }

    /// Whether the wait has been taken by way of another entry: this one is dead.
    package var isDead: Bool { isOneOfSeveral && tasklet.fields.taking.load(ordering: .relaxed) == .taken }

    /// Notes that the place has finished what the tasklet had to wait for after the end of its wait. False when there was
    /// nothing of that kind.
    func finishLate() -> Bool {
        guard fields.stage == .late else { return false }
        fields.stage = .out
        return true
    }
}
