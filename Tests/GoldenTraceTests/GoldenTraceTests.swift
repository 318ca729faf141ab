import Foundation
import Tasklets
import Testing

@testable import Exploration

/// The golden programs, interpreted on tasklets and channels.
///
/// One case at a time, so that a crash can name it.
@Suite(.serialized)
struct GoldenTraceTests {
    private static let fixtures = (try? TraceLibrary.fixtures.get()) ?? []
    private static let runnable = fixtures.filter { !$0.isProse && LeftOutCases.byName[$0.name] == nil }

    @Test("A designed case gives the golden trace", arguments: runnable.filter { !$0.isRandom })
    func designedCase(_ traceCase: TraceCase) {
        if let difference = Comparison(traceCase).difference {
            Issue.record("\(traceCase.name) (\(traceCase.about))\n\(difference)")
        }
    }

    @Test("Every random program gives the golden trace")
    func randomCases() throws {
        let random = Self.runnable.filter(\.isRandom)
        #expect(random.count > 1200)
        let differing = random.map { Comparison($0) }.filter { $0.difference != nil }
        for comparison in differing {
            Issue.record("\(comparison.name)\n\(comparison.difference ?? "")")
        }
    }

    /// The scheduler that is explored is the case's own, for all cases. How a run ends is no matter: in many cases tasklets still
    /// wait when main has ended, or an error leaves one, by which an exploration fails.
    @Test("Exploration without departures changes no event", arguments: [Points.operations, .switches])
    func explored(points: Points) throws {
        var choices = 0
        for traceCase in Self.runnable {
            var runs = 0
            let comparison = Comparison(traceCase) { program in
                try Scheduler.scope(clock: .virtual) {
                    let runner = Runner(core: .current, points: points, time: .anytime)
                    _ = runner.run(
                        {
                            runs += 1
                            try program()
                        },
                        by: DefaultOrder()
                    )
                    #expect(runner.departures.isEmpty)
                    choices += runner.choices
                }
            }
            #expect(runs == 1)
            if let difference = comparison.difference { Issue.record("\(traceCase.name)\n\(difference)") }
        }
        // At all others only one could run.
        #expect(choices > (points == .operations ? 10_000 : 5000))
    }

    @Test("Every case that is left out really differs")
    func leftOutCases() throws {
        let fixtures = Dictionary(uniqueKeysWithValues: try TraceLibrary.fixtures.get().map { ($0.name, $0) })
        for (name, reason) in LeftOutCases.byName.sorted(by: { $0.key < $1.key }) {
            let traceCase = try #require(fixtures[name], "\(name) is left out but does not exist")
            #expect(
                Comparison(traceCase).difference != nil,
                "\(name) gives the golden trace: take it off the list (\(reason.rawValue))"
            )
        }
    }

    @Test("No case is missing")
    func everyCaseCounts() throws {
        let fixtures = try TraceLibrary.fixtures.get()
        let prose = fixtures.filter(\.isProse).map(\.name)
        #expect(fixtures.count == 1430)
        #expect(prose.count == 16)
        #expect(Set(prose) == Set(ThreadCases.all.keys).union([EndOfProgramTests.caseName]))
        #expect(Self.runnable.count + LeftOutCases.byName.count + prose.count == 1430)
    }
}
