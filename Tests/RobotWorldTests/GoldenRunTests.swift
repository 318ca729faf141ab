import RobotWorld
import Testing

/// Our world does what the original did: the same events in the same order, the same numbers to the last bit.
@Suite struct GoldenRunTests {
    /// Sines and cosines are the C library's. Where they are those of the original's machine, everything is compared bit
    /// by bit; elsewhere the last bit may differ, and sooner or later a collision with it.
    private static let hasTheSameSines: Bool = {
        var digest = Digest()
        for halfDegrees in 0..<720 {
            // A step of length one from (0, 0) is (sine, -cosine).
            let point = Location(x: 0, y: 0).moved(along: Vector(angle: Double(halfDegrees) / 2, velocity: 1))
            digest.add(point.x)
            digest.add(0 - point.y)
        }
        return digest.description == "e7ae8240c8f77e34"
    }()

    @Test(arguments: ["one", "seed", "outside"])
    func traceIsTheSame(name: String) throws {
        let golden = try GoldenRun.named(name)
        let steps = golden.traceBroadcasts + 1
        var trace: [String] = []
        _ = try Simulation(golden.scenario).run(
            trace: { trace.append($0) },
            show: { $0.number < steps ? .proceed : .stop }
        )

        let difference = zip(trace, golden.trace).enumerated().first { $1.0 != $1.1 }
        #expect(
            difference == nil,
            "event \(difference?.offset ?? 0) is \(difference?.element.0 ?? "") instead of the original's"
        )
        #expect(trace.count == golden.trace.count)
    }

    @Test(arguments: ["one", "seed", "outside"])
    func statesAndDigestsAreTheSame(name: String) throws {
        let golden = try GoldenRun.named(name)
        var expected = golden.steps[...]
        let outcome = try Simulation(golden.scenario).run { step in
            if let golden = expected.first, golden.step == step.number {
                expected.removeFirst()
                expectSame(step, golden)
            }
            return step.number < golden.broadcasts ? .proceed : .stop
        }
        #expect(expected.isEmpty)
        #expect(outcome.steps == golden.broadcasts)
        guard Self.hasTheSameSines else { return }
        #expect(outcome.digest.description == golden.steps.last?.fnv)
    }

    @Test(arguments: ["one", "seed", "outside"])
    func robotsAtTheEndAreTheSame(name: String) throws {
        guard Self.hasTheSameSines else { return }
        let golden = try GoldenRun.named(name)
        let outcome = try Simulation(golden.scenario).run { $0.number < golden.broadcasts ? .proceed : .stop }

        #expect(outcome.robots.map(\.id) == golden.robotsAtStop.map(\.id))
        for (robot, expected) in zip(outcome.robots, golden.robotsAtStop) {
            #expect([robot.location.x, robot.location.y] == expected.ownLocation, "\(robot.id)")
            #expect(robot.vector == Vector(angle: expected.ownAngle, velocity: expected.ownVelocity), "\(robot.id)")
            #expect(robot.collisions == expected.collisions, "\(robot.id)")
            #expect(robot.updates == expected.updates, "\(robot.id)")
        }
        #expect(outcome.collisions == golden.robotsAtStop.map(\.collisions).reduce(0, +))
        #expect(outcome.updates == golden.robotsAtStop.map(\.updates).reduce(0, +))
    }

    @Test func theClassicScenarioIsTheGoldenOne() throws {
        #expect(try Scenario.classic == GoldenRun.named("seed").scenario)
    }

    private func expectSame(_ step: Simulation.Step, _ golden: GoldenRun.Step) {
        #expect(step.state.map(\.id) == golden.ids, "step \(step.number)")
        #expect(step.state.map(\.kind) == golden.state.map(\.kind), "step \(step.number)")
        let numbers = step.state.map { [$0.location.x, $0.location.y, $0.vector.angle, $0.vector.velocity] }
        if Self.hasTheSameSines {
            #expect(
                numbers.map { $0.map(\.bitPattern) } == golden.state.map { $0.numbers.map(\.bitPattern) },
                "step \(step.number)"
            )
            #expect(step.digest.description == golden.fnv, "step \(step.number)")
        } else if step.number <= 50 {
            for (number, expected) in zip(numbers.joined(), golden.state.map(\.numbers).joined()) {
                #expect(abs(number - expected) < 1e-9, "step \(step.number)")
            }
        }
    }
}
