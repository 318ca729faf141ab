#if TLS
import Hub

/// Why a connection could not be secured, or is so no more.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody who is trusted vouches for the certificate of the other side: the name that was asked for, and the reason in
    /// OpenSSL's words, as in "self-signed certificate" or "certificate has expired".
    case untrusted(String, reason: String)
    /// The certificate of the other side is for others: the name that was asked for, and those in the certificate.
    case wrongHost(String, names: [String])
    /// The client has shown no certificate, and this server asks for one.
    case noCertificate
    /// The other side has ended the connection, and said why in an alert, as in "unknown ca" or "no application protocol".
    case refused(alert: String)
    /// The other side does not speak TLS, or not well, or nothing that both sides can do: the reason in OpenSSL's words.
    case protocolError(reason: String)
    /// The other side, or somebody between, has ended the connection before it was secured, and has not said why.
    case endedInHandshake
    /// The stream below has come to its end without the notice that the other side has finished: bytes may be missing. Whoever
    /// is between can do that; a program that ends badly does it, too.
    case truncated
    /// A write was ended in the middle, by an error or by the end of a wait: what can be written now would be no TLS any more.
    /// It tells what ended the write.
    case writeInterrupted(by: String)
    /// A certificate or a key that was given cannot be used: which one, and why.
    case unusable(String, reason: String)
    /// The name of a host cannot be in a certificate.
    case notAHost(String)

    public var description: String {
        switch self {
        case .untrusted(let name, let reason): "The certificate of \(name) is not trusted: \(reason)."
        case .wrongHost(let name, let names):
            "The certificate is not for \"\(name)\" but for "
                + (names.isEmpty ? "nobody: it has no names." : "\(names.joined(separator: ", ")).")
        case .noCertificate: "The client has shown no certificate, and one is required."
        case .refused(let alert): "The other side has ended the connection: \(alert)."
        case .protocolError(let reason): "The connection cannot be secured: \(reason)."
        case .endedInHandshake: "The other side has ended the connection before it was secured."
        case .truncated:
            "The connection has ended without the notice that the other side has finished: bytes may be missing."
        case .writeInterrupted(let reason):
            "A write was ended in the middle (\(reason)), and nothing more can be written: close the connection."
        case .unusable(let what, let reason): "\(what) cannot be used: \(reason)."
        case .notAHost(let name):
            "\"\(name)\" is no name of a host: give an address, or a name in ASCII, as xn--bcher-kva.example."
        }
    }
}

extension TLSError: ConnectionError {
    package var isOfOtherSide: Bool { self == .truncated || self == .endedInHandshake }
}
#endif
