// A proxy: two tasklets for each connection, one for each direction.
import Hub
import Tasklets

func startProxy(to address: SocketAddress) throws -> Server<TCPListener> {
    let proxy = Server(on: try TCPListener(on: .loopback, port: 0))
    Tasklet(name: "proxy") {
        try proxy.run { client in
            let server = try TCPConnection.connect(to: address)
            defer { server.close() }
            try withTaskletGroup(of: Int.self) { group in
                try group.add(name: "up") {
                    defer { try? server.finishWriting() }
                    return try server.write(from: client)
                }
                try group.add(name: "down") {
                    defer { try? client.finishWriting() }
                    return try client.write(from: server)
                }
                var total = 0
                while let count = try group.next() { total += count }
                print(total, "bytes went through")
            }
        }
    }
    return proxy
}

let echo = Server(on: try TCPListener(on: .loopback, port: 0))
Tasklet(name: "echo") { try echo.run { connection in try connection.write(from: connection) } }
let proxy = try startProxy(to: echo.listener.address)

let client = try TCPConnection.connect(to: proxy.listener.address)
let sent = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
Tasklet(name: "sender") {
    try client.write(sent)
    try client.finishWriting()
}
let received = try client.readAll()
while proxy.connectionCount > 0 { try Tasklet.sleep(for: .milliseconds(1)) }
print(received == sent ? "all came back" : "something is wrong")
proxy.stop()
echo.stop()
