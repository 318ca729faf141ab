import Glibc
import Synchronization
import TestSupport

/// Ends the program when nothing has moved for a while: every wait must end.
enum Watchdog {
    private static let ticks = Atomic<Int>(0)
    /// The seed of the running round, for every message.
    private static let seed = Atomic<UInt64>(0)
    private static let patience = 30

    static func tick() {
        ticks.add(1, ordering: .relaxed)
    }

    static var currentSeed: UInt64 { seed.load(ordering: .relaxed) }

    static func begin(round seed: UInt64) {
        self.seed.store(seed, ordering: .relaxed)
        tick()
    }

    static func start() {
        _ = TestThread {
            var last = -1
            var secondsSinceTick = 0
            while true {
                sleep(1)
                let now = ticks.load(ordering: .relaxed)
                secondsSinceTick = now == last ? secondsSinceTick + 1 : 0
                last = now
                if secondsSinceTick >= patience { fail("nothing has moved for \(patience) seconds") }
            }
        }
    }
}

/// Reports a violation and ends the program at once, as it stands: a debugger or a core dump sees what went wrong.
func fail(_ text: String) -> Never {
    print("soak: \(text). Again with: --seed \(Watchdog.currentSeed)")
    fflush(nil)
    abort()
}
