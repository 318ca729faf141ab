// An HTTP server that answers "hello" on a free port, which it prints; ends when its standard input does.
import Foundation
import HTTP
import Hub
import Tasklets

let server = HTTPServer(on: try TCPListener(on: .loopback, port: 0))
print(server.listener.address.port)
fflush(nil)
Tasklet(name: "end") {
    try Hub.waitReadable(0)
    exit(0)
}
try server.run { _, response in
    try response.send(.ok, [.contentType: "text/plain; charset=utf-8"], "hello\n")
}
