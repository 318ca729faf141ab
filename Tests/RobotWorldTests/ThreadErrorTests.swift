import Channels
import Foundation
import RobotWorld
import Tasklets
import Testing

/// What goes wrong in a world on several threads comes out as on one.
@Suite struct ThreadErrorTests {
    private struct Broken: Error {}

    @Test func anErrorWhileRobotsJoinComesOut() throws {
        #expect(throws: Broken.self) {
            try Simulation(.random(robots: 5500, seed: 4)).run(
                threads: 4,
                joining: { if $0 == 2000 { throw Broken() } else { .proceed } },
                show: { _ in .stop }
            )
        }
    }

    private final class Failing: Robot {
        override func see(_ state: WorldState) throws { if address.name == "R40" { throw Broken() } }
    }

    /// The last robots are in another part than the display.
    @Test func anErrorOfARobotComesOut() throws {
        let scenario = Scenario.random(robots: 40, seed: 1, behaviour: Failing.self)
        for threads in [1, 2, 8] {
            let simulation = Simulation(scenario)
            simulation.start(threads: threads)
            #expect(try simulation.next()?.number == 1)
            #expect(throws: Broken.self) { try simulation.next() }
            #expect(try simulation.end().steps == 1)
        }
    }

    /// One of the robots fails: in its first step, or when it is created.
    private final class Troubled: Robot {
        private static let failing = TaskletLocal("")

        static func run<Result>(failing id: String, _ body: () throws -> Result) rethrows -> Result {
            try failing.withValue(id, body)
        }

        private let isFailing: Bool

        required init(_ start: Scenario.Start, in world: World) throws {
            isFailing = Self.failing.value == start.id
            if Self.failing.value == "new " + start.id { throw Broken() }
            try super.init(start, in: world)
        }

        override func see(_ state: WorldState) throws { if isFailing { throw Broken() } }
    }

    /// Whichever part has the robot: all parts are in the outcome.
    @Test func anErrorLeavesTheOutcomeOfAllParts() throws {
        let count = 40
        let scenario = Scenario.random(robots: count, seed: 1, behaviour: Troubled.self)
        for (threads, failing) in [1, 2, 3, 8].flatMap({ threads in (1...count).map { (threads, $0) } }) {
            let simulation = Simulation(scenario)
            let comment: Comment = "\(threads) threads, R\(failing)"
            _ = try Troubled.run(failing: "R\(failing)") {
                simulation.start(threads: threads)
                return try #require(try simulation.next(), comment)
            }
            #expect(throws: Broken.self, comment) { try simulation.next() }
            let outcome = try simulation.end()
            #expect(outcome.steps == 1, comment)
            #expect(outcome.robots.map(\.id) == scenario.robots.map(\.id), comment)
            #expect(outcome.updates == outcome.robots.reduce(0) { $0 + $1.updates }, comment)
            #expect(outcome.collisions == outcome.robots.reduce(0) { $0 + $1.collisions }, comment)
            #expect(outcome.robots[failing - 1].updates == 0, comment)
            #expect(outcome.updates >= failing - 1 || threads > 1, comment)
        }
    }

    /// What the parts have created until then is there.
    @Test func anErrorWhileRobotsAreCreatedLeavesTheOutcomeOfAllParts() throws {
        let count = 40
        let scenario = Scenario.random(robots: count, seed: 1, behaviour: Troubled.self)
        for (threads, failing) in [1, 2, 3, 8].flatMap({ threads in (1...count).map { (threads, $0) } }) {
            let simulation = Simulation(scenario)
            let comment: Comment = "\(threads) threads, R\(failing)"
            Troubled.run(failing: "new R\(failing)") {
                simulation.start(threads: threads)
                #expect(throws: Broken.self, comment) { try simulation.next() }
            }
            let outcome = try simulation.end()
            let ids = outcome.robots.map(\.id)
            #expect(ids.starts(with: (1..<failing).map { "R\($0)" }), comment)
            #expect(!ids.contains("R\(failing)"), comment)
            #expect(outcome.steps == 0, comment)
        }
    }

    @Test(arguments: [1, 2])
    func aStepBeforeAnErrorIsNotShownAnyMore(threads: Int) async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [threads] in
            let simulation = Simulation(.random(robots: 40, seed: 1, behaviour: Failing.self))
            simulation.start(threads: threads)
            guard let step = try simulation.next() else { return }
            _ = try? simulation.next()
            _ = step.snapshot()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("Step 1 is not shown any more"), "\(text)")
    }

    private final class Waiting: Robot {
        override func see(_ state: WorldState) throws {
            if address.name == "R40" { try Channel<Int>(name: "nobody").send(1) }
        }
    }

    @Test func aRobotThatWaitsForEver() throws {
        let scenario = Scenario.random(robots: 40, seed: 1, behaviour: Waiting.self)
        let error = try #require(throws: DeadlockError.self) {
            try Simulation(scenario).run(threads: 2) { _ in .proceed }
        }
        let waiters = error.waiters.map(\.description)
        #expect(waiters.contains { $0.contains("'R40'") && $0.contains("'nobody'") }, "\(waiters)")
    }

    private final class BadLoser: Robot {
        override func see(_ state: WorldState) throws {
            guard address.name == "R1" else { return }
            do { try Channel<Int>(name: "nobody").send(1) } catch { throw Broken() }
        }
    }

    @Test(arguments: [1, 2])
    func anErrorAtTheEndOfARunThatIsDroppedIsReported(threads: Int) async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) { [threads] in
            let simulation = Simulation(.random(robots: 40, seed: 1, behaviour: BadLoser.self))
            simulation.start(threads: threads)
            while (try? simulation.next()) != nil {}
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(" was lost at the end of a") && text.contains("Broken()"), "\(text)")
    }
}
