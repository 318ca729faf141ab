import Tasklets

/// Handing over: whoever lets go of a permit or a lock gives it to the first in line, and wakes that one.
///
/// The woken tasklet has what it waited for before its turn comes. When it is killed in between, its wait throws although
/// it has been handed over; so it is noted in the waiting frame, and given back from there.
extension WaitLine {
    /// Ends the operation by a wait for something that is handed over.
    ///
    /// - Parameter giveBack: called out of the gate when the wait throws although it has been handed over.
    /// - Throws: the error that refused the wait or ended it. The caller is in no line, and has nothing.
    @inline(__always)
    func waitForHandOver(
        _ core: SchedulerCore,
        at place: AnyObject,
        kind: UInt8 = 0,
        orGiveBack giveBack: () -> Void
    ) throws {
        var isHandedOver = false
        do {
            try unsafe withUnsafeMutablePointer(to: &isHandedOver) {
                try unsafe wait(core, at: place, kind: kind, argument: UnsafeMutableRawPointer($0))
            }
        } catch {
            if isHandedOver { giveBack() }
            throw error
        }
    }

    /// Hands over to the first in line, and wakes it. False when nobody waits.
    func handOverToFirst(_ core: SchedulerCore) -> Bool {
        while let first {
            if first.claim() {
                handOver(to: first, core)
                return true
            }
            unlinkFirst(first)
        }
        return false
    }

    /// Hands over to one in line, and wakes it. The caller has claimed it, if it may wait at several places.
    func handOver(to entry: WaitEntry, _ core: SchedulerCore) {
        unsafe entry.fields.argument.unsafelyUnwrapped.storeBytes(of: true, as: Bool.self)
        wake(entry, core)
    }
}
