import CStackSwitch

/// What a sanitizer is told about a switch, on both sides of it.
extension SchedulerCore {
    @usableFromInline @inline(never)
    func announceSwitch(from me: TaskletRecord, to target: TaskletRecord) {
        unsafe fields.pointee.lastToSwitch = me
        unsafe stack_sanitizer_leave(me.sanitizer, target.sanitizer, false)
    }

    @usableFromInline @inline(never)
    func announceArrival(of me: TaskletRecord) {
        unsafe stack_sanitizer_arrive(me.sanitizer, fields.pointee.lastToSwitch?.sanitizer)
        unsafe stack_sanitizer_end(&fields.pointee.endedSanitizer)
    }

    /// A tasklet that has ended leaves its stack for ever: what the sanitizer knows of it goes at the next arrival.
    func announceEnd(to target: TaskletRecord) {
        unsafe fields.pointee.lastToSwitch = nil
        unsafe stack_sanitizer_leave(&fields.pointee.endedSanitizer, target.sanitizer, true)
    }
}
