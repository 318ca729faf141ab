import Glibc
import Synchronization

/// Notices that the user wants the program to end: ctrl-C, `kill`, or a terminal that has gone.
enum Interrupt {
    /// A second wish counts when it comes later. Programs such as `timeout`, and a terminal together with the program that
    /// runs in it, send the same signal twice at once.
    private static let nanosecondsBetweenWishes = 250_000_000

    /// The first signal; 0 when there was none.
    private static let first = Atomic<Int32>(0)
    /// 0 when there was none.
    private static let timeOfFirst = Atomic(0)
    private static let endIsWanted = Atomic(false)
    /// Only the main thread sets it and calls it: a sweep, which has more threads, has no window, and leaves it nil.
    nonisolated(unsafe) private static var isEndWantedInWindow: (() -> Bool)?

    static var isRequested: Bool { first.load(ordering: .relaxed) != 0 || endIsWanted.load(ordering: .relaxed) }

    /// The exit code of a program that a signal has ended, as shells have it; nil when none has come.
    static var exitCode: Int32? {
        let signal = first.load(ordering: .relaxed)
        return signal == 0 ? nil : 128 + signal
    }

    /// From here on such a wish no longer ends the process; the program looks at `isRequested` and ends itself. A second
    /// wish ends it at once: nothing of what is unfinished has a name that could be left behind.
    ///
    /// `nohup` starts programs with SIGHUP ignored; then a terminal that goes away does not end the run.
    static func listen() {
        // Touched here, since their first use initialises them, and a signal handler is no place for that.
        first.store(0, ordering: .relaxed)
        timeOfFirst.store(0, ordering: .relaxed)
        ChildProcess.prepareForSignals()
        _ = (nanosecondsBetweenWishes, lastWords)
        var wishes = sigset_t()
        unsafe sigemptyset(&wishes)
        let numbers = [SIGINT, SIGTERM, SIGHUP].filter { $0 != SIGHUP || !isIgnored($0) }
        for number in numbers { unsafe sigaddset(&wishes, number) }
        for number in numbers {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { Interrupt.take($0) }
            // Without SA_RESTART: calls that wait come back. None interrupts the handler of another one.
            action.sa_mask = wishes
            unsafe sigaction(number, &action, nil)
        }
        // A parent process may have blocked them, and a child process inherits that.
        unsafe pthread_sigmask(SIG_UNBLOCK, &wishes, nil)
        // A reader that goes away, and a file that has become too large, are errors of a write.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Swift's own handler would write a crash report and go on. Ctrl-\ ends the process; nothing of what is unfinished
        // has a name.
        signal(SIGQUIT, SIG_DFL)
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        unsafe sigaction(signal, nil, &action)
        // SIG_IGN is a number in place of a function's address, so it cannot be compared as a function.
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
            == unsafeBitCast(SIG_IGN, to: UInt.self)
    }

    /// Asks a window, too, when ``look()`` is called. What else the user has wanted there meanwhile is lost.
    static func watch(_ isEndWanted: (() -> Bool)?) { unsafe isEndWantedInWindow = isEndWanted }

    /// Called again and again while the program waits for something outside.
    static func look() {
        if let isEndWanted = unsafe isEndWantedInWindow, isEndWanted() { endIsWanted.store(true, ordering: .relaxed) }
    }

    private static let lastWords = Array(
        "robots: ended at once by a second signal; what was not complete is not written\n".utf8
    )

    /// The signal handler: only what is allowed in one.
    private static func take(_ signal: Int32) {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let now = time.tv_sec * 1_000_000_000 + time.tv_nsec
        // The time decides which one is the first: a second signal, which another thread may take at the same moment, finds
        // it set.
        let (isFirst, former) = timeOfFirst.compareExchange(expected: 0, desired: now, ordering: .relaxed)
        if isFirst {
            first.store(signal, ordering: .relaxed)
            FrozenDisplay.beginToLook()
        } else if now - former > nanosecondsBetweenWishes {
            ChildProcess.killFromSignalHandler()
            unsafe lastWords.withUnsafeBytes { words in _ = unsafe write(STDERR_FILENO, words.baseAddress, words.count)
            }
            _exit(128 + signal)
        }
    }
}
