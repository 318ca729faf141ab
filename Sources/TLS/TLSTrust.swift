#if TLS
/// Whose word is taken for the certificate of the other side.
public struct TLSTrust: Sendable {
    enum Kind {
        case system
        case certificates(PEMSource)
        case anybody
    }

    let kind: Kind

    /// Whether the certificate of the other side is looked at.
    var verifies: Bool { if case .anybody = kind { false } else { true } }

    /// The authorities that the system trusts: on Debian those of the package `ca-certificates`.
    public static let system = TLSTrust(kind: .system)

    /// Nothing is verified: whoever is between can read and change everything. For tests, and where something else tells who
    /// the other side is.
    public static let anybodyWithoutVerification = TLSTrust(kind: .anybody)

    /// The certificates in a PEM file, and nobody else: authorities, also such that others vouch for, or the very certificates that
    /// the other sides have. It is read when a context is made.
    public static func certificates(inFile path: String) -> TLSTrust { TLSTrust(kind: .certificates(.file(path))) }

    /// The certificates in a text in PEM, and nobody else: as those of a file.
    public static func certificates(pem text: String) -> TLSTrust { TLSTrust(kind: .certificates(.text(text))) }
}
#endif
