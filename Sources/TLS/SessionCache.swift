#if TLS
import COpenSSL
import CTasklets

/// What servers have given to clients of one context, so that the next connection with the same host costs no certificates and
/// half of the arithmetic.
@safe final class SessionCache: Sendable {
    /// A reference that this module counts.
    @safe private struct Session: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let mostHosts = 256
    /// A server of TLS 1.3 gives two at a time, each for one connection.
    private static let mostPerHost = 4

    // Read and written under the lock only.
    nonisolated(unsafe) private var sessions: [HostName: [Session]] = [:]
    /// Not a `Mutex` of the standard library: ThreadSanitizer would not know it. Never freed while somebody uses the cache.
    nonisolated(unsafe) private let lock = unsafe lock_make()

    private func withLock<Result>(_ body: (inout [HostName: [Session]]) -> Result) -> Result {
        unsafe lock_acquire(lock)
        defer { unsafe lock_release(lock) }
        return unsafe body(&sessions)
    }

    deinit {
        for session in unsafe sessions.values.joined() { unsafe SSL_SESSION_free(session.pointer) }
        unsafe lock_free(lock)
    }

    /// How many hosts there are sessions with.
    var hostCount: Int { withLock { $0.count } }

    /// Keeps a session; the reference is this cache's from now on.
    func add(_ pointer: OpaquePointer, for host: HostName) {
        let session = unsafe Session(pointer: pointer)
        let dropped = withLock { sessions -> [Session] in
            var dropped: [Session] = []
            if sessions[host] == nil, sessions.count >= Self.mostHosts, let other = sessions.keys.first {
                dropped = sessions.removeValue(forKey: other) ?? []
            }
            sessions[host, default: []].append(session)
            if sessions[host]!.count > Self.mostPerHost { dropped.append(sessions[host]!.removeFirst()) }
            return dropped
        }
        for session in dropped { unsafe SSL_SESSION_free(session.pointer) }
    }

    /// Tells a new connection the latest session with that host, if there is one. Those of TLS 1.3 are used once, so that nobody
    /// who listens can tell that two connections belong together.
    func resume(_ connection: OpaquePointer, with host: HostName) {
        let session = withLock { sessions -> Session? in
            let session = sessions[host]?.popLast()
            // A host without sessions does not count.
            if sessions[host]?.isEmpty == true { sessions[host] = nil }
            return session
        }
        guard let session else { return }
        // It keeps a reference of its own. When it refuses, the handshake is a whole one.
        unsafe SSL_set_session(connection, session.pointer)
        if unsafe SSL_SESSION_get_protocol_version(session.pointer) < TLS1_3_VERSION,
            unsafe SSL_SESSION_is_resumable(session.pointer) != 0
        {
            return unsafe add(session.pointer, for: host)
        }
        unsafe SSL_SESSION_free(session.pointer)
    }
}
#endif
