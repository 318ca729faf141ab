#if TLS
import COpenSSL
import Hub

/// What can be told of a certificate of OpenSSL.
enum Certificate {
    /// The hosts that it is for.
    static func names(in certificate: OpaquePointer) -> [String] {
        guard let alternatives = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(alternatives)
        defer { unsafe GENERAL_NAMES_free(names) }
        return unsafe (0..<openssl_names_count(names)).compactMap { index in
            let name = unsafe openssl_name(names, index)
            if let text = unsafe openssl_domain_name(name) {
                return unsafe String(decoding: bytes(of: text), as: UTF8.self)
            }
            guard let address = unsafe openssl_ip_address(name) else { return nil }
            let bytes = unsafe bytes(of: address)
            return bytes.count == 4 || bytes.count == 16 ? IPAddress(bytes: bytes).description : nil
        }
    }

    private static func bytes(of text: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        unsafe [UInt8](UnsafeBufferPointer(start: ASN1_STRING_get0_data(text), count: Int(ASN1_STRING_length(text))))
    }

    /// Whose it is, as "CN=alice,O=Example".
    static func subject(of certificate: OpaquePointer) -> String {
        let memory = unsafe openssl_memory()
        defer { unsafe BIO_free_all(memory) }
        unsafe openssl_print_subject(memory, certificate)
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe openssl_contents(memory, &start)
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// All of it, as it is sent (DER).
    static func bytes(of certificate: OpaquePointer) -> [UInt8] {
        let count = unsafe Int(i2d_X509(certificate, nil))
        return unsafe [UInt8](unsafeUninitializedCapacity: max(count, 0)) { memory, written in
            var end = memory.baseAddress
            written = max(unsafe Int(i2d_X509(certificate, &end)), 0)
        }
    }
}
#endif
