import Channels
import Tasklets
import TestSupport
import Testing

/// Blocks with a time limit (WhoRunsWhen, "Time limits"). On the virtual clock, so that all times are exact.
struct TimeoutTests {
    struct Own: Error, Equatable {
        var text = "own"
    }

    /// Runs `body` as main of a scope whose clock is virtual.
    func virtual(_ body: () throws -> Void) throws {
        try Scheduler.scope(clock: .virtual) {
            try body()
            #expect(SchedulerCore.current.validate() == [])
        }
    }

    func milliseconds() -> Int64 { SchedulerCore.current.now / 1_000_000 }

    @Test func aWaitEndsWhenTheTimeIsUp() throws {
        try virtual {
            let channel = Channel<Int>()
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(10)) { try channel.receive() } }
            #expect(milliseconds() == 10)
            #expect(channel.balance == 0)
            // The limit ends with its block.
            try Tasklet.sleep(for: .milliseconds(20))
            #expect(milliseconds() == 30)
        }
    }

    @Test func whatComesInTimeCounts() throws {
        try virtual {
            let channel = Channel<Int>()
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(5))
                try channel.send(7)
            }
            let value = try withTimeout(.milliseconds(10)) { try channel.receive() }
            #expect(value == 7)
            #expect(milliseconds() == 5)
        }
    }

    @Test func theErrorMayBeTheCallers() throws {
        try virtual {
            let channel = Channel<Int>()
            #expect(throws: Own(text: "slow")) {
                try withTimeout(.milliseconds(10), throwing: Own(text: "slow")) { try channel.receive() }
            }
            // Made only when a limit is set, whether or not it expires; what the body throws is what comes out.
            #expect(throws: Own(text: "body")) {
                try withTimeout(.milliseconds(10), throwing: Own(text: "slow")) { throw Own(text: "body") }
            }
        }
    }

    @Test func aValueMayStandForTheError() throws {
        try virtual {
            let channel = Channel<Int>()
            let late = try withTimeout(.milliseconds(10), orElse: -1) { try channel.receive() }
            #expect(late == -1)
            let inTime = try withTimeout(.milliseconds(10), orElse: -1) { 3 }
            #expect(inTime == 3)
        }
    }

    @Test func aDeadlineIsATime() throws {
        try virtual {
            let deadline = Scheduler.current.now.advanced(by: .milliseconds(10))
            try Tasklet.sleep(for: .milliseconds(4))
            #expect(throws: TimeoutError.self) { try withDeadline(deadline) { try Tasklet.sleep(for: .seconds(1)) } }
            #expect(milliseconds() == 10)
        }
    }

    // MARK: Swallowed errors

    @Test func aSwallowedErrorIsThrownByTheNextWait() throws {
        try virtual {
            let channel = Channel<Int>()
            var caught = 0
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) {
                    for _ in 1...3 {
                        do { _ = try channel.receive() } catch { caught += 1 }
                    }
                    try Tasklet.sleep(for: .milliseconds(5))
                }
            }
            #expect(caught == 3)
            #expect(milliseconds() == 10)
        }
    }

    @Test func aSwallowedErrorIsThrownAtTheEndOfTheBlock() throws {
        try virtual {
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) { try? Tasklet.sleep(for: .seconds(1)) }
            }
            // Another error of the body comes out instead.
            #expect(throws: Own()) {
                try withTimeout(.milliseconds(10)) {
                    do { try Tasklet.sleep(for: .seconds(1)) } catch { throw Own() }
                }
            }
        }
    }

    /// A loop that swallows it keeps nobody from running.
    @Test func aRefusedWaitGivesWay() throws {
        try virtual {
            var turns = 0
            var isOver = false
            Tasklet {
                for _ in 1...5 {
                    turns += 1
                    try Tasklet.schedule()
                }
                isOver = true
            }
            #expect(throws: TimeoutError.self) {
                try withTimeout(.zero) { while !isOver { try? Tasklet.sleep(for: .seconds(1)) } }
            }
            #expect(turns == 5)
        }
    }

    @Test(arguments: [0, -5]) func noTimeIsUpAtTheFirstWait(milliseconds: Int) throws {
        try virtual {
            let channel = Channel<Int>()
            Tasklet { try channel.send(1) }
            try Tasklet.schedule()
            let received = try withTimeout(.milliseconds(milliseconds)) { try channel.receive() }
            #expect(received == 1, "a meeting is no wait")
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(milliseconds)) { try channel.receive() }
            }
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(milliseconds)) { try Tasklet.sleep(for: .zero) }
            }
            let result = try withTimeout(.milliseconds(milliseconds)) { 5 }
            #expect(result == 5, "there was no wait")
        }
    }

    /// Without a wait the time is not noticed, and the result counts.
    @Test func workThatDoesNotWaitIsNotInterrupted() throws {
        try Scheduler.scope {
            let value = try withTimeout(.nanoseconds(1)) {
                var sum = 0
                for number in 0..<10_000 { sum += number % 7 }
                return sum
            }
            #expect(value > 0)
        }
    }
}
