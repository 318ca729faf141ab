import Channels
import Exploration
import Foundation
import Sync
import Synchronization
import Tasklets
import TestSupport
import Testing

/// By what a schedule fails, and what is told of it.
struct FailureTests {
    /// The failure that is expected; it is recorded as an issue as well.
    private func failure(
        _ search: Search = .departures(),
        where points: Points = .operations,
        time: TimeModel = .whenIdle,
        _ program: () throws -> Void
    ) throws -> ScheduleFailure {
        var found: Exploration?
        withKnownIssue { found = try explore(search, where: points, time: time, program) }
        #expect(found!.isComplete == false)
        return try #require(found!.failures.first)
    }

    @Test func anError() throws {
        struct Failure: Error, Equatable { let number: Int }
        let found = try failure {
            Tasklet { throw Failure(number: 1) }
            try Tasklet.run()
        }
        guard case .error(let error) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(error as? Failure == Failure(number: 1))
        #expect(found.schedule.departures.isEmpty)
    }

    @Test func taskletsThatStillWait() throws {
        let found = try failure {
            let channel = Channel<Int>(name: "numbers")
            Tasklet(name: "reader") { _ = try channel.receive() }
            try Tasklet.run()
        }
        guard case .stuck = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(found.description.contains("reader"))
        #expect(found.description.contains("receive on channel 'numbers'"))
    }

    @Test func aDeadlockOfMain() throws {
        let found = try failure {
            let channel = Channel<Int>(name: "numbers")
            _ = try channel.receive()
        }
        guard case .error(let error) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(error is DeadlockError)
    }

    /// The condition is asked between two steps, also of a schedule that repairs it before its end.
    @Test func aCheck() throws {
        let found = try failure {
            let sum = Shared(0)
            check(sum.value >= 0, "the sum is not negative")
            Tasklet(name: "adder") {
                try interruptionPoint()
                sum.value += 1
            }
            Tasklet(name: "taker") {
                try interruptionPoint()
                sum.value -= 1
            }
            try Tasklet.run()
            #expect(sum.value == 0)
        }
        guard case .check(let text) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(text == "the sum is not negative")
        #expect(found.schedule.departures.count == 1)
    }

