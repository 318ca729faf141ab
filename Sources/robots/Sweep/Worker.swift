import Glibc

/// Threads of the operating system.
enum Worker {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Calls `body` in as many threads as there are processors, and waits until all calls have returned.
    static func runOnAllProcessors(atMost count: Int, _ body: @escaping @Sendable () -> Void) throws {
        let count = min(count, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        var threads: [pthread_t] = []
        for _ in 0..<count {
            let argument = unsafe Unmanaged.passRetained(Body(body))
            var thread = pthread_t()
            let code = unsafe pthread_create(
                &thread,
                nil,
                { argument in
                    unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                },
                argument.toOpaque()
            )
            guard code == 0 else {
                unsafe argument.release()
                // Those that have started do the work.
                if threads.isEmpty { body() }
                break
            }
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}
