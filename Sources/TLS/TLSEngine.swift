#if TLS
import COpenSSL
import Hub

/// One connection of OpenSSL between two pieces of memory: what has come, and what is to go. It reads and writes nothing itself,
/// so no call of OpenSSL ever waits, and no tasklet is switched inside one.
@safe final class TLSEngine {
    /// What reading has come to.
    enum Reading {
        case bytes(Int)
        /// More has to come from the other side first.
        case needsInput
        /// The other side has finished, and said so.
        case ended
    }

    private let connection: OpaquePointer
    // They belong to the connection.
    private var incoming: OpaquePointer
    private var outgoing: OpaquePointer
    /// How much memory the two have come to need, about: it is theirs until they are replaced.
    private var incomingSize = 0
    private var outgoingSize = 0
    /// So much is kept from one message to the next.
    private static let keptSize = 8192
    private let context: TLSContext
    private let host: HostName?
    /// The names in the certificate that was refused because of them.
    private var refusedNames: [String]?
    private var hasFailed = false

    /// - Parameter host: whom a client asks for.
    init(_ context: TLSContext, host: HostName?) {
        guard let connection = unsafe SSL_new(context.pointer), let incoming = unsafe openssl_memory(),
            let outgoing = unsafe openssl_memory()
        else { fatalError("There is no memory for a connection of TLS.") }
        unsafe self.connection = connection
        unsafe self.incoming = incoming
        unsafe self.outgoing = outgoing
        self.context = context
        self.host = host
        unsafe SSL_set_bio(connection, incoming, outgoing)
        // Callbacks find it there; they come inside its own calls only.
        unsafe openssl_set_owner(connection, Unmanaged.passUnretained(self).toOpaque())
        if context.isServer {
            unsafe SSL_set_accept_state(connection)
        } else {
            unsafe SSL_set_connect_state(connection)
        }
        if let host { ask(for: host) }
        OpenSSLErrors.clear()
    }

