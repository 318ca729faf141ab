#if TLS
import COpenSSL

/// What OpenSSL has left in the calling thread's queue of errors. Whoever calls OpenSSL clears the queue before and reads it
/// after, without a switch between: the queue belongs to the thread, not to the tasklet.
struct OpenSSLErrors {
    /// What went wrong first; later ones tell who was concerned by it. 0: nothing.
    private let first: UInt

    /// It is empty, unless code of others has left something: asking costs less than clearing.
    static func clear() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// Takes all of them out.
    static func take() -> OpenSSLErrors {
        defer { ERR_clear_error() }
        return OpenSSLErrors(first: ERR_get_error())
    }

    /// Whether it is this error of the part of OpenSSL that speaks TLS.
    func isOfTLS(_ reason: Int32) -> Bool {
        openssl_error_is_of_tls(first) != 0 && openssl_error_reason(first) == reason
    }

    /// Whether PEM was looked for and is not there, or not any more.
    var isNoPEM: Bool { openssl_error_is_no_pem(first) != 0 }

    /// In words.
    var text: String {
        if first == 0 { return "unknown error" }
        guard let text = unsafe openssl_error_text(first) else {
            return "error \(String(first, radix: 16)) of OpenSSL"
        }
        return unsafe String(cString: text)
    }

    /// What the other side has said in an alert that ends the connection, as in "unknown ca".
    var alert: String? {
        let number = openssl_error_reason(first) - SSL_AD_REASON_OFFSET
        guard openssl_error_is_of_tls(first) != 0, (0...255).contains(number) else { return nil }
        guard let reason = unsafe ERR_reason_error_string(first) else { return "alert \(number)" }
        // OpenSSL says first which version has brought the alert: "tlsv1 alert unknown ca".
        let words = unsafe String(cString: reason).split(separator: " ").dropFirst()
        return (words.first == "alert" ? words.dropFirst() : words).joined(separator: " ")
    }
}
#endif
