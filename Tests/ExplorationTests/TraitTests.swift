import Channels
import Exploration
import Sync
import Synchronization
import Tasklets
import Testing

struct TraitTests {
    private static let orders = Mutex<Set<[Int]>>([])

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
        }
    }

    @Test func aWaitThatIsTooLongEnds() async throws {
        let test = try #require(Test.current)
        await #expect(throws: TimeoutError.self) {
            try await TaskletsTrait.tasklets(within: .milliseconds(1)).provideScope(for: test, testCase: nil) {
                try waitForLong()
            }
        }
    }

    @Test func allOrdersAreTried() async throws {
        let test = try #require(Test.current)
        let runs = Mutex(0)
        try await ExploredTrait.explored(.all).provideScope(for: test, testCase: nil) {
            runs.withLock { $0 += 1 }
            try twoTasklets()
        }
        #expect(runs.withLock { $0 } == 6)
    }
}

private func makeOneThatWaits() throws {
    let channel = Channel<Int>()
    Tasklet(name: "left behind") { _ = try channel.receive() }
    try Tasklet.run()
}

private func waitForLong() throws { try Tasklet.sleep(for: .seconds(3600)) }

/// Each has one operation: two steps.
private func twoTasklets() throws {
    for _ in 0..<2 { Tasklet { try interruptionPoint() } }
    try Tasklet.run()
}
