/// A wait at a place that ends when its time is up.
extension WaitLineOwner {
    /// Waits here until `deadline`, a time of the scheduler's clock, at most. Out of the gate.
    ///
    /// - Parameter isReady: whether there is nothing to wait for; asked between `enter` and `leave`.
    /// - Throws: the error that refused the wait or ended it.
    func wait(until deadline: Int64, unless isReady: () -> Bool) throws {
        let core = SchedulerCore.current
        line.prepareToJoin(core)
        let further = UnsafeMutableBufferPointer<WaitEntry.Fields>.allocate(capacity: 1)
        defer { unsafe further.deallocate() }
        var timer = Timers.Timer(deadline: deadline)
        _ = unsafe try withUnsafeMutablePointer(to: &timer) { timer in
            unsafe try core.waitAtSeveral(further) { number, entry in
                if number == 1 {
                    unsafe core.joinTimers(entry, timer)
                    return .joined
                }
                line.lock()
                if !isReady() {
                    unsafe entry.describe(at: self)
                    line.join(entry, core)
                    return .joined
                }
                defer { line.unlock(core) }
                return entry.takeOwnWait() ? .ready : .tooLate
            }
        }
    }
}
