import Foundation

extension Process {
    /// Starts the program so that signals reach it: a thread of the tests blocks all of them, and a program that it starts
    /// would inherit that.
    func runWithSignals() throws {
        var none = sigset_t()
        var former = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &former)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &former, nil) }
        try run()
    }
}
