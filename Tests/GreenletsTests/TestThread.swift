import Dispatch
import Glibc

/// A system thread that can be waited for until its scheduler has ended too.
struct TestThread {
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
        guard code == 0 else { fatalError("the system refuses a thread: \(code)") }
        thread = made
    }

    func join() {
        pthread_join(thread, nil)
    }
}

/// Carries what stays on one thread to another one, where the tests show that it is refused.
struct Smuggled<Value>: @unchecked Sendable {
    let value: Value
}
