import Channels
import Exploration
import Sync
import Tasklets
import TestSupport
import Testing

struct TraitTests {
    private static let orders = Locked<Set<[Int]>>([])

    @Test(.explored(.all)) func bothOrders() throws {
        let channel = Channel<Int>()
        Tasklet { try channel.send(1) }
        Tasklet { try channel.send(2) }
        let received = try [channel.receive(), channel.receive()]
        let seen = Self.orders.withLock { orders in
            orders.insert(received)
            return orders.count
        }
        #expect(seen <= 2)
        #expect(received.sorted() == [1, 2])
    }

    @Test(.explored) func theDefault() throws {
        let lock = Lock()
        let sum = Shared(0)
        for _ in 0..<2 {
            Tasklet {
                try lock.withLock {
                    let former = sum.value
                    try Tasklet.schedule()
                    sum.value = former + 1
                }
            }
        }
        try Tasklet.runUntilDone()
        #expect(sum.value == 2)
    }

    @Test(.tasklets) func aSchedulerOfItsOwn() throws {
        #expect(Tasklet.current.isMain)
        #expect(Scheduler.current.tasklets.count == 1)
        let channel = Channel<Int>()
        Tasklet { try channel.send(1) }
        #expect(try channel.receive() == 1)
        try Tasklet.run()
    }

    /// The traits, driven as the testing library does it.
    @Test func whatIsLeftIsNamed() async throws {
        let test = try #require(Test.current)
        try await withKnownIssue {
            try await TaskletsTrait.tasklets.provideScope(for: test, testCase: nil) {
                try makeOneThatWaits()
            }
        } matching: { issue in
            "\(issue)".contains("Tasklets are left at the end of the test") && "\(issue)".contains("left behind")
                && "\(issue)".contains("waits in receive on channel 'nobody sends'")
        }
    }

    @Test func aWaitThatIsTooLongEnds() async throws {
        let test = try #require(Test.current)
        let (trait, line) = (TaskletsTrait.tasklets(within: .milliseconds(1)), #line)
        let error = await #expect(throws: TimeoutError.self) {
            try await trait.provideScope(for: test, testCase: nil) { try waitForLong() }
        }
        let text = "\(try #require(error))"
        #expect(text.contains("aWaitThatIsTooLongEnds"))
        #expect(text.contains("set at ExplorationTests/TraitTests.swift:\(line)"))
    }

    @Test func allOrdersAreTried() async throws {
        let test = try #require(Test.current)
        let runs = Locked(0)
        try await ExploredTrait.explored(.all).provideScope(for: test, testCase: nil) {
            runs.withLock { $0 += 1 }
            try twoTasklets()
        }
        #expect(runs.withLock { $0 } == 6)
    }
}

/// A trait of a suite is one of each of its tests, and of the suites in it.
@Suite(.explored(.all), .serialized) struct ExploredSuiteTests {
    private static let runs = Locked<[String: Int]>([:])

    private static func count(_ test: String) -> Int {
        runs.withLock { runs in
            runs[test, default: 0] += 1
            return runs[test]!
        }
    }

    /// Of six orders, none is run twice.
    @Test func eachIsExplored() throws {
        try #require(Scheduler.current.core.chooser != nil)
        #expect(Self.count("each") <= 6)
        try twoTasklets()
    }

    @Test(arguments: [1, 2]) func eachCaseIsExplored(number: Int) throws {
        try #require(Scheduler.current.core.chooser != nil)
        #expect(Self.count("case \(number)") <= 6)
        try twoTasklets()
    }

    /// Its own trait counts.
    @Test(.explored(.order)) func oneOrder() throws {
        #expect(Self.count("one") == 1)
        try twoTasklets()
    }

    @Suite struct Inner {
        @Test func isExploredToo() throws { #expect(Scheduler.current.core.chooser != nil) }
    }
}

@Suite(.tasklets) struct SuiteOfTaskletsTests {
    @Test func aSchedulerOfItsOwn() throws {
        #expect(Scheduler.current.tasklets.count == 1)
        let channel = Channel<Int>()
        Tasklet { try channel.send(1) }
        #expect(try channel.receive() == 1)
        try Tasklet.run()
    }
}

private func makeOneThatWaits() throws {
    let channel = Channel<Int>(name: "nobody sends")
    Tasklet(name: "left behind") { _ = try channel.receive() }
    try Tasklet.run()
}

private func waitForLong() throws { try Tasklet.sleep(for: .seconds(3600)) }

/// Each has one operation: two steps.
private func twoTasklets() throws {
    for _ in 0..<2 { Tasklet { try interruptionPoint() } }
    try Tasklet.run()
}
