#if TLS
import COpenSSL

/// What many connections have in common: whom they trust, who they are, which protocols they speak. Made once, never changed,
/// and used by any number of connections on any thread.
///
/// ```swift
/// let client = try TLSContext.client(trust: .certificates(inFile: "ca.pem"))
/// let server = try TLSContext.server(TLSIdentity(certificateFile: "server.pem", keyFile: "server.key"))
/// ```
///
/// TLS 1.2 and 1.3 are spoken, without renegotiation. A later connection of a client with the same host resumes the session of a
/// former one, where the server agrees: the context keeps the sessions, of 256 hosts at most. A server keeps nothing: what
/// it needs is in the tickets that clients have, for two hours at most, and only servers of the same context can read them.
///
/// The key of these tickets is made with the context, and never changed. Whoever gets hold of it can read what was recorded of
/// connections of TLS 1.2 that gave or used tickets of that context; not those of TLS 1.3, which agree on new keys each time. A server
/// that runs for weeks may be given a new context, with a new listener, now and then.
///
/// Takes some milliseconds to make when the trust is the system's, since there are many authorities. Files are read in place: no
/// other tasklet runs meanwhile.
@safe public final class TLSContext: Sendable {
    // Never changed after it was made; OpenSSL counts references atomically.
    nonisolated(unsafe) let pointer: OpaquePointer
    let isServer: Bool
    /// Whether the certificate of the other side is looked at.
    let verifies: Bool
    let sessions = SessionCache()
    /// As ALPN sends them: each with its length in front.
    nonisolated(unsafe) private let protocols: UnsafeBufferPointer<UInt8>

    /// For clients that trust whom the system trusts.
    public static let standardClient: TLSContext = {
        do { return try client() } catch { fatalError("OpenSSL cannot be used: \(error)") }
    }()

    /// For the side that connects.
    ///
    /// - Parameters:
    ///   - trust: who must vouch for the servers.
    ///   - identity: what is shown to servers that ask who the client is.
    ///   - applicationProtocols: what is to be spoken over the connections, the favourite first, as "h2" (ALPN). The server
    ///     chooses: ``TLSStream/applicationProtocol``.
    /// - Throws: ``TLSError/unusable(_:reason:)``.
    /// - Precondition: each name of a protocol has 1 to 255 bytes.
    public static func client(
        trust: TLSTrust = .system,
        identity: TLSIdentity? = nil,
        applicationProtocols: [String] = []
    ) throws -> TLSContext {
        let context = TLSContext(isServer: false, verifies: trust.verifies, applicationProtocols)
        try context.load(trust)
        if let identity { try context.load(identity) }
        context.setUpClient()
        return context
    }

    /// For the side that accepts.
    ///
    /// - Parameters:
    ///   - identity: what is shown to clients.
    ///   - clients: who must vouch for the clients. `nil`: they are not asked for certificates.
    ///   - applicationProtocols: what can be spoken over the connections, the favourite first, as "h2" (ALPN). A client that
    ///     offers only others is refused; one that offers none is not.
    /// - Throws: ``TLSError/unusable(_:reason:)``.
    /// - Precondition: each name of a protocol has 1 to 255 bytes.
    public static func server(
        _ identity: TLSIdentity,
        clients: TLSTrust? = nil,
        applicationProtocols: [String] = []
    ) throws -> TLSContext {
        let context = TLSContext(isServer: true, verifies: clients?.verifies ?? false, applicationProtocols)
        if let clients { try context.load(clients) }
        try context.load(identity)
        context.setUpServer()
        return context
    }

