import Foundation

/// Names the case that runs when the process crashes: a trap in the kernel says nothing about the program that led
/// there.
enum CrashReport {
    /// The message as C text, so that a signal handler can write it without allocating.
    nonisolated(unsafe) private static var message: UnsafeMutablePointer<CChar>?
    /// The handlers there were before, by signal.
    nonisolated(unsafe) private static let former = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)

    /// Says which case is about to run; `nil` when it has ended. Cases run one at a time.
    static func running(_ name: String?) {
        _ = installed
        unsafe free(message)
        unsafe message = name.flatMap { unsafe strdup("crashed while the golden case \($0) was running\n") }
    }

    private static let installed: Void = {
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { signal in
                if let message = unsafe CrashReport.message { _ = unsafe write(2, message, strlen(message)) }
                // What failed runs again when this returns and reaches the handler that was there before.
                unsafe sigaction(signal, CrashReport.former + Int(signal), nil)
            }
            action.sa_flags = SA_ONSTACK
            unsafe sigaction(signal, &action, former + Int(signal))
        }
    }()
}
