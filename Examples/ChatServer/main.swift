// Everybody hears what somebody says. Each client has two tasklets: one reads, and one writes what is in the client's queue, so
// that a slow reader holds up nobody.
import Hub
import Sync
import Tasklets

final class Room {
    private var queues: [String: Queue<String>] = [:]

    func join(_ name: String) -> Queue<String> {
        let queue = Queue<String>(capacity: 100)
        say("\(name) joins")
        queues[name] = queue
        return queue
    }

    func leave(_ name: String) {
        queues.removeValue(forKey: name)?.finish()
        say("\(name) leaves")
    }

    /// Whoever is a hundred lines behind misses some.
    func say(_ line: String) {
        for queue in queues.values { _ = queue.trySend(line) }
    }
}

let room = Room()
let server = Server(on: try TCPListener(on: .loopback, port: 0))
Tasklet(name: "server") {
    try server.run { connection in
        guard let name = try connection.readLine() else { return }
        let lines = room.join(name)
        let writer = Tasklet.spawn(name: "writer for \(name)") {
            while let line = try lines.next() { try connection.write(line + "\n") }
        }
        defer { room.leave(name) }
        while let line = try connection.readLine(limit: 1000) { room.say("\(name): \(line)") }
        lines.finish()
        try writer.value()
    }
}

func join(_ address: SocketAddress, as name: String) throws -> TCPConnection {
    let connection = try TCPConnection.connect(to: address)
    try connection.write(name + "\n")
    return connection
}

let ann = try join(server.listener.address, as: "Ann")
try ann.write("is anybody here?\n")
print("Ann hears", try ann.readLine()!)
let ben = try join(server.listener.address, as: "Ben")
print("Ann hears", try ann.readLine()!)
try ben.write("I am\n")
print("Ann hears", try ann.readLine()!)
print("Ben hears", try ben.readLine()!)
ben.close()
print("Ann hears", try ann.readLine()!)
ann.close()
server.stop()
try Tasklet.runUntilDone()
