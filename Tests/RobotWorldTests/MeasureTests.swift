import RobotWorld
import Testing

/// Numbers that are taken of a world by name.
@Suite struct MeasureTests {
    private static let behaviours = Robot.behaviours.map(\.value)

    /// Robots of all behaviours, of which some fly backwards and some begin outside; in worlds that wait, and in others.
    private func scenario(_ random: inout SplitMix64) -> Scenario {
        let size = WorldSize(width: random.whole(20...400), height: random.whole(20...400))
        let robots = (0..<Int(random.whole(0...60))).map { index in
            Scenario.Start(
                id: "R\(index)",
                location: Location(x: random.whole(-10...400), y: random.whole(-10...400)),
                vector: Vector(angle: random.whole(0...719) / 2, velocity: random.whole(-5...90)),
                behaviour: Self.behaviours[Int(random.whole(0...Self.behaviours.count - 1))]
            )
        }
        return Scenario(robots: robots, size: size, waitsForAll: random.whole(0...1) == 0)
    }

    /// Collisions as the robots have been told of them; distances summed up by their names.
    @Test(arguments: 1...200)
    func observationsAreThoseOfTheRun(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let scenario = scenario(&random)
        let steps = Int(random.whole(1...150))
        var observer = Observer(of: scenario)
        var places = Dictionary(uniqueKeysWithValues: scenario.robots.map { ($0.id, $0.location) })
        var distances: [String: Double] = [:]
        let outcome = try Simulation(scenario).run { step in
            observer.take(step)
            for robot in step.state {
                let former = try #require(places[robot.id])
                places[robot.id] = robot.location
                let (x, y) = (robot.location.x - former.x, robot.location.y - former.y)
                distances[robot.id, default: 0] += (x * x + y * y).squareRoot()
            }
            #expect(observer.robots.map(\.id) == step.state.map(\.id))
            #expect(observer.robots.map(\.location) == step.state.map(\.location))
            #expect(observer.robots.map(\.vector) == step.state.map(\.vector))
            return step.number < steps ? .proceed : .stop
        }
        #expect(observer.steps == steps && observer.messages == outcome.messages)
        #expect(observer.collisions == outcome.collisions)
        let counts = Dictionary(uniqueKeysWithValues: outcome.robots.map { ($0.id, $0.collisions) })
        for robot in observer.robots {
            #expect(robot.distance == distances[robot.id])
            #expect(robot.collisions == counts[robot.id])
        }
    }

    /// Who leaves is no longer measured; its collisions have happened. Who is added counts from its second step on.
    @Test func robotsLeaveAndJoin() throws {
        func start(_ id: String, _ velocity: Double) -> Scenario.Start {
            // To the right, and the third one into the wall.
            Scenario.Start(
                id: id,
                location: Location(x: 90, y: 50),
                vector: Vector(angle: 90, velocity: velocity),
                behaviour: Robot.self
            )
        }
        let size = WorldSize(width: 100, height: 100)
        let scenario = Scenario(robots: [start("A", 1), start("B", 20), start("C", 2)], size: size, waitsForAll: true)
        var observer = Observer(of: scenario)
        var seen: [[String]] = []
        var totals: [Int] = []
        _ = try Simulation(scenario).run { step in
            observer.take(step)
            seen.append(observer.robots.map { "\($0.id) \($0.distance) \($0.collisions)" })
            totals.append(observer.collisions)
            if step.number == 2 {
                step.remove("B")
                step.add(start("D", 3))
            }
            return step.number < 5 ? .proceed : .stop
        }
        #expect(seen[0] == ["A 1.0 0", "B 0.0 1", "C 2.0 0"])
        #expect(seen[1] == ["A 2.0 0", "B 0.0 2", "C 4.0 0"])
        #expect(seen[2].prefix(2) == ["A 3.0 0", "C 6.0 0"])
        #expect(seen[4].prefix(2) == ["A 5.0 0", "C 10.0 0"])
        let steps = seen.filter { $0.contains { $0.hasPrefix("D ") } }.count
        #expect(steps >= 2 && seen[4].last == "D \(Double(3 * (steps - 1))) 0")
        #expect(totals == [1, 2, 2, 2, 2])
    }

