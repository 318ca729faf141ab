// Echo by tasklets, one for each connection; on as many threads as the argument says, 1 if nothing is said. Prints the port; ends
// when its standard input does.
import Channels
import Foundation
import Hub
import Tasklets

var limit = rlimit()
unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
limit.rlim_cur = limit.rlim_max
unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

/// A server of the thread that calls.
@Sendable func makeServer(port: UInt16) throws -> Server<TCPListener> {
    Server(on: try TCPListener(on: .loopback, port: port, sharesPort: true), limit: 100_000, grace: .zero)
}

@Sendable func answer(_ connection: TCPConnection) throws {
    try unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { buffer in
        while case let count = try unsafe connection.read(into: buffer), count > 0 {
            try unsafe connection.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

let threads = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1])! : 1
let server = try makeServer(port: 0)
let port = server.listener.address.port
let isListening = Channel<Bool>()
isListening.share()
for _ in 1..<threads {
    Thread.detachNewThread {
        do {
            let server = try makeServer(port: port)
            try isListening.send(true)
            _ = try server.run(answer)
        } catch {
            fatalError("\(error)")
        }
    }
}
for _ in 1..<threads { _ = try isListening.receive() }
print(port)
fflush(nil)
Tasklet(name: "server") { _ = try server.run(answer) }
try Hub.waitReadable(0)
exit(0)
