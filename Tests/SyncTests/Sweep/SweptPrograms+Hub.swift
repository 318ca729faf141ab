import Channels
import Hub
import Sync
import Tasklets
import TestSupport

/// Programs that wait for real sockets. A tasklet that is ended before it begins leaves its partner waiting for ever, so there is
/// a time limit; by the virtual clock it is up as soon as nothing is on its way.
extension SweptProgram {
    static let outside = [
        SweptProgram("a server with clients") { world in
            let server = Server(on: try TCPListener(on: .loopback, port: 0), limit: 2)
            world.expectAtTheEnd("no connection is handled") { server.connectionCount == 0 }
            world.watch(server.stopping)
            let address = server.listener.address
            world.start {
                try server.run { connection in
                    let object = world.object()
                    while let line = try connection.readLine() { try connection.write("\(line)\n") }
                    withExtendedLifetime(object) {}
                }
            }
            defer { server.stop() }
            try withTimeout(.seconds(1)) {
                try withTaskletGroup(of: Tracked.self) { group in
                    for number in 0..<3 {
                        let client = world.tracked {
                            let client = try TCPConnection.connect(to: address)
                            try client.write("\(number)\n")
                            _ = try client.readLine()
                            return world.object()
                        }
                        try group.add(client)
                    }
                    while try group.next() != nil {}
                }
            }
        },
        SweptProgram("more than there is room for") { world in
            let (near, far) = try UnixConnection.pair()
            let sent = [UInt8](repeating: 7, count: 600_000)
            world.start {
                defer { far.close() }
                try far.write(from: far)
            }
            world.start {
                defer { try? near.finishWriting() }
                try near.write(sent)
            }
            defer { near.close() }
            var count = 0
            try withTimeout(.seconds(1)) {
                while case let bytes = try near.read(upTo: 50_000), bytes != [] { count += bytes.count }
            }
        },
        SweptProgram("datagrams") { world in
            let (first, second) = (try UDPSocket(on: .loopback), try UDPSocket(on: .loopback))
            defer {
                first.close()
                second.close()
            }
            world.start { while true { try second.send(second.receive().bytes, to: first.address) } }
            try withTimeout(.seconds(1)) {
                for number in 0..<4 {
                    try first.send("\(number)", to: second.address)
                    _ = try first.receive()
                }
            }
        },
    ]
}
