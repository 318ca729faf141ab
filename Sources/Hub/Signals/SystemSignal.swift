/// A signal of the system, by its number.
public struct SystemSignal: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The terminal is gone; servers read their settings anew by custom.
    public static let hangUp = SystemSignal(rawValue: 1)
    /// Ctrl-C on the terminal.
    public static let interrupt = SystemSignal(rawValue: 2)
    /// Ctrl-\ on the terminal.
    public static let quit = SystemSignal(rawValue: 3)
    public static let abort = SystemSignal(rawValue: 6)
    /// Ends a process at once: it cannot do anything against that.
    public static let kill = SystemSignal(rawValue: 9)
    public static let user1 = SystemSignal(rawValue: 10)
    public static let user2 = SystemSignal(rawValue: 12)
    public static let pipe = SystemSignal(rawValue: 13)
    public static let alarm = SystemSignal(rawValue: 14)
    /// Asks a process to end.
    public static let terminate = SystemSignal(rawValue: 15)
    public static let child = SystemSignal(rawValue: 17)
    /// Lets a process go on that was stopped.
    public static let `continue` = SystemSignal(rawValue: 18)
    public static let stop = SystemSignal(rawValue: 19)
    /// The size of the terminal has changed.
    public static let windowChange = SystemSignal(rawValue: 28)

    private static let names: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        17: "SIGCHLD", 18: "SIGCONT", 19: "SIGSTOP", 20: "SIGTSTP", 21: "SIGTTIN", 22: "SIGTTOU", 23: "SIGURG",
        24: "SIGXCPU", 25: "SIGXFSZ", 28: "SIGWINCH",
    ]

    /// As "SIGTERM".
    public var description: String { Self.names[rawValue] ?? "signal \(rawValue)" }
}
