// Which ports are open? At most twenty are tried at the same time, each for at most half a second.
import Hub
import Tasklets

func isOpen(_ port: UInt16) throws -> Bool {
    do {
        return try withTimeout(.milliseconds(500), orElse: false) {
            try TCPConnection.connect(to: SocketAddress(.loopback, port: port)).close()
            return true
        }
    } catch let error as SystemError where error.code == .connectionRefused {
        return false
    }
}

let listeners = try (0..<3).map { _ in try TCPListener(on: .loopback, port: 0) }
let open = listeners.map(\.address.port).sorted()
let candidates = Set(open.flatMap { max($0, 1030) - 30..<min($0, 65_500) + 30 }).sorted()

var active = 0
var most = 0
let found = try candidates.concurrentMap(limit: 20) { port in
    active += 1
    most = max(most, active)
    defer { active -= 1 }
    return try isOpen(port) ? port : nil
}.compactMap { $0 }
print(open.allSatisfy(found.contains) ? "found all that listen" : "missed one")
print(most <= 20 ? "never more than 20 at a time" : "too many at a time")
