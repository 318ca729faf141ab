// Tasklets and libraries of Swift Concurrency, under load: a Hummingbird server whose handlers ask tasklets, as services of
// ServiceLifecycle; tasklets that ask it by AsyncHTTPClient; what happens is heard through AsyncAlgorithms.
import AsyncAlgorithms
import AsyncHTTPClient
import Hub
import Hummingbird
import Logging
import ServiceLifecycle
import Tasklets

let requests = 2_000
let counter = CounterService()
let port = Promise<Int>(name: "port")

let router = Router()
router.get("next") { _, _ in
    let scheduler = try await counter.scheduler.value()
    return "\(try await scheduler.run(name: "request") { try counter.next() })"
}
var logger = Logger(label: "services")
logger.logLevel = .error
let server = Application(
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { channel in port.fulfill(channel.localAddress!.port!) },
    logger: logger
)
let group = ServiceGroup(services: [counter, server], logger: logger)
let services = Hub.task { try await group.run() }

let pieces = Hub.task {
    var pieces: [Int] = []
    for try await piece in counter.handedOut.values.chunks(ofCount: 100) { pieces.append(piece.count) }
    return pieces
}

let address = "http://127.0.0.1:\(try port.value())/next"
let numbers = try (1...requests).concurrentMap(limit: 50) { _ in
    try withTimeout(.seconds(60)) {
        try Tasklet.await {
            let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: address), timeout: .seconds(60))
            let body = try await answer.body.collect(upTo: 100)
            return Int(String(buffer: body)) ?? 0
        }
    }
}
print("numbers:", numbers.count, "different:", Set(numbers).count, "sum:", numbers.reduce(0, +))

_ = Hub.task { await group.triggerGracefulShutdown() }
try services.value()
print("pieces:", try pieces.value() == Array(repeating: 100, count: requests / 100))