    /// What is wrong already, and what is wrong at the end only.
    @Test(arguments: [true, false]) func aCheckWithoutAChoice(isWrongAtOnce: Bool) throws {
        let found = try failure {
            var number = isWrongAtOnce ? 1 : 0
            check(number == 0, "it is zero")
            number = 1
        }
        guard case .check = found.reason else { return #expect(Bool(false), "\(found.reason)") }
    }

    /// A variable that is not `Shared` is one that the reduction does not see.
    @Test func theReductionSaysWhatItMisses() throws {
        let found = try failure(.independent) {
            var sum = 0
            for _ in 0..<2 {
                Tasklet {
                    let former = sum
                    try interruptionPoint()
                    sum = former + 1
                }
            }
            try Tasklet.run()
            #expect(sum == 2)
        }
        #expect(found.isMissedByReduction)
        #expect("\(found)".contains("Make it Shared"))
    }

    @Test(arguments: ["i9 0:1", "i3 0:7", "i3 300:1"] as [Schedule]) func aLineOfAnotherProgram(line: Schedule) throws {
        let found = try failure(.replay(line)) {
            for _ in 0..<2 { Tasklet { try interruptionPoint() } }
            try Tasklet.run()
        }
        guard case .otherProgram = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(found.schedule == line)
    }

    /// A search that cannot begin says why.
    @Test func emptySearchesTrap() async {
        func expectTrap(_ text: String, _ result: ExitTest.Result?) {
            let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(said.contains(text), "\(said)")
        }
        await expectTrap(
            "A budget is one schedule or more, not 0.",
            #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                try synchronously { try explore(budget: .schedules(0)) {} }
            }
        )
        await expectTrap(
            "A budget is no less than zero seconds, not -1.0.",
            #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                try synchronously { try explore(budget: .seconds(-1)) {} }
            }
        )
        await expectTrap(
            "upTo is 0 or more, not -1.",
            #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                try synchronously { try explore(.departures(upTo: -1)) {} }
            }
        )
        await expectTrap(
            "runs is 1 or more, not 0.",
            #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                try synchronously { try explore(.random(seed: 1, runs: 0)) {} }
            }
        )
        await expectTrap(
            "runs is 1 or more, not -2.",
            #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                try synchronously { try explore(.priorities(depth: 2, seed: 1, runs: -2)) {} }
            }
        )
    }

    @Test func theSmallestBudgetIsOneSchedule() throws {
        func program() throws { for _ in 0..<2 { Tasklet { try interruptionPoint() } } }
        #expect(try explore(budget: .schedules(1), program).schedules == 1)
        #expect(try explore(budget: .seconds(0), program).schedules == 1)
        #expect(try explore(.departures(upTo: 0), program).schedules == 1)
    }

    @Test func aCheckElsewhereTraps() async {
        await #expect(processExitsWith: .success) { try synchronously { check(1 + 1 == 2, "one and one") } }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { check(1 + 1 == 3, "one and one are three") }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("one and one are three"))
    }

    @Test func anExpectation() throws {
        let found = try failure {
            var order: [Int] = []
            for number in 1...2 {
                Tasklet {
                    try interruptionPoint()
                    order.append(number)
                }
            }
            try Tasklet.run()
            #expect(order == [1, 2])
        }
        guard case .expectation(let text) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(text.contains("order"))
        #expect(found.schedule.departures.count == 1)
    }

    @Test func noEnd() throws {
        let found = try failure(.order) {
            var isDone = false
            Tasklet(name: "waiter") { while !isDone { try Tasklet.schedule() } }
            Tasklet(name: "other") { while !isDone { try Tasklet.schedule() } }
            Tasklet(name: "third") {
                try Tasklet.sleep(for: .seconds(1))
                isDone = true
            }
            try Tasklet.run()
        }
        guard case .endless(let steps) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(steps == 100_000)
        let text = found.description
        #expect(text.contains("again and again"))
        #expect(text.contains("let it do less"))
        #expect(text.split(separator: "\n").count < 20)
    }

    /// Also of one that is alone: each of its turns counts.
    @Test func noEndAlone() throws {
        let found = try failure(.order) { while true { try Tasklet.schedule() } }
        guard case .endless = found.reason else { return #expect(Bool(false), "\(found.reason)") }
    }

    /// One that gives way until another has done something has no more schedules than that other has steps.
    @Test func aLoopThatGivesWayHasAnEnd() throws {
        let found = try explore {
            let isDone = Shared(false)
            Tasklet { while !isDone.value { try Tasklet.schedule() } }
            Tasklet {
                try interruptionPoint()
                try interruptionPoint()
                isDone.value = true
            }
            try Tasklet.run()
        }
        #expect(found.isComplete)
        #expect(found.schedules < 100)
    }

    @Test func aProgramThatDoesNotRepeat() throws {
        var runs = 0
        let found = try failure {
            runs += 1
            for _ in 0..<(runs < 3 ? 2 : 3) { Tasklet { try interruptionPoint() } }
            try Tasklet.run()
        }
        guard case .notRepeating(let text) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(text.contains("at choice 0 there were 2 candidates, and now 3."))
        #expect("\(found)".contains("SWIFT_DETERMINISTIC_HASHING=1"))
    }

    /// A timeout that fires between two operations.
    @Test func aRaceWithATimeout() throws {
        func program() throws {
            let channel = Channel<Int>(name: "answer")
            Tasklet(name: "server") { try channel.send(1) }
            let answer = try channel.receive(within: .seconds(1))
            if answer == nil { _ = try channel.receive(within: .seconds(1)) }
            if answer == nil { throw LateError() }
        }
        struct LateError: Error {}
        #expect(try explore(.all, program).isComplete)
        let found = try failure(.departures(), time: .anytime, program)
        #expect(found.schedule.description.hasPrefix("it"))
        #expect(found.description.contains("-> the clock"))
    }

    /// Each `defer` of a run that is given up has run, and nothing of it lives on.
    @Test func whatIsGivenUpIsCleanedUp() throws {
        let living = Tracked.Counter()
        var (begun, ended) = (0, 0)
        let found = try failure(.all) {
            let sum = Shared(0)
            check(sum.value < 2, "two at once")
            for _ in 0..<3 {
                Tasklet {
                    let tracked = Tracked(living)
                    begun += 1
                    defer { ended += 1 }
                    sum.value += 1
                    try interruptionPoint()
                    sum.value -= 1
                    try interruptionPoint()
                    _ = tracked
                }
            }
            let channel = Channel<Int>()
            Tasklet {
                begun += 1
                defer { ended += 1 }
                _ = try channel.next()
            }
            try Tasklet.run()
            channel.finish()
            try Tasklet.run()
        }
        #expect(found.schedulesTried > 1)
        #expect(begun == ended)
        #expect(begun > 0)
        #expect(living.count == 0)
    }

    @Test func theTimelineIsThere() throws {
        let found = try failure {
            Tasklet(name: "reader") { _ = try Channel<Int>().receive() }
            try Tasklet.run()
        }
        var text = ""
        found.writeTimeline { text += $0 }
        let trace = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect((trace?["traceEvents"] as? [Any])?.isEmpty == false)
        #expect(text.contains("reader"))
    }
}
