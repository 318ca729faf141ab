import Channels
import Sync
import Tasklets
import TestSupport
import Testing

/// What trio's users rely on in cancel scopes and timeouts. Here a tasklet, a group or a time limit is what is cancelled.
/// docs/PeerCases.md lists all cases.
struct TrioScopeTests {
    private let log = Log()

    private func sleepForever() throws { try Semaphore(0).acquire() }

    // MARK: Where a cancellation comes

    /// Runs `body` in a tasklet that has been cancelled before it begins.
    private func inACancelledTasklet(_ body: @escaping () throws -> Void) throws {
        try withVirtualTime { () throws -> Void in
            let tasklet = Tasklet {
                log.note("started")
                log.note("body", body)
            }
            tasklet.cancel()
            tasklet.cancel()
            try Tasklet.runUntilDone()
            #expect(milliseconds() == 0)
        }
    }

    @Test func oneThatIsCancelledBeforehandBegins() throws {
        try inACancelledTasklet { try sleepForever() }
        #expect(log.lines == ["started", "body: cancelled"])
    }

    @Test func everyWaitThrowsAgain() throws {
        try inACancelledTasklet {
            for number in 1...3 { log.note("\(number)") { try sleepForever() } }
            log.note("check") { try Tasklet.checkCancellation() }
            log.note("zero") { try Tasklet.sleep(for: .zero) }
        }
        #expect(
            log.lines == [
                "started", "1: cancelled", "2: cancelled", "3: cancelled", "check: cancelled", "zero: cancelled",
                "body: done",
            ]
        )
    }

    /// Giving way is no wait, and does not throw. trio's checkpoint does.
    @Test func givingWayIsNoWait() throws {
        try inACancelledTasklet {
            try Tasklet.schedule()
            #expect(Tasklet.isCancelled)
        }
        #expect(log.lines == ["started", "body: done"])
    }

    @Test func aShieldIsEndedByWhatIsInside() throws {
        try inACancelledTasklet {
            try withCancellationShield {
                try Tasklet.sleep(for: .zero)
                // The shield does not hold off a limit inside.
                log.note("limit") { try withTimeout(.zero, throwing: Interruption()) { try sleepForever() } }
                try Tasklet.sleep(for: .zero)
            }
            log.note("after") { try Tasklet.sleep(for: .zero) }
            try withCancellationShield { try Tasklet.sleep(for: .zero) }
            try Tasklet.sleep(for: .zero)
        }
        #expect(log.lines == ["started", "limit: Interruption()", "after: cancelled", "body: cancelled"])
    }

    /// Cleanup of a cancelled tasklet that may take a second and no longer.
    @Test func cleanupWithATimeLimit() throws {
        try withVirtualTime { () throws -> Void in
            let tasklet = Tasklet {
                defer {
                    log.note("cleanup") {
                        try withCancellationShield {
                            try withTimeout(.seconds(1), throwing: Interruption()) { try sleepForever() }
                        }
                    }
                }
                try sleepForever()
            }
            try Tasklet.schedule()
            tasklet.cancel()
            try Tasklet.runUntilDone()
            #expect(log.lines == ["cleanup: Interruption()"])
            #expect(milliseconds() == 1000)
        }
    }

    /// A shield that begins while the error is on its way out changes nothing about it.
    @Test func aShieldWhileTheErrorIsOnItsWay() throws {
        try inACancelledTasklet {
            defer { withCancellationShield { log.note("shielded") } }
            try sleepForever()
        }
        #expect(log.lines == ["started", "shielded", "body: cancelled"])
    }

    // MARK: Time limits

    @Test func aLimitThatIsPassedUnseenIsForgotten() throws {
        try withVirtualTime { () throws -> Void in
            try withTimeout(.zero) { try withCancellationShield { try Tasklet.sleep(for: .milliseconds(5)) } }
            try Tasklet.sleep(for: .milliseconds(5))
            #expect(milliseconds() == 10)
        }
    }

    /// Of two blocks that have expired the outer one counts, whoever asks.
    @Test func theOuterOfTwoBlocksWins() throws {
        struct Outer: Error {}
        try withVirtualTime { () throws -> Void in
            #expect(throws: Outer.self) {
                try withTimeout(.milliseconds(10), throwing: Outer()) {
                    try withTimeout(.milliseconds(10), orElse: ()) { try sleepForever() }
                    Issue.record("the inner block must not be left well")
                }
            }
            let start = Scheduler.current.now
            #expect(throws: TimeoutError.self) {
                try withDeadline(start.advanced(by: .milliseconds(5))) {
                    try withDeadline(start.advanced(by: .milliseconds(7))) { try sleepForever() }
                }
            }
            #expect(milliseconds() == 15)
        }
    }

    /// A deadline that has passed is no error: the first wait throws. trio refuses negative delays.
    @Test func timesThatHavePassed() throws {
        try withVirtualTime { () throws -> Void in
            try Tasklet.sleep(for: .seconds(-1))
            try Tasklet.sleep(until: Scheduler.current.now.advanced(by: .seconds(-1)))
            #expect(try withTimeout(.seconds(-1)) { 5 } == 5)
            #expect(throws: TimeoutError.self) { try withTimeout(.seconds(-1)) { try sleepForever() } }
            #expect(throws: TimeoutError.self) {
                try withDeadline(Scheduler.current.now) { try Tasklet.sleep(for: .zero) }
            }
            #expect(milliseconds() == 0)
        }
    }

    /// The time counts from the moment when the block is entered.
    @Test func theTimeBeginsWithTheBlock() throws {
        try withVirtualTime { () throws -> Void in
            let limit = Duration.milliseconds(5)
            for _ in 1...2 {
                try Tasklet.sleep(for: .milliseconds(3))
                #expect(throws: TimeoutError.self) { try withTimeout(limit, sleepForever) }
            }
            #expect(milliseconds() == 16)
        }
    }

    /// The error of the outermost block passes thousands of others.
    @Test(arguments: [1, 100, 2000]) func deepNesting(depth: Int) throws {
        try withVirtualTime { () throws -> Void in
            var depthReached = 0
            func nest(_ level: Int) throws {
                if level == 0 { return try sleepForever() }
                depthReached += 1
                try withTimeout(.seconds(1000 + depth - level), orElse: ()) { try nest(level - 1) }
            }
            let program = Tasklet(stackSize: 32 << 20) {
                log.note("outermost") { try withTimeout(.seconds(1), throwing: Interruption()) { try nest(depth) } }
            }
            try Tasklet.runUntilDone()
            #expect(!program.isAlive)
            #expect(depthReached == depth)
            #expect(log.lines == ["outermost: Interruption()"])
            #expect(milliseconds() == 1000)
        }
    }

    /// Many limits that never expire leave nothing that would wake the thread.
    @Test func manyBlocksThatAreLeft() throws {
        try withVirtualTime { () throws -> Void in
            try withTimeout(.seconds(9999)) {
                for number in 0..<5000 {
                    try withTimeout(.seconds(9998 - number % 2)) { if number % 100 == 0 { try Tasklet.schedule() } }
                }
                try Tasklet.sleep(for: .milliseconds(10))
            }
            #expect(milliseconds() == 10)
            #expect(SchedulerCore.current.validate() == [])
            try Tasklet.runUntilDone()
            #expect(milliseconds() == 10)
        }
    }

    // MARK: What ends with a cancellation

    @Test func localsEndWithACancelledTasklet() throws {
        let living = Tracked.Counter()
        try Scheduler.scope { () throws -> Void in
            let promise = Tasklet.spawn {
                let tracked = Tracked(living)
                defer { withExtendedLifetime(tracked) {} }
                try sleepForever()
            }
            try Tasklet.schedule()
            #expect(living.count == 1)
            promise.tasklet?.cancel()
            try Tasklet.schedule()
            #expect(living.count == 0)
            #expect(throws: CancellationError.self) { try promise.value() }
        }
    }
}
