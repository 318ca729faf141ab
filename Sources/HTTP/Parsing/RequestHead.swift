#if HTTP
import HTTPTypes
import NIOHTTP1

/// The head of a request, checked: what the parser lets through and what may still be told apart in two ways is refused.
struct RequestHead {
    let request: HTTPRequest
    let isVersion10: Bool
    let keepsAlive: Bool
    /// Whether the client waits for a word before it sends the body.
    let expectsContinue: Bool
    /// Whether what follows may be another protocol: by CONNECT, or by `Upgrade` together with `Connection: upgrade`.
    let asksForUpgrade: Bool
    /// Whether the parser may stop behind this message.
    let endsParsing: Bool
    let framing: BodyFraming

    init(_ head: HTTPRequestHead) throws(HTTPError) {
        guard head.version.major == 1, head.version.minor <= 1 else { throw .unknownVersion }
        isVersion10 = head.version.minor == 0
        keepsAlive = head.isKeepAlive
        var host: String?
        var fields = try HTTPFields(head.headers) { (value: String) throws(HTTPError) in
            guard host == nil else { throw .malformed("more than one Host") }
            host = value
        }
        if host == nil, !isVersion10 { throw .malformed("no Host") }
        if let host, !host.utf8.allSatisfy(\.mayBeInHost) { throw .malformed("a Host of other characters") }
        framing = try BodyFraming(fields, isVersion10: isVersion10)
        if let expectation = fields[.expect], !isVersion10 {
            guard expectation.lowercased() == "100-continue" else { throw .unknownExpectation(expectation) }
            expectsContinue = framing != .none
        } else {
            expectsContinue = false
        }
        endsParsing = head.method == .CONNECT || fields.contains(.upgrade)
        let hasOption = (fields[.connection] ?? "").lowercased().split(separator: ",").contains {
            String($0.drop { $0 == " " || $0 == "\t" }).withoutTrailingSpaces == "upgrade"
        }
        asksForUpgrade = head.method == .CONNECT || (fields.contains(.upgrade) && hasOption && !isVersion10)
        // A field that asks for nothing, since it was meant for the server in front of this one or is of HTTP/1.0, is ignored.
        if !asksForUpgrade { fields[.upgrade] = nil }
        guard let method = HTTPRequest.Method(rawValue: head.method.rawValue) else {
            throw .malformed("a method that is no word")
        }
        let target = try RequestTarget(head.uri, method, host: host)
        request = HTTPRequest(
            method: method,
            scheme: target.scheme,
            authority: target.authority,
            path: target.path,
            headerFields: fields
        )
    }
}

/// What a request asks for: a path mostly, a whole URL as proxies get it, an authority with CONNECT, or `*` with OPTIONS.
private struct RequestTarget {
    let scheme: String?
    let authority: String?
    let path: String?

    init(_ text: String, _ method: HTTPRequest.Method, host: String?) throws(HTTPError) {
        if text.utf8.first == UInt8(ascii: "/") || (text == "*" && method == .options) {
            (scheme, authority, path) = (nil, host, text)
        } else if method == .connect {
            (scheme, authority, path) = (nil, text, nil)
        } else {
            do {
                let location = try HTTPLocation(text)
                (scheme, authority, path) = (location.origin.scheme, location.authority, location.path)
            } catch {
                throw .malformed("a target that is neither a path nor a URL")
            }
        }
    }
}

/// How the end of a body is found.
enum BodyFraming: Equatable {
    case none
    case length(Int)
    case chunked

    init(_ fields: HTTPFields, isVersion10: Bool) throws(HTTPError) {
        if fields.contains(.transferEncoding) {
            // Who understands one of both and who the other would see different messages in the same bytes.
            if fields.contains(.contentLength) { throw .malformed("a Content-Length and a Transfer-Encoding") }
            if isVersion10 { throw .malformed("a Transfer-Encoding in HTTP/1.0") }
            let codings = fields[.transferEncoding] ?? ""
            guard codings.lowercased() == "chunked" else { throw .unsupported("Transfer-Encoding: \(codings)") }
            self = .chunked
        } else if fields.contains(.contentLength) {
            let values = fields[values: .contentLength]
            guard values.count == 1, values[0].utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(values[0])
            else {
                throw .malformed("a Content-Length that is not one number")
            }
            self = length == 0 ? .none : .length(length)
        } else {
            self = .none
        }
    }
}

extension HTTPFields {
    /// - Parameter takeHost: is given the values of Host, which has its place elsewhere.
    init(_ headers: HTTPHeaders, takeHost: ((String) throws(HTTPError) -> Void)? = nil) throws(HTTPError) {
        self.init()
        reserveCapacity(headers.count)
        for (name, value) in headers {
            // Spaces behind a value are no part of it; the parser takes away only those in front.
            let value = value.withoutTrailingSpaces
            guard let name = HTTPField.Name(name) else { throw .malformed("a field whose name is no word") }
            if let takeHost, name == .host {
                try takeHost(value)
            } else {
                guard HTTPField.isValidValue(value) else { throw .malformed("a field with control characters") }
                append(HTTPField(name: name, value: value))
            }
        }
    }
}

extension String {
    fileprivate var withoutTrailingSpaces: String {
        guard let last = utf8.last, last == 32 || last == 9 else { return self }
        let end = utf8.lastIndex { $0 != 32 && $0 != 9 }
        return end.map { String(self[...$0]) } ?? ""
    }
}

extension HTTPField.Name {
    static let host = HTTPField.Name("Host")!
}

extension UInt8 {
    /// Whether it may be in a name of a machine, an address or a port.
    var mayBeInHost: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
#endif
