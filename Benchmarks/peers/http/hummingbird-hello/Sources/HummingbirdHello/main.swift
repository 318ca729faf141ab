// An HTTP server that answers "hello" on a free port, which it prints; ends when its standard input does.
import Foundation
import Hummingbird
import Logging
import NIOPosix

let router = Router()
router.get("/") { _, _ in "hello\n" }
var logger = Logger(label: "hello")
logger.logLevel = .critical
let app = Application(
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { channel in
        print(channel.localAddress!.port!)
        fflush(nil)
    },
    eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
    logger: logger
)
Thread {
    // Not by getchar, which would keep the lock that fflush takes.
    var byte: UInt8 = 0
    while read(0, &byte, 1) > 0 {}
    exit(0)
}.start()
try await app.runService()
