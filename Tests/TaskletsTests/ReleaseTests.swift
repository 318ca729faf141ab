import Foundation
import Tasklets
import TestSupport
import Testing

/// What the kernel gives back.
struct ReleaseTests {
    /// The process's mappings, in bytes.
    private static func mapped() throws -> Int {
        let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(words[0])) * 4096
    }

    /// Regions of stacks go back to the system when their tasklets have ended, in whatever order that happens.
    @Test(arguments: [false, true])
    func stacksOfEndedTaskletsAreGivenBack(newestFirst: Bool) async {
        await #expect(processExitsWith: .success) { [newestFirst] in
            try Scheduler.scope {
                let before = try ReleaseTests.mapped()
                var tasklets = (0..<10_000).map { _ in Tasklet { try Tasklet.scheduleRemove() } }
                try Tasklet.run()
                let full = try ReleaseTests.mapped()
                if newestFirst { tasklets.reverse() }
                for tasklet in tasklets { try tasklet.kill() }
                tasklets.removeAll()
                let after = try ReleaseTests.mapped()
                // One region of 1,024 stacks may be kept, and the allocator's own.
                #expect(after - before < (full - before) / 3)
            }
        }
    }

    /// The end of a scope releases a body that never ran, and what that makes while it goes away.
    @Test func aScopeLeavesNothingBehindWhenReleasedBodiesMakeTasklets() throws {
        let living = Tracked.Counter()
        try Scheduler.scope {
            let maker = AtDeinit {
                let tracked = Tracked(living)
                Tasklet { withExtendedLifetime(tracked) {} }
            }
            Tasklet { withExtendedLifetime(maker) {} }
        }
        #expect(living.count == 0)
    }

    /// The `deinit` of what a body has captured makes and drops tasklets while the record goes back to the spare ones.
    @Test func aReleasedBodyMayMakeAndDropTasklets() throws {
        try Scheduler.scope {
            for _ in 0..<100 {
                var kept: [Tasklet] = []
                for _ in 0..<5 { _ = Tasklet(scheduled: false) {} }
                let maker = AtDeinit { for _ in 0..<3 { kept.append(Tasklet(scheduled: false) {}) } }
                _ = Tasklet(scheduled: false) { withExtendedLifetime(maker) {} }
                let more = (0..<8).map { _ in Tasklet(scheduled: false) {} }
                #expect(Set(kept.map(\.name)).union(more.map(\.name)).count == kept.count + more.count)
            }
        }
    }
}
