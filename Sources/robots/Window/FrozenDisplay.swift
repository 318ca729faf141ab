import Glibc
import Synchronization

/// Ends the wait for a display that does not answer any more, once the user wants the program to end: a call into SDL, or
/// into the library below it, would come back only when the display goes on.
///
/// The connection is shut down then, which the library notices as the loss of the display: the run ends with files that are
/// complete.
enum FrozenDisplay {
    /// The descriptor of the window's connection; -1 where there is none.
    private static let connection = Atomic<Int32>(-1)
    /// Odd while a call to the display is under way.
    private static let call = Atomic(0)
    /// The call that was under way when the last second ended.
    private static let seen = Atomic(0)

    /// After that it is looked whether a call waits; then once a second.
    private static let secondsOfPatience: UInt32 = 2

    static func watch(connection number: Int32) {
        seen.store(0, ordering: .relaxed)
        call.store(0, ordering: .relaxed)
        _ = secondsOfPatience
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in FrozenDisplay.look() }
        action.sa_flags = SA_RESTART
        unsafe sigaction(SIGALRM, &action, nil)
        connection.store(number, ordering: .relaxed)
    }

    /// Runs a call to the display. Not one inside another.
    static func during<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        call.add(1, ordering: .relaxed)
        defer { call.add(1, ordering: .relaxed) }
        return try body()
    }

    /// The user wants the program to end. In a signal handler.
    static func beginToLook() {
        if connection.load(ordering: .relaxed) >= 0 { alarm(secondsOfPatience) }
    }

    /// In a signal handler. A call that waits for a second is none that only draws.
    private static func look() {
        let now = call.load(ordering: .relaxed)
        if now % 2 == 1 && now == seen.load(ordering: .relaxed) {
            shutdown(connection.load(ordering: .relaxed), Int32(SHUT_RDWR))
        }
        seen.store(now, ordering: .relaxed)
        alarm(1)
    }
}
