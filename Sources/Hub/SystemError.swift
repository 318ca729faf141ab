import CTasklets

/// What the system refused, and what was tried.
///
/// ```swift
/// do {
///     let connection = try TCPConnection.connect(to: "127.0.0.1", port: 1)
///     connection.close()
/// } catch let error as SystemError where error.code == .connectionRefused {
///     print(error)  // connect to 127.0.0.1:1: Connection refused
/// }
/// ```
public struct SystemError: Error, Hashable, CustomStringConvertible {
    /// Which error it is: one of the system's numbers (`errno`), or ``closed``.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: Int32

        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let accessDenied = Code(rawValue: 13)
        public static let addressInUse = Code(rawValue: 98)
        public static let addressNotAvailable = Code(rawValue: 99)
        public static let brokenPipe = Code(rawValue: 32)
        /// The number is that of no descriptor, or of one that is not open for that.
        public static let badDescriptor = Code(rawValue: 9)
        /// The thing was closed, by this program. No number of the system's.
        public static let closed = Code(rawValue: 0)
        public static let connectionRefused = Code(rawValue: 111)
        public static let connectionReset = Code(rawValue: 104)
        public static let exists = Code(rawValue: 17)
        public static let invalidArgument = Code(rawValue: 22)
        public static let messageTooLong = Code(rawValue: 90)
        public static let nameTooLong = Code(rawValue: 36)
        public static let noSuchFile = Code(rawValue: 2)
        public static let notConnected = Code(rawValue: 107)
        public static let timedOut = Code(rawValue: 110)
        /// The process has too many descriptors open.
        public static let tooManyOpenFiles = Code(rawValue: 24)
        /// The system has too many descriptors open.
        public static let tooManyOpenFilesInSystem = Code(rawValue: 23)
        public static let unreachable = Code(rawValue: 113)
    }

    public let code: Code
    /// What was tried, as in "connect to 127.0.0.1:80".
    public let operation: String
    /// What to do about it.
    private let remedy: String?

    package init(_ code: Code, _ operation: String, remedy: String? = nil) {
        self.code = code
        self.operation = operation
        self.remedy = remedy
    }

    package init(number: Int32, _ operation: String) {
        self.init(Code(rawValue: number), operation)
    }

    public var description: String {
        if code == .closed { return "\(operation): it has been closed" }
        if code == .badDescriptor { return "\(operation): it is no descriptor, or not open for that" }
        return "\(operation): \(Self.text(of: code.rawValue))\(remedy.map { "; \($0)" } ?? "")"
    }
}

extension SystemError {
    static let wouldBlock: Int32 = -11
    static let notPermitted: Int32 = -1
    static let inProgress: Int32 = -115

    /// What the system calls an error.
    static func text(of number: Int32) -> String { unsafe String(cString: descriptor_error_text(number)) }

    /// The result of a call to the system; a negative one is the number of an error.
    static func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemError) -> Int32 {
        if result >= 0 { return result }
        throw SystemError(number: -result, operation())
    }
}
