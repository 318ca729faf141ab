#if TLS
/// What one side shows to tell who it is: a certificate, those that vouch for it, and the private key.
///
/// ```swift
/// let identity = TLSIdentity(certificateFile: "server.pem", keyFile: "server.key")
/// let context = try TLSContext.server(identity)
/// ```
///
/// A key with a passphrase is refused: nobody is asked for it.
public struct TLSIdentity: Sendable {
    let certificates: PEMSource
    let key: PEMSource

    /// From PEM files, which are read when a context is made.
    ///
    /// - Parameters:
    ///   - certificateFile: the certificate, and behind it those between it and an authority.
    ///   - keyFile: the private key of the first certificate; may be the same file.
    public init(certificateFile: String, keyFile: String) {
        certificates = .file(certificateFile)
        key = .file(keyFile)
    }

    /// From texts in PEM.
    ///
    /// - Parameters:
    ///   - certificates: the certificate, and behind it those between it and an authority.
    ///   - key: the private key of the first certificate.
    public init(certificates: String, key: String) {
        self.certificates = .text(certificates)
        self.key = .text(key)
    }
}
#endif
