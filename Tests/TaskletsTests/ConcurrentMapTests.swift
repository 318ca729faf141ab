import Tasklets
import TestSupport
import Testing

struct ConcurrentMapTests {
    private struct Failure: Error, Equatable {
        var number = 0
    }

    @Test func resultsAreInTheOrderOfTheInputs() throws {
        try Scheduler.scope { () throws -> Void in
            let delays = [5, 1, 4, 0, 3]
            for limit in [1, 2, 3, 5, Int.max] {
                let got = try delays.concurrentMap(limit: limit) { delay in
                    for _ in 0..<delay { try Tasklet.schedule() }
                    return "\(delay)"
                }
                #expect(got == ["5", "1", "4", "0", "3"])
            }
            let none: [Int] = try [Int]().concurrentMap { $0 }
            #expect(none == [])
        }
    }

    /// Pulled and not transformed: never more than the limit.
    @Test(arguments: 1...4) func inputsArePulledWhenThereIsRoom(limit: Int) throws {
        try Scheduler.scope { () throws -> Void in
            var pulled = 0
            var done = 0
            var most = 0
            let inputs = sequence(state: 0) { (number: inout Int) -> Int? in
                guard number < 20 else { return nil }
                number += 1
                pulled += 1
                most = max(most, pulled - done)
                return number
            }
            let got = try inputs.concurrentMap(limit: limit) { number in
                for _ in 0..<(number % 4) { try Tasklet.schedule() }
                done += 1
                return number * number
            }
            #expect(got == (1...20).map { $0 * $0 })
            #expect(most == limit)
        }
    }

    @Test func theFirstErrorCancelsTheRest() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws -> Void in
            var pulled = 0
            let inputs = (0..<100).lazy.map { number in
                pulled += 1
                return number
            }
            #expect(throws: Failure(number: 3)) {
                try inputs.concurrentMap(limit: 4) { number in
                    let object = Tracked(counter)
                    defer { withExtendedLifetime(object) {} }
                    if number == 3 { throw Failure(number: 3) }
                    try Tasklet.sleep(for: .seconds(3600))
                }
            }
            #expect(pulled == 4)
            #expect(counter.count == 0)
        }
    }

    /// There is no output then: no result for the whole, as with the promise of such a tasklet.
    @Test func oneThatIsKilledOrCancelledEndsItByACancellation() throws {
        try Scheduler.scope { () throws -> Void in
            #expect(throws: CancellationError.self) {
                try (1...3).concurrentMap { number in
                    if number == 2 { throw TaskletExit() }
                }
            }
            var children: [Tasklet] = []
            Tasklet {
                // The children are behind it.
                try Tasklet.schedule()
                children[0].cancel()
                try children[1].kill(pending: true)
            }
            var ended = 0
            #expect(throws: CancellationError.self) {
                try (1...3).concurrentMap { number in
                    children.append(Tasklet.current)
                    defer { ended += 1 }
                    for _ in 0..<3 { try Tasklet.sleep(for: .zero) }
                }
            }
            #expect(ended == 3)
        }
    }

    /// The closure does not escape: it may use what the caller has borrowed.
    @Test func theClosureMayUseWhatTheCallerHasBorrowed() throws {
        try Scheduler.scope { () throws -> Void in
            var sum = 0
            func addAll(to sum: inout Int) throws {
                _ = try (1...4).concurrentMap(limit: 2) { sum += $0 }
            }
            try addAll(to: &sum)
            #expect(sum == 10)
        }
    }
}
