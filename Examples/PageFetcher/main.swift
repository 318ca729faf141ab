// Three pages from servers that take 200 ms each: one after the other, and together. The calls are the same: what waits for a
// socket lets the other tasklets run.
import Channels
import Hub
import Tasklets

/// A server that takes its time.
func startServer(_ text: String) throws -> Server<TCPListener> {
    let server = Server(on: try TCPListener(on: .loopback, port: 0))
    Tasklet(name: "server of \(text)") {
        try server.run { connection in
            while let line = try connection.readLine(), !line.isEmpty {}
            try Tasklet.sleep(for: .milliseconds(200))
            try connection.write("HTTP/1.0 200 OK\r\n\r\n\(text)")
        }
    }
    return server
}

func fetch(_ address: SocketAddress) throws -> String {
    let connection = try TCPConnection.connect(to: address)
    defer { connection.close() }
    try connection.write("GET / HTTP/1.0\r\n\r\n")
    while let line = try connection.readLine(), !line.isEmpty {}
    return String(decoding: try connection.readAll(), as: UTF8.self)
}

func tenths(_ body: () throws -> [String]) rethrows -> String {
    let start = Scheduler.current.now
    let pages = try body().joined(separator: ", ")
    let tenths = start.duration(to: Scheduler.current.now) / .milliseconds(100)
    return "\(pages) in \(Int(tenths)) tenths of a second"
}

let servers = try ["apples", "pears", "plums"].map(startServer)
let addresses = servers.map(\.listener.address)
print("one after the other:", try tenths { try addresses.map(fetch) })
print("together:", try tenths { try addresses.concurrentMap(limit: 3) { try fetch($0) } })
for server in servers { server.stop() }
