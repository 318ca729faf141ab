import Channels
import ExplorationSupport
import Foundation
import Sync
import Tasklets
import TestSupport
import Testing

@testable import Exploration

/// The reduction sees every outcome that the full search sees.
struct IndependentTests {
    @Test func whatSharesNothingIsOneRun() throws {
        let found = try explore(.independent) {
            for _ in 0..<3 {
                Tasklet { for _ in 0..<5 { try interruptionPoint() } }
            }
            try Tasklet.run()
        }
        #expect(found.schedules == 1)
        #expect(found.cutShort == 0)
        #expect(found.isComplete)
    }

    @Test(arguments: Planted.all) func plantedBugsAreFound(planted: Planted) throws {
        var found: Exploration?
        withKnownIssue { found = try explore(.independent, planted.bug) }
        #expect(found!.failures.count == 1)
    }

    @Test(arguments: Planted.all) func twinsAreClean(planted: Planted) throws {
        let found = try explore(.independent, budget: .schedules(200_000), planted.fixed)
        #expect(found.isComplete)
    }

    /// With all kinds of operations, at all points, with both models of time.
    @Test func randomPrograms() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["REDUCTION_PROGRAMS"].flatMap { UInt64($0) } ?? 300
        var compared: UInt64 = 0
        for seed in 1...count {
            let program = RandomProgram(seed: seed)
            func outcomes(_ search: any SearchState) throws -> (Set<String>, Exploration) {
                var seen: Set<String> = []
                let found = try Scheduler.scope(clock: .virtual) {
                    Engine(
                        points: seed % 3 == 0 ? .switches : .operations,
                        time: seed % 2 == 0 ? .anytime : .whenIdle,
                        budget: .schedules(20_000)
                    ) { seen.insert(try program.run()) }
                    .explore(search, continuesAfterFailure: true)
                }
                return (seen, found)
            }
            let (all, full) = try outcomes(FullSearch())
            guard full.isComplete else { continue }
            compared += 1
            let (reduced, fewer) = try outcomes(IndependentSearch())
            try #require(reduced == all, "seed \(seed): \(program)")
            #expect(fewer.isComplete)
        }
        // The others have more schedules than are worth the time.
        #expect(compared > count * 8 / 10)
    }
}
