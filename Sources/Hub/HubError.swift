/// What the hub's types refuse, or what came otherwise than was asked for.
public enum HubError: Error, Hashable, CustomStringConvertible {
    /// Another tasklet waits for the same at the same place. One may read while another writes, but two readers would each get
    /// parts of what comes: let one read, and send what it has read through a channel.
    case busy(operation: String, waiting: String, refused: String, place: String)
    /// The other side finished before everything came that was asked for; so many bytes had come.
    case ended(after: Int)
    /// A line, or what is looked for the end of, is longer than the limit.
    case tooLong(limit: Int)
    /// A text is no address.
    case notAnAddress(String)
    /// What came is no text: the bytes are not UTF-8.
    case notText
    /// The system knows no address of that name, or could not find out; and why, in its words.
    case unknownName(String, reason: String)
    /// None of the addresses of that name has answered well; in the order in which they failed.
    case notConnected(String, [SystemError])

    public var description: String {
        switch self {
        case .busy(let operation, let waiting, let refused, let place):
            "\(refused) cannot \(operation) at \(place): \(waiting) waits there for the same. Let one do it for both, or hold a "
                + "Lock around it."
        case .ended(let count): "The other side finished too early: \(count) bytes came, and more were expected."
        case .tooLong(let limit): "What came is longer than the limit of \(limit) bytes."
        case .notAnAddress(let text): "\"\(text)\" is no address: give one as 127.0.0.1 or ::1."
        case .notText: "What came is no text in UTF-8."
        case .unknownName(let name, let reason): "No address of \"\(name)\" is known: \(reason)."
        case .notConnected(let name, let errors):
            "No address of \"\(name)\" answers: \(errors.map { "\($0)" }.joined(separator: "; "))."
        }
    }
}
