import RobotWorld
import Testing

/// No place is a special one: where no actor is, there is no number for it.
struct PlaceTests {
    /// The original world takes this place for none.
    private static let corner = Location(x: -1, y: -1)

    private func start(_ id: String, at location: Location = corner) -> Scenario.Start {
        Scenario.Start(id: id, location: location, vector: Vector(angle: 135, velocity: 3))
    }

    /// The places of a robot, from step to step.
    private func places(of id: String, in step: Simulation.Step) -> Location? {
        step.state.first { $0.id == id }?.location
    }

    @Test(arguments: [true, false])
    func aRobotThatBeginsThereIsOneLikeAnyOther(waitsForAll: Bool) throws {
        var robots = Scenario.classic.robots
        robots[4] = start("corner")
        var scenario = Scenario(robots: robots)
        scenario.waitsForAll = waitsForAll
        var places: [Location] = []
        var saved: Snapshot?
        let whole = try Simulation(scenario).run { step in
            if step.number == 1 { saved = step.snapshot() }
            if let place = self.places(of: "corner", in: step) { places.append(place) }
            if step.number > 4 { #expect(step.state.count == 12) }
            return step.number < 20 ? .proceed : .stop
        }
        // It has flown out of there with its first step.
        #expect(places.first == Self.corner.moved(along: Vector(angle: 135, velocity: 3)))
        #expect(Set(places.map(\.x)).count > 5)
        let rest = try Simulation(resuming: #require(saved)).run { $0.number < 20 ? .proceed : .stop }
        #expect(rest.digest == whole.digest && rest.robots.count == 12)
    }

    /// One that stays there is saved there, is shown there, and can be removed.
    @Test func aRobotThatStaysThere() throws {
        var saved: Snapshot?
        var resting = start("resting")
        resting.vector.velocity = 0
        _ = try Simulation(.random(robots: 3, seed: 1)).run { step in
            if step.number == 2 { #expect(step.add(resting)) }
            if step.number == 5 {
                #expect(places(of: "resting", in: step) == Self.corner)
                var neighbours: [Location] = []
                step.state.forEachNeighbour(of: Self.corner, within: 0) { neighbours.append($0.location) }
                #expect(neighbours == [Self.corner])
                saved = step.snapshot()
            }
            return step.number < 5 ? .proceed : .stop
        }
        _ = try Simulation(resuming: #require(saved)).run { step in
            if step.number == 6 {
                #expect(places(of: "resting", in: step) == Self.corner)
                #expect(step.remove("resting"))
            }
            if step.number == 8 { #expect(step.state.count == 3) }
            return step.number < 8 ? .proceed : .stop
        }
    }
}
