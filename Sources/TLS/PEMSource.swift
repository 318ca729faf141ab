#if TLS
import COpenSSL

/// Where certificates and keys in PEM are.
enum PEMSource: Sendable {
    case file(String)
    case text(String)

    /// What an error says of it.
    private func mention(_ kind: String) -> String {
        switch self {
        case .file(let path): "The \(kind) in \(path)"
        case .text: "The \(kind) in the text"
        }
    }

    func refusal(_ kind: String, _ reason: String) -> TLSError { .unusable(mention(kind), reason: reason) }

    /// Opens it for OpenSSL. The memory is the caller's to free.
    private func open<Result>(_ kind: String, _ body: (OpaquePointer) throws -> Result) throws -> Result {
        OpenSSLErrors.clear()
        switch self {
        case .file(let path):
            guard let source = unsafe BIO_new_file(path, "r") else {
                throw refusal(kind, OpenSSLErrors.take().text)
            }
            defer { unsafe BIO_free_all(source) }
            return try unsafe body(source)
        case .text(var text):
            return try text.withUTF8 { bytes in
                // Reads the bytes in place; freed before they go.
                guard let source = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                    throw refusal(kind, OpenSSLErrors.take().text)
                }
                defer { unsafe BIO_free_all(source) }
                return try unsafe body(source)
            }
        }
    }

    /// Calls `use` with each certificate; that says whether OpenSSL took it. It keeps a reference of its own.
    ///
    /// - Throws: `TLSError.unusable` also when there is none.
    func forEachCertificate(_ use: (OpaquePointer) -> Bool) throws {
        unsafe try open("certificate") { source in
            var count = 0
            while let certificate = unsafe PEM_read_bio_X509_AUX(source, nil, refusePassphrase, nil) {
                defer { unsafe X509_free(certificate) }
                OpenSSLErrors.clear()
                guard unsafe use(certificate) else { throw refusal("certificate", OpenSSLErrors.take().text) }
                count += 1
            }
            let errors = OpenSSLErrors.take()
            // What ends the loop in a sound file, too.
            if !errors.isNoPEM { throw refusal("certificate", errors.text) }
            if count == 0 { throw refusal("certificate", "there is none in PEM that can be read") }
        }
    }

    /// Calls `use` with the private key.
    func withKey(_ use: (OpaquePointer) -> Bool) throws {
        unsafe try open("private key") { source in
            var wasAsked = false
            let read = unsafe withUnsafeMutablePointer(to: &wasAsked) {
                unsafe PEM_read_bio_PrivateKey(source, nil, refusePassphrase, $0)
            }
            guard let key = unsafe read else {
                let reason = OpenSSLErrors.take()
                throw refusal(
                    "private key",
                    wasAsked
                        ? "it has a passphrase; remove that, as by \"openssl pkey\""
                        : reason.isNoPEM ? "there is none in PEM that can be read" : reason.text
                )
            }
            defer { unsafe EVP_PKEY_free(key) }
            OpenSSLErrors.clear()
            guard unsafe use(key) else { throw refusal("private key", OpenSSLErrors.take().text) }
        }
    }
}

/// Called for what has a passphrase. Without this OpenSSL would ask at the terminal, and all tasklets wait.
private func refusePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int32,
    _ isForWriting: Int32,
    _ wasAsked: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe wasAsked?.storeBytes(of: true, as: Bool.self)
    return -1
}
#endif
