import Glibc
import Synchronization

/// Notices that the user wants the program to end: ctrl-C, `kill`, or a terminal that has gone.
enum Interrupt {
    private static let flag = Atomic(false)

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// From here on such a wish no longer ends the process; the program looks at `isRequested` and ends itself.
    static func listen() {
        // Touched here, since its first use initialises it, and a signal handler is no place for that.
        flag.store(false, ordering: .relaxed)
        var wishes = sigset_t()
        unsafe sigemptyset(&wishes)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interrupt.flag.store(true, ordering: .relaxed) }
            unsafe sigaddset(&wishes, number)
        }
        // Whoever started the program may have blocked them for itself and passed that on.
        unsafe pthread_sigmask(SIG_UNBLOCK, &wishes, nil)
        // A reader that goes away shall be an error of our write, so that unfinished files are removed.
        signal(SIGPIPE, SIG_IGN)
    }
}