    private init(isServer: Bool, verifies: Bool, _ applicationProtocols: [String]) {
        self.isServer = isServer
        self.verifies = verifies
        let bytes = applicationProtocols.flatMap { name in
            guard (1...255).contains(name.utf8.count) else {
                fatalError("The name of a protocol has 1 to 255 bytes, and \"\(name)\" has \(name.utf8.count).")
            }
            return [UInt8(name.utf8.count)] + name.utf8
        }
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe memory.initialize(from: bytes)
        unsafe protocols = UnsafeBufferPointer(memory)
        OpenSSLErrors.clear()
        guard let pointer = unsafe SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()),
            unsafe openssl_use_tls12_or_newer(pointer) == 1
        else { fatalError("OpenSSL cannot be used: \(OpenSSLErrors.take().text)") }
        unsafe self.pointer = pointer
        unsafe openssl_refuse_renegotiation(pointer)
        unsafe openssl_release_idle_buffers(pointer)
    }

    /// How many hosts there are sessions with.
    package var sessionHostCount: Int { sessions.hostCount }

    deinit {
        unsafe SSL_CTX_free(pointer)
        unsafe protocols.deallocate()
    }

    private func load(_ trust: TLSTrust) throws {
        switch trust.kind {
        case .anybody: break
        case .system:
            // A system without certificates trusts nobody, and each connection says so.
            unsafe SSL_CTX_set_default_verify_paths(pointer)
            OpenSSLErrors.clear()
        case .certificates(let source):
            let store = unsafe SSL_CTX_get_cert_store(pointer)
            // A chain may end at any of them, also where another authority vouches for that.
            unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
            unsafe try source.forEachCertificate { certificate in
                // The clients are told whose certificates are trusted.
                unsafe X509_STORE_add_cert(store, certificate) == 1
                    && (!isServer || SSL_CTX_add_client_CA(pointer, certificate) == 1)
            }
        }
    }

    private func load(_ identity: TLSIdentity) throws {
        var isFirst = true
        unsafe try identity.certificates.forEachCertificate { certificate in
            defer { isFirst = false }
            return unsafe isFirst
                ? SSL_CTX_use_certificate(pointer, certificate) == 1
                : openssl_add_chain_certificate(pointer, certificate) == 1
        }
        // Refuses one that does not belong to the certificate.
        unsafe try identity.key.withKey { unsafe SSL_CTX_use_PrivateKey(pointer, $0) == 1 }
    }

    private func setUpClient() {
        unsafe SSL_CTX_set_verify(pointer, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, noteRefusedCertificate)
        if unsafe !protocols.isEmpty {
            // 0 is success here; it fails for want of memory only.
            unsafe SSL_CTX_set_alpn_protos(pointer, protocols.baseAddress, UInt32(protocols.count))
        }
        // OpenSSL's own store would keep them a second time.
        unsafe openssl_set_session_cache(pointer, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE)
        unsafe SSL_CTX_sess_set_new_cb(pointer) { connection, session in
            guard let connection = unsafe connection, let session = unsafe session else { return 0 }
            // The reference is the cache's now.
            return unsafe TLSEngine.of(connection).keep(session) ? 1 : 0
        }
    }

    private func setUpServer() {
        let mode = verifies ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE
        unsafe SSL_CTX_set_verify(pointer, mode, noteRefusedCertificate)
        // Tickets need no store, and no client can make one grow.
        unsafe openssl_set_session_cache(pointer, SSL_SESS_CACHE_OFF)
        // Sessions in which a client was verified must not be resumed where others are trusted: OpenSSL wants a name. Keys of
        // tickets belong to the context, so one name does for all.
        let name = Array("tasklets".utf8)
        unsafe SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count))
        if unsafe !protocols.isEmpty {
            unsafe SSL_CTX_set_alpn_select_cb(pointer, chooseProtocol, Unmanaged.passUnretained(self).toOpaque())
        }
    }

    /// The first of the server's that the client offers.
    fileprivate func choose(
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ length: UnsafeMutablePointer<UInt8>?,
        among offered: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var place = 0
        while unsafe place < protocols.count {
            let own = unsafe protocols[place + 1..<place + 1 + Int(protocols[place])]
            var other = 0
            while other < offered.count {
                let end = unsafe min(other + 1 + Int(offered[other]), offered.count)
                if unsafe offered[other + 1..<end].elementsEqual(own) {
                    unsafe chosen?.pointee = protocols.baseAddress! + place + 1
                    unsafe length?.pointee = UInt8(own.count)
                    return true
                }
                other = end
            }
            unsafe place += 1 + own.count
        }
        return false
    }
}

/// OpenSSL calls it inside a handshake; the context outlives its connections.
private func chooseProtocol(
    _ connection: OpaquePointer?,
    _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?,
    _ count: UInt32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let own = unsafe Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue()
    let offered = unsafe UnsafeBufferPointer(start: offered, count: Int(count))
    return unsafe own.choose(chosen, length, among: offered) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
}

/// OpenSSL calls it for each certificate of a chain that it has looked at.
private func noteRefusedCertificate(_ isFine: Int32, _ verification: OpaquePointer?) -> Int32 {
    if isFine == 0, let verification = unsafe verification,
        let connection = unsafe X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx())
    {
        unsafe TLSEngine.of(OpaquePointer(connection)).note(verification)
    }
    return isFine
}
#endif
