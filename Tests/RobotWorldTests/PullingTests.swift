import Channels
import RobotWorld
import Tasklets
import Testing

/// A run whose steps are asked for one by one, with the world standing still in between.
@Suite struct PullingTests {
    private struct Broken: Error {}

    private func expectSame(_ one: Outcome, _ other: Outcome) {
        #expect(one.digest == other.digest && one.steps == other.steps && one.messages == other.messages)
        #expect(one.collisions == other.collisions && one.updates == other.updates)
        #expect(one.robots.map { "\($0)" } == other.robots.map { "\($0)" } && one.robotCount == other.robotCount)
    }

    @Test(arguments: [1, 2, 3, 4, 90])
    func theStepsAreThoseOfTheRun(steps: Int) throws {
        let simulation = Simulation(.classic)
        var whole: [(Int, Digest, Int)] = []
        let outcome = try simulation.run { step in
            whole.append((step.number, step.digest, step.messages))
            return step.number < steps ? .proceed : .stop
        }
        var pulled: [(Int, Digest, Int)] = []
        while pulled.count < steps, let step = try simulation.next() {
            pulled.append((step.number, step.digest, step.messages))
        }
        expectSame(try simulation.end(), outcome)
        // It has ended, and says the same again.
        expectSame(try simulation.end(), outcome)
        #expect(whole.map { "\($0)" } == pulled.map { "\($0)" })
    }

    /// A digest that nobody asks for is there at the end, and a step has its own for as long as it is kept.
    @Test func digestsAreComputedLate() throws {
        let asked = try Simulation(.classic).run { $0.digest != Digest() && $0.number < 40 ? .proceed : .stop }
        let simulation = Simulation(.classic)
        var steps: [Simulation.Step] = []
        for _ in 1...40 { steps.append(try #require(try simulation.next())) }
        #expect(try simulation.end().digest == asked.digest)
        #expect(steps.last?.digest == asked.digest)
        #expect(Set(steps.map(\.digest.value)).count == 40)
    }

    /// Each has a world of its own, on one thread.
    @Test func twoRunsSideBySide() throws {
        let scenarios = [Scenario.classic, .random(robots: 40, seed: 3, behaviour: AvoidingRobot.self)]
        let alone = try scenarios.map { try Simulation($0).run { $0.number < 60 ? .proceed : .stop } }
        let simulations = scenarios.map { Simulation($0) }
        for _ in 1...60 { for simulation in simulations { _ = try simulation.next() } }
        for (simulation, outcome) in zip(simulations, alone) { expectSame(try simulation.end(), outcome) }
    }

    /// The caller's tasklets run while the world stands still, and whichever of them asks for a step gets it.
    @Test func theCallersTaskletsGoOn() throws {
        try Scheduler.scope {
            let simulation = Simulation(.classic)
            let steps = Channel<Int>()
            Tasklet(name: "window") {
                while let step = try simulation.next(), step.number <= 20 {
                    try Tasklet.sleep(for: .microseconds(1))
                    try steps.send(step.number)
                }
                steps.finish()
            }
            var numbers: [Int] = []
            while let number = try steps.next() { numbers.append(number) }
            #expect(numbers == Array(1...20))
            let last = try #require(try simulation.next())
            #expect(last.number == 22)
            let outcome = try Simulation(.classic).run { $0.number < 22 ? .proceed : .stop }
            expectSame(try simulation.end(), outcome)
        }
    }

    @Test func robotsComeAndGo() throws {
        let newcomer = Scenario.Start(id: "new", location: .init(x: 9, y: 9), vector: .init(angle: 0, velocity: 0))
        func change(_ step: Simulation.Step) {
            if step.number == 3 { #expect(step.add(newcomer) && !step.add(newcomer)) }
            if step.number == 5 { #expect(step.remove("R1") && !step.remove("R1")) }
        }
        let whole = try Simulation(.classic).run { step in
            change(step)
            return step.number < 30 ? .proceed : .stop
        }
        let simulation = Simulation(.classic)
        var saved: Snapshot?
        while let step = try simulation.next() {
            change(step)
            if step.number == 5 { saved = step.snapshot() }
            if step.number == 30 { break }
        }
        expectSame(try simulation.end(), whole)
        let resumed = Simulation(resuming: try #require(saved))
        for number in 6...30 { #expect(try resumed.next()?.number == number) }
        expectSame(try resumed.end(), whole)
    }

    @Test func joiningEndsIt() throws {
        let simulation = Simulation(.random(robots: 3000, seed: 4))
        var told: [Int] = []
        simulation.start(joining: { joined in
            told.append(joined)
            return joined < 2000 ? .proceed : .stop
        })
        #expect(try simulation.next() == nil)
        #expect(told == [1000, 2000])
        let outcome = try simulation.end()
        #expect(outcome.steps == 0 && outcome.robots.count == 2000 && outcome.messages == 2001)
    }

    private final class Failing: Robot {
        override func see(_ state: WorldState) throws { throw Broken() }
    }

    @Test func anErrorOfARobotComesOut() throws {
        let simulation = Simulation(.random(robots: 3, seed: 1, behaviour: Failing.self))
        #expect(try simulation.next()?.number == 1)
        #expect(throws: Broken.self) { try simulation.next() }
        #expect(try simulation.end().steps == 1)
    }

    private final class Waiting: Robot {
        override func see(_ state: WorldState) throws { try Channel<Int>(name: "nobody").send(1) }
    }

    /// The world cannot go on, and says who waits for what.
    @Test func aRobotThatWaitsForEver() throws {
        let scenario = Scenario.random(robots: 1, seed: 1, behaviour: Waiting.self)
        let error = try #require(throws: DeadlockError.self) { try Simulation(scenario).run { _ in .proceed } }
        let waiters = error.waiters.map(\.description)
        #expect(waiters.contains { $0.contains("'R1'") && $0.contains("'nobody'") }, "\(waiters)")
    }

    /// What is left behind when nobody ends a run.
    @Test(arguments: [0, 1, 2, 30])
    func aRunThatIsDroppedLeavesNothing(steps: Int) throws {
        final class Token {}
        var token: Token? = Token()
        weak let witness = token
        do {
            let simulation = Simulation(.classic)
            simulation.start(joining: { [token] _ in
                _ = token
                return .proceed
            })
            for _ in 0..<steps { _ = try simulation.next() }
            token = nil
            #expect(witness != nil)
        }
        #expect(witness == nil)
        #expect(Tasklet.runCount == 1)
    }

    @Test func aTimelineOfPulledSteps() throws {
        let timeline = Timeline()
        let simulation = Simulation(.classic)
        simulation.start(timeline: timeline)
        for _ in 1...5 { _ = try simulation.next() }
        let outcome = try simulation.end()
        let events = timeline.count
        #expect(events > outcome.messages)
        // It has ended with the run.
        try Tasklet.schedule()
        #expect(timeline.count == events)
    }

    @Test func aStepThatIsShownNoMoreEndsTheProcess() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let simulation = Simulation(.classic)
            let step = try simulation.next()
            _ = try simulation.next()
            _ = step?.snapshot()
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("Step 1 is not shown any more"), "\(message)")
    }
}
