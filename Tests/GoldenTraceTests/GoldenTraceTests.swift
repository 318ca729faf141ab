import Foundation
import Tasklets
import Testing

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

    @Test("A chooser that leaves the order as it is changes no event")
    func withChooser() throws {
        var questions = 0
        for traceCase in Self.runnable {
            let onlooker = Onlooker()
            let comparison = Comparison(traceCase, chooser: onlooker)
            if let difference = comparison.difference { Issue.record("\(traceCase.name)\n\(difference)") }
            questions += onlooker.questions
        }
        #expect(questions > 10_000)
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

/// Counts the choices, and makes none.
private final class Onlooker: Chooser {
    private(set) var questions = 0

    func choose(at point: SwitchPoint, leaving me: TaskletRecord, in core: SchedulerCore) -> TaskletRecord? {
        questions += 1
        return nil
    }

    func willTouch(_ thing: UInt, writing: Bool, in core: SchedulerCore) {}
    func nobodyIsRunnable(in core: SchedulerCore) {}
    func somebodyIsRunnable(byTimer: Bool, in core: SchedulerCore) {}
    func isDeadlocked(in core: SchedulerCore) {}
    func willSwitch(leaving me: TaskletRecord, in core: SchedulerCore) {}
    func identityOfNext(in core: SchedulerCore) -> UInt { 0 }
}
