import CTasklets
import Synchronization

/// A number that some threads raise and one thread waits for.
///
/// Safe because the lock is made for the life of the object and is a lock.
@safe
final class Turnstile: @unchecked Sendable {
    private let number = Atomic(0)
    private let lock: OpaquePointer

    /// How often it looks before it sleeps: some ten microseconds, about as long as falling asleep and being woken take.
    private static let spins = 1000

    init() {
        unsafe lock = unsafe lock_make()
    }

    deinit {
        unsafe lock_free(lock)
    }

    /// Adds one. What this thread has written before is seen by the one that waits.
    func raise() {
        number.add(1, ordering: .releasing)
        unsafe lock_acquire(lock)
        unsafe lock_wake(lock)
        unsafe lock_release(lock)
    }

    /// Returns when the number is at least `target`.
    func wait(for target: Int) {
        if thread_processor_count() > 1 {
            for _ in 0..<Turnstile.spins {
                if number.load(ordering: .acquiring) >= target { return }
                thread_relax()
            }
        }
        unsafe lock_acquire(lock)
        while number.load(ordering: .acquiring) < target { _ = unsafe lock_sleep(lock, .max) }
        unsafe lock_release(lock)
    }
}
