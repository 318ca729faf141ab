// An echo server. It listens on the port that is its argument, until its standard input ends:
//
//     swift run EchoServer 7777        and elsewhere:  nc 127.0.0.1 7777
import Hub
import Tasklets

let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 0
let server = Server(on: try TCPListener(on: .loopback, port: port))
Tasklet(name: "end of input") {
    _ = try PipeReader.standardInput().readAll()
    server.stop()
}
print(try server.run { connection in try connection.write(from: connection) })
