import CTasklets

/// Where a socket is: an address and a port, or a path.
///
/// ```swift
/// let address = SocketAddress(.loopback, port: 8080)
/// print(address, SocketAddress.unix("/run/service"))  // 127.0.0.1:8080 /run/service
/// ```
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    case internet(IPAddress, port: UInt16)
    /// A path in the file system, of at most 107 bytes; "@name" is a name that belongs to no file.
    case unix(String)

    public init(_ address: IPAddress, port: UInt16) {
        self = .internet(address, port: port)
    }

    /// An address written as "127.0.0.1" or "::1".
    ///
    /// - Throws: `HubError.notAnAddress`.
    public init(_ address: String, port: UInt16) throws {
        guard let parsed = IPAddress(address) else { throw HubError.notAnAddress(address) }
        self = .internet(parsed, port: port)
    }

    /// - Throws: `SystemError` for a path that is empty or too long.
    package init(path: String) throws(SystemError) {
        if path.isEmpty { throw SystemError(.noSuchFile, "socket at an empty path") }
        if path.utf8.count > 107 { throw SystemError(.nameTooLong, "socket at \(path)") }
        self = .unix(path)
    }

    /// 0 for a path.
    public var port: UInt16 {
        if case .internet(_, let port) = self { port } else { 0 }
    }

    /// `nil` for a path.
    public var ip: IPAddress? {
        if case .internet(let address, _) = self { address } else { nil }
    }

    public var description: String {
        switch self {
        case .internet(let address, let port): address.isVersion6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .unix(let path): path
        }
    }
}

extension SocketAddress {
    package enum Family {
        case version4
        case version6
        case unix

        var number: Int32 {
            switch self {
            case .version4: Int32(socket_family_4)
            case .version6: Int32(socket_family_6)
            case .unix: Int32(socket_family_unix)
            }
        }
    }

    package var family: Family {
        switch self {
        case .internet(let address, _): address.isVersion6 ? .version6 : .version4
        case .unix: .unix
        }
    }

    /// As the system has it.
    var system: socket_address {
        var system = socket_address()
        system.family = family.number
        let bytes: [UInt8]
        switch self {
        case .internet(let address, let port):
            bytes = address.bytes
            system.port = UInt32(port)
            system.scope = address.scope
        case .unix(let path):
            bytes = path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : [UInt8](path.utf8)
        }
        unsafe withUnsafeMutableBytes(of: &system.bytes) { memory in
            unsafe memory.copyBytes(from: bytes.prefix(memory.count))
            system.length = UInt32(min(bytes.count, memory.count))
        }
        return system
    }

    /// `nil` for one without a name.
    init?(_ system: socket_address) {
        let bytes = unsafe withUnsafeBytes(of: system.bytes) { unsafe [UInt8]($0.prefix(Int(system.length))) }
        switch system.family {
        case Int32(socket_family_4), Int32(socket_family_6):
            self = .internet(
                IPAddress(bytes: bytes, scope: system.scope),
                port: UInt16(truncatingIfNeeded: system.port)
            )
        case Int32(socket_family_unix):
            let isAbstract = bytes.first == 0
            self = .unix((isAbstract ? "@" : "") + String(decoding: bytes.dropFirst(isAbstract ? 1 : 0), as: UTF8.self))
        default: return nil
        }
    }
}
