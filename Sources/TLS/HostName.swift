#if TLS
import Hub

/// The name or the address of a server that a client asks for, as certificates have it.
struct HostName: Hashable, Sendable {
    let text: String
    /// Addresses are looked for at another place in a certificate, and are not told to the server.
    let isAddress: Bool

    /// - Throws: `TLSError.notAHost`.
    init(_ name: String) throws {
        if let address = IPAddress(name) {
            // The interface of a link-local address means nothing to others.
            text = IPAddress(bytes: address.bytes).description
            isAddress = true
            return
        }
        // The dot at the end of a full name is in no certificate.
        let text = name.hasSuffix(".") ? String(name.dropLast()) : name
        let isName = text.utf8.allSatisfy { byte in
            switch UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 ? UInt8(ascii: "a") : byte {
            case UInt8(ascii: "a"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isName, (1...253).contains(text.utf8.count), !text.hasPrefix(".") else { throw TLSError.notAHost(name) }
        self.text = text
        isAddress = false
    }
}
#endif
