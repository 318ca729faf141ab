import CTasklets

/// Waiting for a time, and how a scheduler that is busy notices that something outside has happened.
extension SchedulerCore {
    /// Nanoseconds of the scheduler's clock: a virtual one, or else the system's monotonic clock.
    package var now: Int64 { fields.virtualTime?.now ?? clock_now() }

    /// Lets the others run until `deadline`, a time of `now`. Gives way if that has passed.
    ///
    /// - Throws: what refuses the wait or ends it early.
    package func sleep(until deadline: Int64) throws {
        if deadline <= now {
            _ = enter()
            try checkMayWait(me)
            leave()
            return try schedule()
        }
        let timers = self.timers
        var timer = Timers.Timer(deadline: deadline)
        // A local of the waiting frame: no check, so it may be open over the switch.
        try unsafe withUnsafeMutablePointer(to: &timer) { timer in
            try unsafe waitOutside(at: timers, argument: timer) { entry in
                touchTimers(of: deadline)
                unsafe timers.set(timer, for: .wait(entry))
                return true
            }
        }
    }

    /// Timers of one deadline fire in the order in which they were set.
    func touchTimers(of deadline: Int64) {
        guard attention.contains(.exploring) else { return }
        tellChooser(of: UInt(bitPattern: Int(deadline)) | 1 << 63)
    }

    var timers: Timers {
        if let timers = fields.timers { return timers }
        let timers = Timers()
        fields.timers = timers
        return timers
    }

    /// Puts the tasklets at the end of the ring for which something has happened outside.
    func collect() {
        wakeDueTimers()
        fields.eventSource?.collect(for: self)
    }

    private func wakeDueTimers() {
        guard let timers = fields.timers, timers.nextDeadline != nil else { return }
        let now = self.now
        while let target = timers.takeDue(at: now) {
            switch target {
            case .wait(let entry): wake(entry)
            case .limit(let limit): expire(limit)
            case .none: break
            }
        }
    }

    /// With a virtual clock, while no tasklet is runnable: goes on to the time at which the next one is. False when nothing
    /// is to happen at any time.
    @discardableResult
    package func jump(to deadline: Int64?) -> Bool {
        guard let virtualTime = fields.virtualTime, let deadline else { return false }
        virtualTime.advance(to: deadline)
        return true
    }

    // MARK: The marker

    // While a wait is pending that ends from outside, a record without frames goes round in the ring: the marker. It is no
    // tasklet. A switch to it finds no frames and comes to its slow path as it does for a new tasklet; there the marker
    // looks for what has happened outside, and the next one has its turn. So a switch has nothing more to test, and the
    // outside has its turn once a round:
    //
    //     [me, a, marker, b]  →  [a, marker, b, me]  →  [marker, b, me, a]  →  look outside  →  [b, me, a, marker]

    /// Puts the marker at the end of the ring if it is needed.
    func linkMarkerIfNeeded() {
        guard head != nil, looksOutside else { return }
        let marker = fields.marker ?? TaskletRecord(scheduler: self)
        fields.marker = marker
        if marker.next == nil { append(marker) }
    }

    func unlinkMarker() {
        guard let marker = fields.marker, marker.next != nil else { return }
        unlink(marker)
    }

    /// Looks outside if the marker is the head of the ring, and gives the next one its turn. When there is none, the thread
    /// sleeps; `me` has just left the ring then.
    func passMarker(leaving me: TaskletRecord) {
        guard let marker = fields.marker, head == marker else { return }
        if marker.successor == marker { return fillRing(after: me) }
        if !looksOutside { return unlink(marker) }
        head = marker.successor
        fields.roundsToLook -= 1
        if fields.roundsToLook <= 0 { lookOutside() }
    }

    private func fillRing(after me: TaskletRecord) {
        switch me.state {
        case .blocked: findWork(for: me)
        case .dead: wakeSomebodyAtEnd()
        // A wait is pending that ends from outside: it is no deadlock.
        case .paused, .queued: _ = wakeSomebody()
        }
    }

    /// How many rounds there are between two looks at the clock adapts, so that this looks outside every ten to forty
    /// microseconds. Not more than some: how long the next rounds take nobody knows.
    private func lookOutside() {
        // Time itself, also under a virtual clock, by which none passes here.
        let now = clock_now()
        let elapsed = now - fields.lastLook
        if elapsed < 10_000 {
            fields.roundsBetweenLooks = min(fields.roundsBetweenLooks * 2, Self.mostRoundsBetweenLooks)
            fields.roundsToLook = fields.roundsBetweenLooks
            return
        }
        if elapsed > 40_000 {
            fields.roundsBetweenLooks = max(Int(Int64(fields.roundsBetweenLooks) * 25_000 / elapsed), 1)
        }
        fields.lastLook = now
        fields.roundsToLook = fields.roundsBetweenLooks
        collect()
    }

    private static var mostRoundsBetweenLooks: Int { 64 }

    /// The tasklet itself, or the one behind it if it is the marker.
    func skipMarker(_ tasklet: TaskletRecord?, _ step: (TaskletRecord) -> TaskletRecord?) -> TaskletRecord? {
        guard let tasklet, tasklet == fields.marker else { return tasklet }
        return step(tasklet)
    }

    /// Whether the caller is the only tasklet in the ring.
    @inline(__always)
    func isAlone(_ me: TaskletRecord) -> Bool {
        let next = me.successor
        return next == me || (next == fields.marker && next.successor == me)
    }
}
