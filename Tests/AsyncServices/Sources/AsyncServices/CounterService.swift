import Channels
import Foundation
import Hub
import ServiceLifecycle
import Tasklets

/// A service whose inside is tasklets, on a thread of its own: it hands out numbers, each once.
final class CounterService: Service {
    /// The door to the tasklets.
    let scheduler = Promise<SchedulerExecutor>(name: "the counter's scheduler")
    private let stop = Promise<Void>(name: "stop")
    /// Nobody but the tasklets uses it.
    private let numbers = Channel<Int>(name: "numbers")
    /// What was handed out, for async functions.
    let handedOut = Channel<Int>(name: "handed out")

    /// Inside a tasklet of the scheduler.
    func next() throws -> Int {
        let number = try numbers.receive()
        try handedOut.send(number)
        return number
    }

    func run() async throws {
        let hasEnded = Promise<Void>(name: "the end of the counter's thread")
        Thread.detachNewThread { [self] in
            do {
                try Scheduler.scope {
                    let counter = Tasklet(name: "counter") { [self] in for number in 1... { try numbers.send(number) } }
                    scheduler.fulfill(Scheduler.current.executor)
                    try stop.value()
                    try counter.kill()
                    handedOut.finish()
                }
                hasEnded.fulfill(())
            } catch {
                hasEnded.fail(error)
            }
        }
        try await withGracefulShutdownHandler {
            try await hasEnded.value()
        } onGracefulShutdown: { [stop] in
            stop.fulfill(())
        }
    }
}
