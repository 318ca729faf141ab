import Tasklets

/// Runs `body` in a scope whose virtual clock begins at zero.
func withVirtualTime(_ body: () throws -> Void) throws {
    try Scheduler.scope(clock: .virtual) { try body() }
}

/// What that clock shows.
func milliseconds() -> Int64 { Scheduler.current.now.nanoseconds / 1_000_000 }
