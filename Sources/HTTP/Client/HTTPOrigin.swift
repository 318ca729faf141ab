#if HTTP
/// Where a server is: what a client keeps its connections by.
public struct HTTPOrigin: Hashable, Sendable, CustomStringConvertible {
    /// In small letters: `http`, `https`.
    public let scheme: String
    /// A name or an address; one of version 6 without its brackets.
    public let host: String
    public let port: UInt16

    public var description: String { "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// A URL in parts, as far as HTTP uses it.
struct HTTPLocation {
    let origin: HTTPOrigin
    /// Host and port as they were written.
    let authority: String
    /// Path and query; "/" when there is none.
    let path: String

    init(_ text: String) throws(HTTPError) {
        guard let mark = text.firstRange(of: "://") else {
            throw .notAnAddress("\"\(text)\" does not begin with http://")
        }
        let rest = text[mark.upperBound...].prefix { $0 != "#" }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let path = rest[end...]
        try self.init(
            scheme: text[..<mark.lowerBound].lowercased(),
            authority: String(rest[..<end]),
            path: path.first == "/" ? String(path) : "/" + path
        )
    }

    init(scheme: String, authority: String, path: String) throws(HTTPError) {
        let ports: [String: UInt16] = ["http": 80, "https": 443]
        guard let usual = ports[scheme] else { throw .notAnAddress("\"\(scheme)\" is neither http nor https") }
        guard !authority.isEmpty, authority.utf8.allSatisfy(\.mayBeInHost) else {
            throw .notAnAddress("\"\(authority)\" is no host")
        }
        guard path.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw .notAnAddress("the path \"\(path)\" has spaces or control characters: write them as %20")
        }
        var host = authority[...]
        var port = usual
        if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
            host = authority[..<colon]
            guard let number = UInt16(authority[authority.index(after: colon)...]) else {
                throw .notAnAddress("\"\(authority)\" has no number of a port behind the colon")
            }
            port = number
        }
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .notAnAddress("\"\(authority)\" has colons: put an address of version 6 in brackets, as [::1]")
        }
        guard !host.contains("["), !host.contains("]") else {
            throw .notAnAddress("\"\(authority)\" is no host")
        }
        guard !host.isEmpty else { throw .notAnAddress("\"\(authority)\" names no host") }
        origin = HTTPOrigin(scheme: scheme, host: String(host).lowercased(), port: port)
        self.authority = authority
        self.path = path
    }
}
#endif
