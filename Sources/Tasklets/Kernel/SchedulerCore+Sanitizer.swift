public import CTasklets

/// What a sanitizer is told about a switch.
///
/// `stack_sanitizer_leave` itself is called by the function that switches: a function of ours around it would be
/// entered on one of ThreadSanitizer's fibers and left on another.
extension SchedulerCore {
    /// Before `stack_sanitizer_leave`.
    ///
    /// - Parameter stack: what is known of the stack that is being left; `nil` when it is left for ever, and `ended` says it.
    @usableFromInline
    package func prepareToLeave(_ stack: UnsafeMutablePointer<stack_sanitizer>?) {
        unsafe fields.departed = unsafe stack
    }

    /// After the switch, on the new stack.
    @usableFromInline @inline(never)
    package func announceArrival(_ stack: UnsafeMutablePointer<stack_sanitizer>) {
        unsafe stack_sanitizer_arrive(stack, fields.departed)
        unsafe fields.departed = nil
        unsafe stack_sanitizer_end(&fields.ended)
    }

    /// What is known of the stack of a fiber that has just ended; the next arrival, on another one, says so.
    package var endedSanitizer: UnsafeMutablePointer<stack_sanitizer> {
        unsafe withUnsafeMutablePointer(to: &memory.pointee.ended) { unsafe $0 }
    }
}
