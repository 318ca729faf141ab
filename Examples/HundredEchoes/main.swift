// A server and a hundred clients, each of which says two hundred lines and hears every one of them again.
import Hub
import Tasklets

let server = Server(on: try TCPListener(on: .loopback, port: 0))
Tasklet(name: "server") { try server.run { connection in try connection.write(from: connection) } }

let echoes = try (1...100).concurrentMap(limit: 100) { number in
    let client = try TCPConnection.connect(to: server.listener.address)
    defer { client.close() }
    var heard = 0
    for line in 1...200 {
        try client.write("client \(number), line \(line)\n")
        if try client.readLine() == "client \(number), line \(line)" { heard += 1 }
    }
    return heard
}
server.stop()
try Tasklet.runUntilDone()
print(echoes.reduce(0, +), "echoes")
