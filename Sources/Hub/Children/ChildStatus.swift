/// How a child has ended.
public enum ChildStatus: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with that code: 0 says that all went well.
    case exited(Int32)
    /// By a signal.
    case signalled(SystemSignal)

    /// Whether it has ended by itself, with the code 0.
    public var isSuccess: Bool { self == .exited(0) }

    /// As "status 2" or "SIGKILL".
    public var description: String {
        switch self {
        case .exited(let code): "status \(code)"
        case .signalled(let signal): "\(signal)"
        }
    }
}

/// What a child has as standard input, output or error.
public enum ChildStream: Hashable, Sendable {
    /// The same as the program.
    case inherited
    /// Nothing: reading comes to the end at once, and what is written is thrown away.
    case null
    /// A pipe, whose other end is the child's ``ChildProcess/input``, ``ChildProcess/output`` or ``ChildProcess/errors``.
    case pipe
    /// A descriptor that the program has: a file, a socket. It stays the program's. Number 1 as the errors joins these to the
    /// program's output.
    case descriptor(Int32)
}

/// What environment a child has.
public enum ChildEnvironment: Hashable, Sendable {
    /// The program's own.
    case inherited
    /// The program's own, with these values in it.
    case adding([String: String])
    /// These values only.
    case only([String: String])
}
