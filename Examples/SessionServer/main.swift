// Each request has a tasklet, and the request is a value of that tasklet: functions find it without being given it.
import Hub
import Tasklets

struct Request {
    let path: String
    let client: SocketAddress
}

enum Session {
    static let request = TaskletLocal<Request?>(nil)
}

func greeting() -> String {
    guard let request = Session.request.value else { return "nobody asks" }
    return "Hello \(request.client.ip!), you asked for \(request.path)"
}

let server = Server(on: try TCPListener(on: .any, port: 0))
Tasklet(name: "server") {
    try server.run { connection in
        guard let path = try connection.readLine() else { return }
        try Session.request.withValue(Request(path: path, client: connection.remoteAddress)) {
            // The others have their turn in the middle of the request.
            try Tasklet.sleep(for: .milliseconds(1))
            try connection.write(greeting() + "\n")
        }
        if Session.request.value != nil { print("a request is left behind") }
    }
}

// A hundred clients at the same time, each from an address of its own.
let answers = try (1...100).concurrentMap(limit: 100) { number in
    let here = IPAddress(bytes: [127, 0, 1, UInt8(number)])
    let connection = try TCPConnection.connect(
        to: SocketAddress(.loopback, port: server.listener.address.port),
        from: here
    )
    defer { connection.close() }
    try connection.write("/page/\(number)\n")
    return try connection.readLine() ?? "no answer"
}
let right = (1...100).filter { answers[$0 - 1] == "Hello 127.0.1.\($0), you asked for /page/\($0)" }
print(answers[0])
print(right.count, "right answers;", greeting())
server.stop()