    deinit {
        // What was not finished well is resumable all the same; OpenSSL would mark it otherwise.
        if !hasFailed { unsafe SSL_set_shutdown(connection, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        // On whatever thread the last reference has gone: nobody else uses it then.
        unsafe SSL_free(connection)
    }

    static func of(_ connection: OpaquePointer) -> TLSEngine {
        unsafe Unmanaged.fromOpaque(openssl_owner(connection)!).takeUnretainedValue()
    }

    private func ask(for host: HostName) {
        let parameters = unsafe SSL_get0_param(connection)
        let isTaken: Bool
        if host.isAddress {
            isTaken = unsafe !context.verifies || X509_VERIFY_PARAM_set1_ip_asc(parameters, host.text) == 1
        } else {
            // Names are where certificates have them for that, and not in the name of the owner.
            let flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
            unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(flags))
            isTaken =
                unsafe openssl_set_server_name(connection, host.text) == 1
                && (!context.verifies || X509_VERIFY_PARAM_set1_host(parameters, host.text, 0) == 1)
        }
        // Any certificate of a trusted authority would do for a connection without a host.
        guard isTaken else { fatalError("OpenSSL does not take \"\(host.text)\" for a host: there may be no memory.") }
        unsafe context.sessions.resume(connection, with: host)
    }

    // MARK: Calls of OpenSSL

    /// Goes on with the handshake. Returns whether it is over.
    func handshake() throws(TLSError) -> Bool {
        OpenSSLErrors.clear()
        let result = unsafe SSL_do_handshake(connection)
        if result == 1 { return true }
        switch unsafe SSL_get_error(connection, result) {
        case SSL_ERROR_WANT_READ: return false
        case SSL_ERROR_ZERO_RETURN:
            hasFailed = true
            throw .endedInHandshake
        default: throw takeError()
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> Reading {
        OpenSSLErrors.clear()
        var count = 0
        let result = unsafe SSL_read_ex(connection, buffer.baseAddress, buffer.count, &count)
        return try reading(result, count)
    }

    /// What a read would come to. What is no byte of the other side's, a ticket for its session as a rule, is dealt with.
    func peek() throws(TLSError) -> Reading {
        OpenSSLErrors.clear()
        var byte: UInt8 = 0
        var count = 0
        let result = unsafe SSL_peek_ex(connection, &byte, 1, &count)
        return try reading(result, count)
    }

    private func reading(_ result: Int32, _ count: Int) throws(TLSError) -> Reading {
        if result == 1 { return .bytes(count) }
        switch unsafe SSL_get_error(connection, result) {
        case SSL_ERROR_WANT_READ: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .ended
        default: throw takeError()
        }
    }

    /// Whether something has come that was not looked at yet.
    var hasIncoming: Bool { unsafe BIO_ctrl_pending(incoming) != 0 }

    /// Makes records of the bytes, which are to go then.
    func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        OpenSSLErrors.clear()
        var count = 0
        // There is always room, and nothing is asked of the other side in the middle, since nothing is negotiated again.
        if unsafe SSL_write_ex(connection, bytes.baseAddress, bytes.count, &count) != 1 { throw takeError() }
    }

    /// Makes the notice that nothing more will be written.
    func finish() throws(TLSError) {
        OpenSSLErrors.clear()
        // 0: the other side has not finished yet.
        if unsafe SSL_shutdown(connection) < 0 { throw takeError() }
    }

    private func takeError() -> TLSError {
        hasFailed = true
        let errors = OpenSSLErrors.take()
        if let alert = errors.alert { return .refused(alert: alert) }
        if errors.isOfTLS(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) { return .noCertificate }
        if errors.isOfTLS(SSL_R_CERTIFICATE_VERIFY_FAILED) {
            let name = host?.text ?? "the client"
            if let refusedNames { return .wrongHost(name, names: refusedNames) }
            let reason = unsafe X509_verify_cert_error_string(SSL_get_verify_result(connection))
            return .untrusted(name, reason: unsafe reason.map { unsafe String(cString: $0) } ?? "unknown")
        }
        return .protocolError(reason: errors.text)
    }

    // MARK: Bytes of the stream below

    /// Takes what has come.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        incomingSize = max(incomingSize, bytes.count)
        guard unsafe BIO_write(incoming, bytes.baseAddress, Int32(bytes.count)) == bytes.count else {
            fatalError("There is no memory for what comes over TLS.")
        }
    }

    /// How many bytes are to go.
    var outgoingCount: Int { unsafe BIO_ctrl_pending(outgoing) }

    var hasOutgoing: Bool { outgoingCount != 0 }

    /// Lends what is to go. Nothing of this engine may be called meanwhile.
    func withOutgoing<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe openssl_contents(outgoing, &start)
        return unsafe try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Gives large memory back that a large message has left behind. Nothing that is in it is lost.
    func releaseMemory() {
        if incomingSize > Self.keptSize, !hasIncoming, let fresh = unsafe openssl_memory() {
            unsafe SSL_set0_rbio(connection, fresh)
            unsafe incoming = fresh
            incomingSize = 0
        }
        if outgoingSize > Self.keptSize, !hasOutgoing, let fresh = unsafe openssl_memory() {
            unsafe SSL_set0_wbio(connection, fresh)
            unsafe outgoing = fresh
            outgoingSize = 0
        }
    }

    /// Forgets the first bytes of what is to go: they have gone.
    func dropOutgoing(_ count: Int) {
        outgoingSize = max(outgoingSize, count)
        // OpenSSL has no other way than to read them.
        unsafe withUnsafeTemporaryAllocation(byteCount: min(count, 1024), alignment: 16) { memory in
            var left = count
            while left > 0 {
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<min(left, memory.count)])
                unsafe takeOutgoing(into: part)
                left -= part.count
            }
        }
    }

    /// Takes the first bytes of what is to go.
    func takeOutgoing(_ count: Int) -> [UInt8] {
        outgoingSize = max(outgoingSize, count)
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { memory, taken in
            unsafe takeOutgoing(
                into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[..<count])
            )
            taken = count
        }
    }

    private func takeOutgoing(into memory: UnsafeMutableRawBufferPointer) {
        guard unsafe BIO_read(outgoing, memory.baseAddress, Int32(memory.count)) == memory.count else {
            fatalError("OpenSSL has fewer bytes to send than it said.")
        }
    }

    // MARK: Callbacks

    /// Keeps a session that the server has given. Returns whether it was taken.
    func keep(_ session: OpaquePointer) -> Bool {
        guard let host else { return false }
        unsafe context.sessions.add(session, for: host)
        return true
    }

    /// Notes what a certificate is for that is refused because of that.
    func note(_ verification: OpaquePointer) {
        let mismatches = [X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH]
        guard mismatches.contains(unsafe X509_STORE_CTX_get_error(verification)) else { return }
        refusedNames = unsafe X509_STORE_CTX_get0_cert(verification).map { unsafe Certificate.names(in: $0) } ?? []
    }
}

// What a handshake has come to.
extension TLSEngine {
    var version: String { unsafe String(cString: SSL_get_version(connection)) }

    var isResumed: Bool { unsafe SSL_session_reused(connection) == 1 }

    var applicationProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(connection, &start, &count)
        if count == 0 { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// Calls `body` with the certificate of the other side, if it has shown one.
    func withPeerCertificate<Result>(_ body: (OpaquePointer) -> Result) -> Result? {
        guard let certificate = unsafe SSL_get0_peer_certificate(connection) else { return nil }
        return unsafe body(certificate)
    }
}
#endif
