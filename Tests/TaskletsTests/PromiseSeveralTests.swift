import Tasklets
import TestSupport
import Testing

/// Waiting for several promises.
struct PromiseSeveralTests {
    private struct Failure: Error, Equatable {
        var number = 0
    }

    /// A tasklet that gives its number after so many turns.
    private func after(_ turns: Int, number: Int, fails: Bool = false) -> Promise<Int> {
        Tasklet.spawn {
            for _ in 0..<turns { try Tasklet.schedule() }
            if fails { throw Failure(number: number) }
            return number
        }
    }

    @Test func allInTheOrderOfTheList() throws {
        try Scheduler.scope { () throws -> Void in
            let promises = [3, 1, 2].enumerated().map { after($1, number: $0) }
            #expect(try Promise.all(promises) == [0, 1, 2])
            #expect(try Promise.all(promises, within: .zero) == [0, 1, 2], "they are there")
            #expect(try Promise<Int>.all([]) == [])
            #expect(try Promise<Int>.all([], within: .zero) == [])
        }
    }

    @Test func theFirstOnesInTheOrderOfTheirEnds() throws {
        try Scheduler.scope { () throws -> Void in
            let promises = [5, 1, 3, 2].enumerated().map { after($1, number: $0) }
            #expect(try Promise.first(of: promises) == 1)
            #expect(try Promise.first(3, of: promises) == [1, 3, 2])
            #expect(try Promise.first(4, of: promises) == [1, 3, 2, 0])
            #expect(try Promise.first(9, of: promises) == [1, 3, 2, 0], "not more than there are")
            #expect(try Promise.first(0, of: promises) == [])
        }
    }

    @Test func theFirstErrorIsThrownAtOnce() throws {
        try Scheduler.scope { () throws -> Void in
            let promises = [
                after(9, number: 0), after(2, number: 1, fails: true), after(1, number: 2),
                after(3, number: 3, fails: true),
            ]
            #expect(throws: Failure(number: 1)) { try Promise.all(promises) }
            #expect(promises[0].tasklet?.isAlive == true, "the others go on")
            #expect(try Promise.first(1, of: [promises[2]]) == [2])
            #expect(throws: Failure(number: 1)) { try Promise.first(of: [promises[1]]) }
            #expect(throws: Failure(number: 3)) { try Promise.first(2, of: [promises[0], promises[3]]) }
        }
    }

    /// The error of the third does not matter to one who waits for two.
    @Test func anErrorThatComesLaterDoesNotMatter() throws {
        try Scheduler.scope { () throws -> Void in
            let promises = (0..<3).map { _ in Promise<Int>() }
            let waiter = Tasklet.spawn { try Promise.first(2, of: promises) }
            try Tasklet.schedule()
            promises[2].fulfill(2)
            promises[0].fulfill(0)
            promises[1].fail(Failure())
            #expect(try waiter.value() == [2, 0])
            _ = promises[1].result
        }
    }

    @Test func timeIsUp() throws {
        try Scheduler.scope { () throws -> Void in
            let never = Promise<Int>()
            let done = Promise<Int>()
            done.fulfill(1)
            #expect(try Promise.all([done, never], within: .milliseconds(2)) == nil)
            #expect(try Promise.first(of: [never], within: .milliseconds(2)) == nil)
            #expect(try Promise.first(of: [never, done], within: .milliseconds(2)) == 1)
            #expect(try Promise.first(2, of: [never, done], within: .milliseconds(2)) == [1])
            let soon = Tasklet.spawn {
                try Tasklet.sleep(for: .milliseconds(1))
                return 2
            }
            #expect(try Promise.all([soon, done], within: .seconds(60)) == [2, 1])
            #expect(throws: DeadlockError.self) { try Promise.all([done, never]) }
        }
    }

    @Test func aWaitForSeveralIsReported() throws {
        try Scheduler.scope { () throws -> Void in
            let promises = (0..<3).map { _ in Promise<Int>() }
            let line = #line - 1
            let deadlock = try #require(throws: DeadlockError.self) { try Promise.first(2, of: promises) }
            let place = "value of promise 'promise' (made at TaskletsTests/PromiseSeveralTests.swift:\(line))"
            #expect(deadlock.waiters.map(\.operation) == [Array(repeating: place, count: 3).joined(separator: " or ")])
        }
    }

    @Test func oneThatIsKilledLeavesNothingBehind() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws -> Void in
            let promises = (0..<3).map { _ in Promise<Tracked>() }
            let waiters = (0..<4).map { number in
                Tasklet {
                    let object = Tracked(counter)
                    defer { withExtendedLifetime(object) {} }
                    if number % 2 == 0 {
                        _ = try Promise.all(promises)
                    } else {
                        _ = try Promise.first(2, of: promises, within: .seconds(60))
                    }
                }
            }
            try Tasklet.schedule()
            #expect(counter.count == 4)
            for waiter in waiters { try waiter.kill() }
            #expect(counter.count == 0)
            for promise in promises { promise.fulfill(Tracked(counter)) }
            #expect(try Promise.all(promises).count == 3)
        }
        #expect(counter.count == 0)
    }

    @Test func noneAtAllTraps() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { _ = try Promise<Int>.first(of: []) }
        }
        let message = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(message.contains("first(of:) needs at least one promise."))
    }
}
