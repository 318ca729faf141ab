import RobotWorld
import Testing

/// A name stands for one robot.
struct IdentityTests {
    private func start(_ id: String) -> Scenario.Start {
        Scenario.Start(id: id, location: Location(x: 9, y: 9), vector: Vector(angle: 0, velocity: 1))
    }

    /// In the first steps most of the robots are still to join.
    @Test(arguments: 1...6)
    func noRobotGetsTheNameOfAnotherOne(at first: Int) throws {
        var added = 0
        let outcome = try Simulation(.classic).run { step in
            let ids = step.state.map(\.id)
            #expect(Set(ids).count == ids.count, "step \(step.number)")
            if step.number >= first, step.number < first + 3 {
                for robot in Scenario.classic.robots { #expect(!step.add(start(robot.id))) }
                added += 1
                #expect(step.add(start("R\(12 + added)")))
                #expect(!step.add(start("R\(12 + added)")))
            }
            return step.number < 20 ? .proceed : .stop
        }
        #expect(Set(outcome.robots.map(\.id)) == Set((1...15).map { "R\($0)" }))
        #expect(outcome.robots.count == 15)
    }

    /// Not one of those who are still to join.
    @Test func whoHasNotJoinedCannotBeRemoved() throws {
        let outcome = try Simulation(.classic).run { step in
            if step.number == 1 { #expect(!step.remove("R12")) }
            return step.number < 10 ? .proceed : .stop
        }
        #expect(outcome.robots.count == 12)
    }

    @Test func aScenarioWithTwoOfOneNameEndsTheProcess() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let robot = Scenario.Start(id: "A", location: Location(x: 9, y: 9), vector: Vector(angle: 0, velocity: 1))
            _ = try Simulation(Scenario(robots: [robot, robot])).run { _ in .stop }
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("two robots with the name A; give each a name of its own"), "\(message)")
    }
}
