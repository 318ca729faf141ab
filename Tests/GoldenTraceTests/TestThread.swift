import Dispatch
import Foundation
import Tasklets

/// A system thread whose end, the clean-up of its tasklets included, can be waited for.
final class TestThread: @unchecked Sendable {
    private final class Body {
        let run: @Sendable () throws -> Void
        let log: ThreadLog

        init(_ run: @escaping @Sendable () throws -> Void, _ log: ThreadLog) {
            self.run = run
            self.log = log
        }
    }

    private var handle: pthread_t

    /// Starts a thread. An error its body throws becomes a line of the log, so that the trace differs.
    init(_ log: ThreadLog, _ body: @escaping @Sendable () throws -> Void) {
        handle = pthread_t()
        let argument = unsafe Unmanaged.passRetained(Body(body, log)).toOpaque()
        let failure = unsafe pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                do {
                    try body.run()
                } catch {
                    body.log("thread ended with \(errorKind(error))")
                }
                return nil
            },
            argument
        )
        precondition(failure == 0, "pthread_create failed with \(failure)")
    }

    /// Waits until the thread is gone. Called once.
    func join() {
        pthread_join(handle, nil)
    }

    /// Whether the caller runs on the thread whose identity this is.
    static func isCurrent(_ identity: pthread_t) -> Bool {
        pthread_equal(pthread_self(), identity) != 0
    }
}

/// Something one thread tells another. It waits in the system, so the library counts the thread as able to run.
struct Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func give() { semaphore.signal() }

    func wait() { semaphore.wait() }
}
