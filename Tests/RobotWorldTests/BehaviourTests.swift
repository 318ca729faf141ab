import RobotWorld
import Testing

/// How robots of each kind fly.
@Suite struct BehaviourTests {
    /// Where robots were and where they were heading, step by step from the one on that shows all of them.
    private func run(_ scenario: Scenario, steps: Int) throws -> [[WorldState.Element]] {
        var states: [[WorldState.Element]] = []
        _ = try Simulation(scenario).run { step in
            if step.state.count == scenario.robots.count { states.append(Array(step.state)) }
            return states.count < steps ? .proceed : .stop
        }
        return states
    }

    private func start(x: Double, y: Double, angle: Double, velocity: Double, _ behaviour: Robot.Type) -> Scenario {
        let location = Location(x: x, y: y)
        let vector = Vector(angle: angle, velocity: velocity)
        return Scenario(robots: [Scenario.Start(id: "R", location: location, vector: vector, behaviour: behaviour)])
    }

    @Test(
        arguments: [
            (0, .upper, 180), (90, .right, 270), (180, .lower, 0), (270, .left, 90), (30, .upper, 150),
            (30, .right, 330),
            (30, [.upper, .right], 210), (200, .lower, 340), (359.5, .upper, 180.5), (10, [], 10),
        ] as [(Double, Walls, Double)]
    )
    func aBallReflects(angle: Double, walls: Walls, expected: Double) {
        var vector = Vector(angle: angle, velocity: 1)
        vector.reflect(at: walls)
        #expect(vector.angle == expected)
    }

    @Test func whoBouncesComesBackAlongTheSameLine() throws {
        let states = try run(start(x: 100, y: 40, angle: 90, velocity: 100, BouncingRobot.self), steps: 12)
        // At a wall it stays for a step, which turns it round.
        let places = states.map { $0[0].location.x.rounded() }
        #expect(places.count { $0 == 400 } >= 2 && places.contains(0), "\(places)")
        for (former, next) in zip(places, places.dropFirst()) {
            #expect(abs(next - former) == 100 || next == former && [0, 400].contains(next), "\(places)")
        }
        #expect(Set(states.map { $0[0].vector.angle }) == [90, 270])
        #expect(states.allSatisfy { abs($0[0].location.y - 40) < 1e-9 })
    }

    @Test(arguments: [BouncingRobot.self, WanderingRobot.self, AvoidingRobot.self] as [Robot.Type])
    func everyBehaviourRepeatsAndStaysInside(behaviour: Robot.Type) throws {
        let size = WorldSize(width: 300, height: 200)
        let scenario = Scenario.random(robots: 40, seed: 4, size: size, velocities: 1...20, behaviour: behaviour)
        let states = try run(scenario, steps: 400)
        #expect(states.joined().allSatisfy { size.contains($0.location) })
        #expect(states.joined().allSatisfy { (0..<360).contains($0.vector.angle) })
        // Half degrees: so only 720 sines occur.
        #expect(states.joined().allSatisfy { ($0.vector.angle * 2).rounded() == $0.vector.angle * 2 })
        #expect(try run(scenario, steps: 400).last?.map(\.location) == states.last?.map(\.location))
        // Nobody is stuck at a wall for long.
        for robot in 0..<40 {
            let places = states.suffix(50).map { $0[robot].location }
            #expect(zip(places, places.dropFirst()).count { $0 == $1 } < 30, "robot \(robot)")
        }
    }

    @Test func whoWandersTurnsToBothSides() throws {
        let states = try run(start(x: 248, y: 248, angle: 0, velocity: 0, WanderingRobot.self), steps: 1000)
        let turns = zip(states, states.dropFirst()).map { former, next in
            let turn = next[0].vector.angle - former[0].vector.angle
            return turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn
        }
        #expect(turns.allSatisfy { abs($0) <= 10 })
        #expect((400...600).contains(turns.count { $0 > 0 }) && (400...600).contains(turns.count { $0 < 0 }))
        #expect(Set(turns).count == 41)
    }

