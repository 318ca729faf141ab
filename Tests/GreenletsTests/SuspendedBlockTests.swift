import Greenlets
import Tasklets
import Testing

/// A block with a time limit in which a generator is left suspended.
struct SuspendedBlockTests {
    /// The tasklet that has begun the block ends; the next one has its record.
    @Test func theLimitEndsWithTheTasklet() throws {
        try Scheduler.scope(clock: .virtual) {
            let numbers = Generator<Int> { yield in
                try withTimeout(.milliseconds(20)) {
                    try yield(1)
                    try yield(2)
                }
            }.makeIterator()
            var log: [String] = []
            Tasklet { log.append("\(numbers.next() ?? 0)") }
            try Tasklet.schedule()
            Tasklet {
                try Tasklet.sleep(for: .seconds(1))
                log.append("slept")
            }
            try Tasklet.run()
            log.append("\(numbers.next() ?? 0)")
            log.append("\(numbers.next() ?? 0)")
            #expect(log == ["1", "slept", "2", "0"])
            #expect(SchedulerCore.current.validate() == [])
        }
    }
}
