// An HTTP server that answers "hello" on a free port, which it prints.
import Foundation
import HTTP
import Hub

let server = HTTPServer(on: try TCPListener(on: .loopback, port: 0))
print(server.listener.address.port)
fflush(nil)
try server.run { _, response in
    try response.send(.ok, [.contentType: "text/plain; charset=utf-8"], "hello\n")
}
