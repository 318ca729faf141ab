import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Wrong uses that a program can reach, and what comes of each: an error, a trap with a message, or a defined effect
/// (the article "When something is wrong" lists them).
enum MisuseTests {
    struct OutOfRange {
        @Test(arguments: [-1, 0, 1000, Tasklet.minimumStackSize - 1])
        func tooSmallAStack(size: Int) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [size] in
                try synchronously { Tasklet(stackSize: size) {} }
            }
            #expect(result.says("A stack of \(size) bytes is too small: stackSize must be at least 65536."))
        }

        @Test(arguments: [Tasklet.maximumStackSize + 1, Int.max])
        func tooLargeAStack(size: Int) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [size] in
                try synchronously {
                    // An empty tasklet has no stack yet, but it says so at once.
                    _ = Tasklet(name: "empty", stackSize: size)
                }
            }
            #expect(result.says("A stack of \(size) bytes is too large: stackSize must be at most 1073741824."))
        }

        @Test func theLimitsThemselvesAreAllowed() throws {
            try Scheduler.scope {
                var ran = 0
                for size in [Tasklet.minimumStackSize, Tasklet.minimumStackSize + 1, Tasklet.maximumStackSize] {
                    Tasklet(stackSize: size) { ran += 1 }
                }
                try Tasklet.run()
                #expect(ran == 3)
            }
        }

        @Test(arguments: [0, -5])
        func aRunWithoutASwitch(switches: Int) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [switches] in
                try synchronously { try Tasklet.run(switches: switches) }
            }
            #expect(result.says("run(switches:) needs at least one switch, not \(switches)."))
        }

        /// A time that is over already: run() returns at the first switch, and nothing is lost.
        @Test(arguments: [Duration.zero, .seconds(-5), .seconds(-Int64.max / 2)])
        func aRunForNoTime(duration: Duration) throws {
            try Scheduler.scope {
                var ran = 0
                for _ in 0..<3 { Tasklet { ran += 1 } }
                try Tasklet.run(for: duration)
                #expect(ran == 0)
                try Tasklet.run()
                #expect(ran == 3)
            }
        }

        @Test func aTimeWithoutEnd() throws {
            try Scheduler.scope {
                var ran = 0
                for _ in 0..<3 { Tasklet { ran += 1 } }
                try Tasklet.run(for: .seconds(Int64.max))
                #expect(ran == 3)
            }
        }
    }
}
