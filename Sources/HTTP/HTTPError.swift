#if HTTP
import HTTPTypes

/// What the other side did that HTTP does not allow, or more of it than the limits do, and what the module refuses.
public enum HTTPError: Error, Hashable, CustomStringConvertible {
    /// What came is not HTTP; and what is wrong with it.
    case malformed(String)
    /// What came may be HTTP, but is not understood here: an unknown method, a coding other than chunked.
    case unsupported(String)
    /// What came is of a version other than 1.0 and 1.1.
    case unknownVersion
    /// A request expects something other than `100-continue`.
    case unknownExpectation(String)
    /// The first line of a message is longer than the limit.
    case targetTooLong(limit: Int)
    /// The first line and the fields, or the framing of a body, are larger than the limit.
    case headTooLarge(limit: Int)
    /// A body is longer than was asked for.
    case bodyTooLong(limit: Int)
    /// The other side took longer than its limit; and for what.
    case tooSlow(String)
    /// A text is no URL that can be asked for; and why.
    case notAnAddress(String)
    /// More or fewer bytes of a body were written than its `Content-Length` has promised.
    case otherLength(promised: Int, written: Int)
    /// The `Content-Length` that a program gives to its own body is no number of bytes.
    case notALength(String)
    /// A handler has returned without an answer.
    case noAnswer
    /// A handler has answered its request a second time.
    case answeredTwice
    /// A handler grants an upgrade that the client has not asked for.
    case notAskedForUpgrade

    public var description: String {
        switch self {
        case .malformed(let reason): "What came is no HTTP: \(reason)."
        case .unsupported(let what): "What came is not supported: \(what)."
        case .unknownVersion: "What came is of another version than HTTP/1.0 and HTTP/1.1."
        case .unknownExpectation(let text): "What came expects \"\(text)\", which is unknown."
        case .targetTooLong(let limit): "The first line of the message is longer than the limit of \(limit) bytes."
        case .headTooLarge(let limit):
            "The head of the message is larger than the limit of \(limit) bytes, or has too many fields."
        case .bodyTooLong(let limit): "The body is longer than the limit of \(limit) bytes."
        case .tooSlow(let what): "The other side took too long \(what)."
        case .notAnAddress(let reason): "This cannot be asked for: \(reason)."
        case .otherLength(let promised, let written):
            "The Content-Length of the body promised \(promised) bytes, and \(written) were written: write as many, or "
                + "leave the field out."
        case .notALength(let text):
            "The Content-Length \"\(text)\" is no number of bytes: give one, or leave the field out."
        case .noAnswer: "The handler has returned without an answer: call send or begin."
        case .answeredTwice: "The request has been answered already: call send, begin or upgrade once for each."
        case .notAskedForUpgrade:
            "The client has asked for no upgrade: look for the field Upgrade of the request first."
        }
    }

    /// How a server answers it.
    var status: HTTPResponse.Status {
        switch self {
        case .malformed, .notAnAddress: .badRequest
        case .unsupported: .notImplemented
        case .unknownVersion: .httpVersionNotSupported
        case .unknownExpectation: .expectationFailed
        case .targetTooLong: .uriTooLong
        case .headTooLarge: .requestHeaderFieldsTooLarge
        case .bodyTooLong: .contentTooLarge
        case .tooSlow: .requestTimeout
        case .otherLength, .notALength, .noAnswer, .answeredTwice, .notAskedForUpgrade: .internalServerError
        }
    }
}
#endif
