public import CTasklets

/// What a sanitizer is told about a switch.
///
/// `stack_sanitizer_leave` itself is called by the function that switches: a function of ours around it would be
/// entered on one of ThreadSanitizer's fibers and left on another.
extension SchedulerCore {
    /// Before `stack_sanitizer_leave`.
    ///
    /// - Parameter stack: the sanitizer's record of the stack that is left; `nil` when its fiber has ended. `endedSanitizer`
    ///   holds the record then.
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

    /// The sanitizer's record of a stack whose fiber has just ended. It is given back after the next switch, on another
    /// stack.
    package var endedSanitizer: UnsafeMutablePointer<stack_sanitizer> {
        unsafe withUnsafeMutablePointer(to: &memory.pointee.ended) { unsafe $0 }
    }
}
