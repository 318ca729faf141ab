import TaskletKit

// A server: each connection is handled by a tasklet, in blocking style.
let server = Server(on: try TCPListener(on: .loopback, port: 0), limit: 100)
Tasklet(name: "server") {
    try server.run { connection in
        while let line = try connection.readLine() { try connection.write("you said \(line)\n") }
    }
}

// Ten clients, at most three at a time, each with a second to get its answer.
let answers = try (1...10).concurrentMap(limit: 3) { number in
    try withTimeout(.seconds(1)) {
        let client = try TCPConnection.connect(to: server.listener.address)
        defer { client.close() }
        try client.write("\(number)\n")
        return try client.readLine() ?? "nothing"
    }
}
print(answers.joined(separator: ", "))

server.stop()
try Tasklet.runUntilDone()
