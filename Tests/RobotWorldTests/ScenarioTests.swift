import RobotWorld
import Testing

/// Random robots: the same everywhere for the same seed.
@Suite struct ScenarioTests {
    @Test func theSameSeedGivesTheSameRobots() {
        #expect(Scenario.random(robots: 100, seed: 5) == Scenario.random(robots: 100, seed: 5))
        #expect(Scenario.random(robots: 100, seed: 5) != Scenario.random(robots: 100, seed: 6))
    }

    @Test func moreRobotsDoNotChangeTheFirstOnes() {
        let many = Scenario.random(robots: 1000, seed: 9).robots
        for count in [0, 1, 10, 999] {
            #expect(Scenario.random(robots: count, seed: 9).robots == Array(many[..<count]))
        }
    }

    @Test func robotsBeginBetweenTheWalls() {
        let robots = Scenario.random(robots: 5000, seed: 1).robots
        #expect(!robots.contains { !WorldSize.classic.contains($0.location) })
        #expect(Set(robots.map(\.id)).count == 5000)
        #expect(robots.first?.id == "R1" && robots.last?.id == "R5000")
        // Every part of the world and every heading is drawn, about as often as any other.
        for quarter in 0..<4 {
            let angles = Double(quarter) * 90..<Double(quarter) * 90 + 90
            #expect((1050...1450).contains(robots.count { angles.contains($0.vector.angle) }))
        }
        for velocity in 1...10 {
            #expect((400...600).contains(robots.count { $0.vector.velocity == Double(velocity) }))
        }
        #expect((2300...2700).contains(robots.count { $0.location.x < 248 }))
        #expect((2300...2700).contains(robots.count { $0.location.y < 248 }))
    }

    /// Guards the generator: a scenario named by its seed stays what it is.
    @Test func aSeedKeepsItsMeaning() throws {
        let outcome = try Simulation(.random(robots: 50, seed: 3)).run { $0.number < 200 ? .proceed : .stop }
        #expect(outcome.digest.description == "13d352e10fa0cfa2")
    }
}
