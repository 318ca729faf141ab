// Echo over TLS by tasklets, one for each connection: TaskletTLS CERTIFICATE KEY. Prints the port; ends when its standard input
// does.
import Glibc
import Hub
import TLS
import Tasklets

let context = try TLSContext.server(
    TLSIdentity(certificateFile: CommandLine.arguments[1], keyFile: CommandLine.arguments[2])
)
let connections = try TCPListener(on: .loopback, port: 0)
let server = Server(on: TLSListener(on: connections, context), limit: 100_000, grace: .zero)
print(connections.address.port)
fflush(nil)
Tasklet(name: "server") {
    try server.run { connection in
        try unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { buffer in
            while case let count = try unsafe connection.read(into: buffer), count > 0 {
                try unsafe connection.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
try Hub.waitReadable(0)
exit(0)
