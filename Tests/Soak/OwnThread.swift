import Glibc

/// A thread that can be waited for: until its scheduler has ended too.
struct OwnThread {
    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) {
            self.run = run
        }
    }

    private let thread: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
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
        guard code == 0 else { fail("the system refuses a thread: \(String(cString: strerror(code)))") }
        thread = made
    }

    /// Runs `body` on so many threads and waits for all of them.
    static func run(count: Int, _ body: @escaping @Sendable (_ index: Int) -> Void) {
        let threads = (0..<count).map { index in OwnThread { body(index) } }
        for thread in threads { pthread_join(thread.thread, nil) }
    }
}
