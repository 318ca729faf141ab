#if HTTP
import HTTP
import HTTPTypes
import Hub
import Tasklets
import TestSupport
import Testing

/// A server that a test talks to, on a port of its own.
final class Site {
    let server: HTTPServer<TCPListener>
    /// What handlers have thrown, as it would have been reported.
    var errors: [String] = []

    init(_ limits: HTTPLimits, grace: Duration) throws {
        server = HTTPServer(on: try TCPListener(on: .loopback, port: 0), grace: grace, limits: limits)
        server.onError = { [unowned self] error, request in errors.append("\(request): \(error)") }
    }

    var address: SocketAddress { server.listener.address }

    func url(_ path: String) -> String { "http://\(address)\(path)" }

    func connect() throws -> TCPConnection { try TCPConnection.connect(to: address) }

    /// Sends bytes as they are, says that no more come, and returns all that comes back.
    func exchange(_ request: String) throws -> String {
        let connection = try connect()
        defer { connection.close() }
        try connection.write(request)
        try connection.finishWriting()
        return String(decoding: try connection.readAll(), as: UTF8.self)
    }
}

/// Runs a server while the body does, and looks that nothing stays open.
func withSite(
    _ limits: HTTPLimits = HTTPLimits(),
    grace: Duration = .seconds(10),
    handle: @escaping (HTTPServerRequest, HTTPServerResponse) throws -> Void = echo,
    body: (Site) throws -> Void
) throws {
    try Scheduler.scope {
        let site = try Site(limits, grace: grace)
        let served = Tasklet.spawn(name: "site") { try site.server.run(handle) }
        try Tasklet.schedule()
        do {
            defer { site.server.stop() }
            try body(site)
        }
        _ = try served.value()
        #expect(try openDescriptors() == 0)
    }
}

/// Answers with the request: method, path and body.
func echo(_ request: HTTPServerRequest, _ response: HTTPServerResponse) throws {
    let body = try request.body.readText(limit: 1_000_000)
    try response.send(.ok, [:], "\(request.method) \(request.path) \(body)\n")
}

/// How many descriptors of the hub are open on this scheduler.
func openDescriptors() throws -> Int {
    (try HubCore.current().ports as! SystemPorts).openCount
}

/// The statuses of the answers in what a server has sent, one after the other.
func statuses(_ text: String) -> [Int] {
    text.matches(of: #/HTTP/1\.1 (\d{3}) /#).compactMap { Int($0.1) }
}
#endif
