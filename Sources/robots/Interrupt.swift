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
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interrupt.flag.store(true, ordering: .relaxed) }
        }
        // A reader that goes away shall be an error of our write, so that unfinished files are removed.
        signal(SIGPIPE, SIG_IGN)
    }
}
