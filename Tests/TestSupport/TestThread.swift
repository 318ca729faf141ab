package import Glibc

/// A system thread that can be waited for until its scheduler has ended too.
package struct TestThread: @unchecked Sendable {
    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) {
            self.run = run
        }
    }

    private let thread: pthread_t

    package init(_ body: @escaping @Sendable () -> Void) {
        var made = pthread_t()
        let code = pthread_create(
            &made,
            nil,
            { argument in
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(Body(body)).toOpaque()
        )
        guard code == 0 else { fatalError("the system refuses a thread: \(String(cString: strerror(code)))") }
        thread = made
    }

    /// Waits until the thread is gone. Called once.
    package func join() {
        pthread_join(thread, nil)
    }

    /// Runs `body` on so many threads and waits for all of them.
    package static func run(count: Int, _ body: @escaping @Sendable (_ index: Int) -> Void) {
        let threads = (0..<count).map { index in TestThread { body(index) } }
        for thread in threads { thread.join() }
    }

    /// Whether the caller runs on the thread whose identity this is.
    package static func isCurrent(_ identity: pthread_t) -> Bool {
        pthread_equal(pthread_self(), identity) != 0
    }
}
