import Exploration
import Tasklets
import Testing

/// Known numbers of schedules: none is missed, and none is run twice.
struct CountTests {
    /// Tasklets with so many operations each, that share nothing.
    private func count(_ search: Search, tasklets: Int, operations: Int) throws -> Exploration {
        try explore(search, budget: .seconds(600)) {
            for _ in 0..<tasklets {
                Tasklet { for _ in 0..<operations { try interruptionPoint() } }
            }
            try Tasklet.run()
        }
    }

    @Test func allSchedulesOfTwoTimesFive() throws {
        let found = try count(.all, tasklets: 2, operations: 5)
        #expect(found.schedules == 924)
        #expect(found.isComplete)
    }

    @Test func allSchedulesOfThreeTimesThree() throws {
        let found = try count(.all, tasklets: 3, operations: 3)
        #expect(found.schedules == 34_650)
        #expect(found.isComplete)
    }

    @Test func departuresFindTheSame() throws {
        let found = try count(.departures(), tasklets: 2, operations: 5)
        #expect(found.schedules == 924)
        #expect(found.isComplete)
    }
}
