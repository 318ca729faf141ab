import Channels
import Sync
import Tasklets
import TestSupport
import Testing

/// What gevent's users rely on in time limits. docs/PeerCases.md lists all cases.
struct GeventTimeoutTests {
    private let log = Log()

    private func sleep(_ time: Int64) throws { try Tasklet.sleep(for: .milliseconds(time)) }

    /// A block that has expired begins anew when it is entered again.
    @Test func aBlockInALoopExpiresEachTime() throws {
        try withVirtualTime { () throws -> Void in
            for number in 1...3 {
                #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(10)) { try Semaphore(0).acquire() } }
                #expect(milliseconds() == Int64(10 * number))
            }
        }
    }

    @Test func aBlockThatIsLeftIsForgotten() throws {
        try withVirtualTime { () throws -> Void in
            try withTimeout(.milliseconds(20)) { try sleep(10) }
            log.note("failing") { try withTimeout(.milliseconds(20)) { throw Interruption() } }
            #expect(log.lines == ["failing: Interruption()"])
            try sleep(100)
            #expect(milliseconds() == 110)
        }
    }

    /// A limit that may be there or not: gevent's `Timeout(None)`.
    @Test(arguments: [nil, Duration.milliseconds(10)]) func aLimitThatMayBeAbsent(limit: Duration?) throws {
        try withVirtualTime { () throws -> Void in
            let hasEnded = try withTimeout(limit ?? .seconds(Int64.max), orElse: false) {
                try sleep(1_000_000)
                return true
            }
            #expect(hasEnded == (limit == nil))
        }
    }

    @Test func theValueStandsForTheErrorOfItsOwnBlockOnly() throws {
        try withVirtualTime { () throws -> Void in
            #expect(
                try withTimeout(.milliseconds(10), orElse: "late") {
                    try sleep(20)
                    return "in time"
                } == "late"
            )
            #expect(
                try withTimeout(.milliseconds(20), orElse: "late") {
                    try sleep(10)
                    return "in time"
                } == "in time"
            )
            log.note("failing") { try withTimeout(.milliseconds(20), orElse: ()) { throw Interruption() } }
            #expect(log.take() == ["failing: Interruption()"])
            // The value of the outer block ends both.
            let value = try withTimeout(.milliseconds(10), orElse: "outer") {
                let inner = try withTimeout(.milliseconds(100), orElse: "inner") {
                    try sleep(600)
                    return "none"
                }
                log.note("after \(inner)")
                return inner
            }
            #expect(value == "outer")
            #expect(log.lines.isEmpty)
        }
    }

    /// The message says which of several blocks it was.
    @Test func theErrorNamesItsBlock() throws {
        try withVirtualTime { () throws -> Void in
            var lines: [String] = []
            for milliseconds in [20, 1] {
                do {
                    try withTimeout(.milliseconds(10), fileID: "outer", line: 1) {
                        try withTimeout(.milliseconds(milliseconds), fileID: "inner", line: 2) { try sleep(30) }
                    }
                } catch { lines.append("\(error)") }
            }
            #expect(lines == ["The time is up that was set at outer:1.", "The time is up that was set at inner:2."])
        }
    }

    /// The error that was prepared for a block lives no longer than the block.
    @Test(arguments: [false, true]) func thePreparedErrorIsReleased(expires: Bool) throws {
        struct Prepared: Error, @unchecked Sendable {
            let tracked: Tracked

            init(_ counter: Tracked.Counter) { tracked = Tracked(counter) }
        }
        let living = Tracked.Counter()
        try withVirtualTime { () throws -> Void in
            var hasThrown = false
            do {
                try withTimeout(.milliseconds(10), throwing: Prepared(living)) { try sleep(expires ? 20 : 5) }
            } catch is Prepared { hasThrown = true }
            #expect(hasThrown == expires)
            #expect(living.count == 0)
        }
    }

    /// Blocks of several tasklets with equal times expire in the order in which they were entered.
    @Test func equalTimesExpireInOrder() throws {
        try withVirtualTime { () throws -> Void in
            for name in ["a", "b", "c"] {
                Tasklet {
                    log.note(name) { try withTimeout(.milliseconds(10), throwing: Interruption()) { try sleep(20) } }
                }
            }
            try Tasklet.run()
            #expect(log.lines == ["a", "b", "c"].map { "\($0): Interruption()" })
            #expect(milliseconds() == 10)
        }
    }

    // MARK: A busy tasklet

    /// A sleep of zero is a wait, so it ends with the block; `Tasklet.schedule()` is none. On the real clock: the virtual one
    /// stands still while a tasklet is runnable.
    @Test(arguments: [false, true]) func aLoopThatSleepsForNothingIsEnded(isAlone: Bool) throws {
        try Scheduler.scope { () throws -> Void in
            var isOver = false
            var turns = 0
            if !isAlone {
                Tasklet {
                    while !isOver {
                        turns += 1
                        try Tasklet.schedule()
                    }
                }
            }
            let start = Scheduler.current.now
            log.note("loop") {
                try withTimeout(.milliseconds(10), throwing: Interruption()) {
                    while true { try Tasklet.sleep(for: .zero) }
                }
            }
            isOver = true
            #expect(log.lines == ["loop: Interruption()"])
            #expect(start.duration(to: Scheduler.current.now) >= .milliseconds(10))
            #expect((turns == 0) == isAlone)
            try Tasklet.run()
        }
    }

    /// All tasklets have so much time together, and go on when they are given more.
    @Test func aTimeForAllTasklets() throws {
        for _ in 1...2 {
            try withVirtualTime { () throws -> Void in
                let sleeper = Tasklet { try sleep(10_000) }
                try Tasklet.run(for: .milliseconds(50))
                #expect(milliseconds() == 50)
                #expect(sleeper.isAlive)
                try Tasklet.run(for: .seconds(10))
                #expect(milliseconds() == 10_000)
                #expect(!sleeper.isAlive)
                let next = Tasklet { try sleep(10_000) }
                try Tasklet.schedule()
                try next.kill()
                try Tasklet.runUntilDone()
                #expect(milliseconds() == 10_000)
            }
        }
    }
}
