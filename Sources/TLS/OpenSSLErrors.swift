#if TLS
import COpenSSL

/// What OpenSSL has left in the calling thread's queue of errors. Whoever calls OpenSSL clears the queue before and reads it
/// after, without a switch between: the queue belongs to the thread, not to the tasklet.
struct OpenSSLErrors {
    /// What went wrong first; later ones tell who was concerned by it. 0: nothing.
    private let first: UInt

    static func clear() { ERR_clear_error() }

    /// Takes all of them out.
    static func take() -> OpenSSLErrors {
        defer { clear() }
        return OpenSSLErrors(first: ERR_get_error())
    }

    /// Whether it is this error of the part of OpenSSL that speaks TLS.
    func isOfTLS(_ reason: Int32) -> Bool {
        openssl_error_is_of_tls(first) != 0 && openssl_error_reason(first) == reason
    }

    /// Whether PEM was looked for and is not there, or not any more.
    var isNoStartLine: Bool { openssl_error_is_no_start_line(first) != 0 }

    /// In words.
    var text: String {
        if first == 0 { return "unknown error" }
        guard let text = unsafe openssl_error_text(first) else {
            return "error \(String(first, radix: 16)) of OpenSSL"
        }
        return unsafe String(cString: text)
    }

    /// What the other side has said in an alert that ends the connection.
    var alert: String? {
        guard openssl_error_is_of_tls(first) != 0 else { return nil }
        let number = openssl_error_reason(first) - SSL_AD_REASON_OFFSET
        guard (0...255).contains(number) else { return nil }
        return unsafe String(cString: SSL_alert_desc_string_long(number))
    }
}
#endif