    @Test func aggregates() {
        let numbers = [2.0, 4, 4, 4, 5, 5, 7, 9]
        #expect(Aggregate.allCases.map { $0.value(of: numbers) } == [5, 2, 9, 40, 2])
        #expect(Aggregate.allCases.map { $0.value(of: []) } == [nil, nil, nil, 0, nil])
        #expect(Aggregate.allCases.map { $0.value(of: [-1.5]) } == [-1.5, -1.5, -1.5, -1.5, 0])
    }

    @Test func standardMeasures() throws {
        let scenario = Scenario.random(robots: 5, seed: 3)
        var observer = Observer(of: scenario)
        func value(_ name: String) throws -> Double? {
            try Measures.standard.quantity(named: name).value(of: observer)
        }
        #expect(try ["steps", "robots", "messages", "collisions", "sum(x)"].map(value) == [0, 0, 0, 0, 0])
        #expect(try ["mean(x)", "min(y)", "max(distance)", "deviation(velocity)"].map(value) == [nil, nil, nil, nil])
        let outcome = try Simulation(scenario).run { step in
            observer.take(step)
            return step.number < 30 ? .proceed : .stop
        }
        let robots = observer.robots
        #expect(
            try ["steps", "robots", "messages", "collisions"].map(value)
                == [30, 5, Double(outcome.messages), Double(outcome.collisions)]
        )
        #expect(try value("sum(collisions)") == Double(outcome.collisions))
        #expect(try value("max(x)") == robots.map(\.location.x).max())
        #expect(try value("min(y)") == robots.map(\.location.y).min())
        #expect(try value("mean(velocity)") == robots.map(\.vector.velocity).reduce(0, +) / 5)
        #expect(try value("sum(distance)") == robots.map(\.distance).reduce(0, +))
        #expect(try Measures.standard.quantity(named: "mean(distance)").name == "mean(distance)")
    }

    @Test(
        arguments: [
            ("distance", .missingAggregate("distance")), ("mean(messages)", .surplusAggregate("messages")),
            ("collision", .unknownMeasure("collision")), ("mean(speed)", .unknownMeasure("speed")),
            ("average(x)", .unknownAggregate("average")), ("(x)", .unknownAggregate("")), ("", .unknownMeasure("")),
            ("mean()", .unknownMeasure("")), ("mean(x", .noName("mean(x")), ("mean((x))", .noName("mean((x))")),
            ("mean(x) ", .noName("mean(x) ")), (" steps", .unknownMeasure(" steps")),
        ] as [(String, QuantityError)]
    )
    func wrongNames(text: String, error: QuantityError) {
        #expect(throws: error) { () throws -> Void in _ = try Measures.standard.quantity(named: text) }
    }

    /// As a package adds them.
    @Test func ownMeasures() throws {
        var measures = Measures.standard
        measures.add(
            Measure(ofWorld: "crowd", unit: "robots", about: "robots in the left half") { observer in
                Double(observer.robots.count { $0.location.x < 248 })
            }
        )
        measures.add(Measure(ofEachRobot: "crowd", unit: "", about: "no number") { _ in .nan })
        var observer = Observer(of: .classic)
        _ = try Simulation(.classic).run { step in
            observer.take(step)
            return step.number < 200 ? .proceed : .stop
        }
        let left = observer.robots.count { $0.location.x < 248 }
        #expect(try measures.quantity(named: "crowd").value(of: observer) == Double(left))
        #expect(try measures.quantity(named: "mean(crowd)").value(of: observer) == nil)
        #expect(measures.all.count == Measures.standard.all.count + 2)
    }
}
