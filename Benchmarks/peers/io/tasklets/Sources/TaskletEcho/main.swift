// Echo by tasklets, one for each connection. Prints the port; ends when its standard input does.
import Glibc
import Hub
import Tasklets

var limit = rlimit()
unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
limit.rlim_cur = limit.rlim_max
unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

let server = Server(on: try TCPListener(on: .loopback, port: 0), limit: 100_000, grace: .zero)
print(server.listener.address.port)
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
