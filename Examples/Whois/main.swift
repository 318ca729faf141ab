// A client of a protocol of lines, as whois is: ask, then read until the other side closes; not longer than a time limit.
import Hub
import Tasklets

struct NoAnswer: Error {}

func whois(_ name: String, at server: SocketAddress) throws -> [String] {
    try withTimeout(.milliseconds(200), throwing: NoAnswer()) {
        let connection = try TCPConnection.connect(to: server)
        defer { connection.close() }
        try connection.write(name + "\r\n")
        var lines: [String] = []
        while let line = try connection.readLine(limit: 1000) { lines.append(line) }
        return lines
    }
}

let server = Server(on: try TCPListener(on: .loopback, port: 0), grace: .zero)
Tasklet(name: "server") {
    try server.run { connection in
        switch try connection.readLine() {
        case "example": try connection.write("name: example\r\nowner: nobody\r\n")
        case "slow": try Tasklet.sleep(for: .seconds(3600))
        default: try connection.write("no match\r\n")
        }
    }
}
for name in ["example", "slow", "other"] {
    do {
        print("\(name):", try whois(name, at: server.listener.address).joined(separator: "; "))
    } catch is NoAnswer {
        print("\(name): no answer in time")
    }
}
server.stop()
try Tasklet.runUntilDone()
