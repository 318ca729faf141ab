import Exploration
import Testing

/// Programs whose bug the default order hides.
struct PlantedTests {
    /// The failure that a search finds; not recorded as an issue, since it is what is looked for.
    private func failure(
        of program: () throws -> Void,
        _ search: Search = .departures()
    ) throws -> (ScheduleFailure?, Exploration) {
        var found: Exploration?
        withKnownIssue(isIntermittent: true) { found = try explore(search, budget: .seconds(60), program) }
        return (found!.failures.first, found!)
    }

    @Test(arguments: Planted.all) func theDefaultOrderHidesIt(planted: Planted) throws {
        try explore(.order, planted.bug)
    }

    @Test(arguments: Planted.all) func theDefaultsFindIt(planted: Planted) throws {
        let (failure, _) = try failure(of: planted.bug)
        let line = try #require(failure).schedule
        #expect(line.departures.count == 1)
    }

    @Test(arguments: Planted.all) func randomSearchesFindIt(planted: Planted) throws {
        let (random, _) = try failure(of: planted.bug, .random(seed: 1, runs: 1000))
        #expect(random != nil)
        let (priorities, _) = try failure(of: planted.bug, .priorities(depth: 3, seed: 1, runs: 1000))
        #expect(priorities != nil)
    }

    /// The same seed, the same schedules.
    @Test(arguments: [Search.random(seed: 7, runs: 300), .priorities(depth: 3, seed: 7, runs: 300)])
    func aSeedSaysWhatIsTried(search: Search) throws {
        let found = try (1...2).map { _ in try failure(of: lostUpdate.bug, search).0 }
        #expect(found[0]?.found == found[1]?.found)
        #expect(found[0] != nil)
    }

    @Test(arguments: Planted.all) func theTwinIsClean(planted: Planted) throws {
        let found = try explore(.departures(upTo: 2), budget: .schedules(100_000), planted.fixed)
        #expect(found.failures.isEmpty)
        #expect("\(found)".contains("as many as the search asks for"))
    }
}
