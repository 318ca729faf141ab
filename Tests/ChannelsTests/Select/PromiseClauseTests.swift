import Channels
import Tasklets
import TestSupport
import Testing

/// Promises as clauses of a select.
struct PromiseClauseTests {
    private struct Failure: Error {}

    @Test func aResultThatIsThereIsReady() throws {
        try Scheduler.scope {
            let answer = Promise<Int>()
            let numbers = Channel<Int>()
            answer.fulfill(42)
            let chosen = try select {
                numbers.onReceive { "number \($0)" }
                answer.onValue { "answer \($0)" }
            }
            #expect(chosen == "answer 42")
            // It stays.
            let again = try select {
                answer.onValue { $0 }
                otherwise { 0 }
            }
            #expect(again == 42)
        }
    }

    @Test func theFirstResultEndsTheWait() throws {
        var log: [String] = []
        try Scheduler.scope(clock: .virtual) {
            let slow = Tasklet.spawn {
                try Tasklet.sleep(for: .seconds(2))
                return "slow"
            }
            let quick = Tasklet.spawn {
                try Tasklet.sleep(for: .seconds(1))
                return "quick"
            }
            for _ in 1...2 {
                try select {
                    slow.onValue { log.append($0) }
                    if log.isEmpty { quick.onValue { log.append($0) } }
                    after(.seconds(10)) { log.append("late") }
                }
            }
            try Tasklet.run()
        }
        #expect(log == ["quick", "slow"])
    }

    @Test func theErrorOfAPromiseIsThrown() throws {
        try Scheduler.scope {
            let failing = Tasklet.spawn { () throws -> Int in throw Failure() }
            #expect(throws: Failure.self) {
                try select {
                    failing.onValue { _ in }
                    after(.seconds(60)) {}
                }
            }
            // It has been taken: run() does not throw it again.
            try Tasklet.run()
        }
    }

    @Test func aWaitThatEndsLeavesTheLine() throws {
        let living = Tracked.Counter()
        try Scheduler.scope(clock: .virtual) {
            do {
                let never = Promise<Tracked>()
                let inTime = try select {
                    never.onValue { _ in true }
                    after(.seconds(1)) { false }
                }
                #expect(!inTime)
                never.fulfill(Tracked(living))
                #expect(living.count == 1)
            }
            #expect(living.count == 0)
        }
    }

    @Test func anotherThreadBringsTheResult() throws {
        try Scheduler.scope {
            for number in 1...200 {
                let answer = Promise<Int>()
                answer.share()
                let numbers = Channel<Int>()
                let thread = TestThread { answer.fulfill(number) }
                let found = try select {
                    numbers.onReceive { $0 }
                    answer.onValue { $0 }
                }
                #expect(found == number)
                thread.join()
            }
        }
    }
}
