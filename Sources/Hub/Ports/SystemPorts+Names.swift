import CTasklets

extension SystemPorts {
    package func lookUp(_ name: String) -> @Sendable () throws -> [IPAddress] {
        {
            var found = [socket_address](repeating: socket_address(), count: Int(names_most_addresses))
            let count = unsafe found.withUnsafeMutableBufferPointer { memory in
                unsafe name.withCString { unsafe names_look_up($0, memory.baseAddress!) }
            }
            guard count >= 0 else {
                throw HubError.unknownName(name, reason: unsafe String(cString: names_error_text(count)))
            }
            return found[..<Int(count)].compactMap { SocketAddress($0)?.ip }
        }
    }
}