    /// How near each robot has its nearest neighbour, on average over some steps.
    private func nearest(_ behaviour: Robot.Type) throws -> Double {
        let states = try run(.random(robots: 60, seed: 2, velocities: 2...4, behaviour: behaviour), steps: 300)
        let distances = stride(from: 200, to: 300, by: 10).map { states[$0] }.flatMap { state in
            state.map { robot in
                state.filter { $0.id != robot.id }.map { other in
                    let (x, y) = (other.location.x - robot.location.x, other.location.y - robot.location.y)
                    return (x * x + y * y).squareRoot()
                }.min()!
            }
        }
        return distances.reduce(0, +) / Double(distances.count)
    }

    @Test func whoAvoidsOthersKeepsAway() throws {
        let (avoiding, bouncing) = (try nearest(AvoidingRobot.self), try nearest(BouncingRobot.self))
        #expect(avoiding > 1.25 * bouncing, "\(avoiding) and \(bouncing)")
    }

    @Test(arguments: [0.0, 1, 40, 100, 1000])
    func neighboursAreAllThatAreNear(distance: Double) throws {
        var scenario = Scenario.random(robots: 300, seed: 6, size: WorldSize(width: 700, height: 90))
        // Outside, far outside, at the place that the original world takes for none, and without a place.
        for (index, place) in [(-30.0, 20.0), (800, 100), (1e300, -1e300), (-1, -1)].enumerated() {
            scenario.robots.append(
                Scenario.Start(
                    id: "outside \(index)",
                    location: Location(x: place.0, y: place.1),
                    vector: Vector(angle: 0, velocity: 0)
                )
            )
        }
        var placeless = Scenario.Start(
            id: "placeless",
            location: Location(x: -1, y: -1),
            vector: .init(angle: 0, velocity: 0)
        )
        placeless.hasPlace = false
        scenario.robots.append(placeless)
        _ = try Simulation(scenario).run { step in
            // By then all have joined.
            if step.number < 12 { return .proceed }
            try #require(step.state.count == 304)
            let places = step.state.map(\.location)
            for here in places + [Location(x: 0, y: 0), Location(x: -1e300, y: 1e300)] {
                var found: [Location] = []
                step.state.forEachNeighbour(of: here, within: distance) { found.append($0.location) }
                let expected = places.filter {
                    let (x, y) = ($0.x - here.x, $0.y - here.y)
                    return x * x + y * y <= distance * distance
                }
                let order = { (one: Location, other: Location) in (one.x, one.y) < (other.x, other.y) }
                #expect(found.sorted(by: order) == expected.sorted(by: order))
            }
            return .stop
        }
    }

    /// Looks around itself, and compares that with the list of everyone.
    private final class Onlooker: Robot {
        private let id: String

        required init(_ start: Scenario.Start, in world: World) throws {
            id = start.id
            try super.init(start, in: world)
        }

        override func see(_ state: WorldState) throws {
            guard let here = location(in: state) else { return }
            func line(_ one: WorldState.Element) -> String { "\(one.id) \(one.kind) \(one.location) \(one.vector)" }
            var found: [String] = []
            forEachNeighbour(in: state, within: 60) { found.append(line($0)) }
            let expected = state.filter { other in
                let (x, y) = (other.location.x - here.x, other.location.y - here.y)
                return other.id != id && x * x + y * y <= 60 * 60
            }
            #expect(found.sorted() == expected.map(line).sorted(), "\(id)")
        }
    }

    @Test func aRobotSeesTheOthersAndNotItself() throws {
        let scenario = Scenario.random(
            robots: 60,
            seed: 3,
            size: WorldSize(width: 200, height: 150),
            behaviour: Onlooker.self
        )
        _ = try Simulation(scenario).run { $0.number < 20 ? .proceed : .stop }
    }

    /// A behaviour of one's own, which looks where it really is.
    private final class Witness: Robot {
        override func see(_ state: WorldState) throws {
            let here = location(in: state)
            let shown = state.first { $0.id == address.name }?.location
            #expect(here == shown)
            vector.turn(by: 90)
        }
    }

    @Test func aRobotFindsItselfInAState() throws {
        let scenario = Scenario.random(robots: 30, seed: 1, behaviour: Witness.self)
        let outcome = try Simulation(scenario).run { step in
            if step.number == 20 { step.remove("R3") }
            return step.number < 40 ? .proceed : .stop
        }
        #expect(outcome.robots.count == 29)
    }
}
