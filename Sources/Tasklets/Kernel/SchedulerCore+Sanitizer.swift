import CTasklets

/// What a sanitizer is told about a switch.
///
/// `stack_sanitizer_leave` itself is called by the function that switches: a function of ours around it would be
/// entered on one of ThreadSanitizer's fibers and left on another.
extension SchedulerCore {
    /// Before `stack_sanitizer_leave`.
    @usableFromInline
    func prepareToLeave(_ me: TaskletRecord?) {
        fields.lastToSwitch = me
    }

    /// After the switch, on the new stack.
    @usableFromInline @inline(never)
    func announceArrival(of me: TaskletRecord) {
        unsafe stack_sanitizer_arrive(me.sanitizer, fields.lastToSwitch?.sanitizer)
        unsafe stack_sanitizer_end(&fields.endedSanitizer)
    }
}
