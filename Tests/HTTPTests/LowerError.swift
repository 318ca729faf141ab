#if HTTP
import Hub

/// An error of a protocol below HTTP: what TLS throws when a connection ends without its notice is one.
struct LowerError: ConnectionError {
    let isOfOtherSide: Bool
}
#endif
