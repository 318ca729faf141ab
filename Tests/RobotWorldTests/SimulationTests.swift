import RobotWorld
import Tasklets
import Testing

/// How a run begins, ends and is observed.
@Suite struct SimulationTests {
    @Test func stepsCountMessages() throws {
        var counts: [Int] = []
        let outcome = try Simulation(.classic).run { step in
            counts.append(step.messages)
            return step.number < 50 ? .proceed : .stop
        }
        // A round with twelve robots: a state for each and for the display, twelve answers, and some collisions.
        for (former, next) in zip(counts, counts.dropFirst()).dropFirst(10) { #expect(25...37 ~= next - former) }
        #expect(counts.last == outcome.messages)
    }

    @Test(arguments: 1...6)
    func aRunEndsAfterExactlySoManySteps(steps: Int) throws {
        // Up to the third step main is still building the world.
        var seen: [Int] = []
        let outcome = try Simulation(.classic).run { step in
            seen.append(step.number)
            return step.number < steps ? .proceed : .stop
        }
        #expect(seen == Array(1...steps))
        #expect(outcome.steps == steps)
    }

    @Test func theFirstStatesShowThoseWhoHaveJoined() throws {
        var counts: [Int] = []
        _ = try Simulation(.classic).run { step in
            counts.append(step.state.count)
            return step.number < 4 ? .proceed : .stop
        }
        #expect(counts == [0, 2, 6, 12])
    }

    /// Whoever does not want that waits.
    @Test(arguments: [0, 1, 12, 500])
    func aWorldThatWaitsShowsEveryoneAtOnce(count: Int) throws {
        let scenario = Scenario.random(robots: count, seed: 4)
        #expect(scenario.waitsForAll && !Scenario.classic.waitsForAll)
        var ids: [[String]] = []
        let outcome = try Simulation(scenario).run { step in
            ids.append(step.state.map(\.id))
            return step.number < 3 ? .proceed : .stop
        }
        #expect(ids == Array(repeating: scenario.robots.map(\.id), count: 3))
        // The last step has reached the display alone.
        #expect(outcome.robots.allSatisfy { $0.updates == 2 })
    }

    /// Told of every thousandth that has joined, and not of steps.
    @Test(arguments: [999, 1000, 3500])
    func joiningIsTold(count: Int) throws {
        let simulation = Simulation(.random(robots: count, seed: 4))
        var told: [Int] = []
        let outcome = try simulation.run(
            joining: { joined in
                told.append(joined)
                return .proceed
            },
            show: { step in
                told.append(-step.number)
                return step.number < 2 ? .proceed : .stop
            }
        )
        #expect(told == Array(stride(from: 1000, through: count, by: 1000)) + [-1, -2])
        let untold = try simulation.run { $0.number < 2 ? .proceed : .stop }
        #expect(outcome.digest == untold.digest && outcome.messages == untold.messages)
    }

    /// Steps say how far a world has come that turns while robots join.
    @Test func joiningIsNotToldBesideSteps() throws {
        let robots = Scenario.random(robots: 2500, seed: 4).robots
        let outcome = try Simulation(Scenario(robots: robots)).run(
            joining: { joined in
                Issue.record("\(joined) have joined")
                return .stop
            },
            show: { $0.state.count < 2500 ? .proceed : .stop }
        )
        #expect(outcome.steps > 1)
    }

    @Test func aRunEndsWhileRobotsJoin() throws {
        let outcome = try Simulation(.random(robots: 5000, seed: 4)).run(
            joining: { $0 < 2000 ? .proceed : .stop },
            show: { _ in
                Issue.record("a step")
                return .stop
            }
        )
        #expect(outcome.steps == 0 && outcome.digest == Digest())
        // With the display.
        #expect(outcome.messages == 2001)
        #expect(outcome.robots.count == 2000)
    }

    @Test func anErrorWhileRobotsJoinComesOut() throws {
        struct FrontEndBroke: Error {}
        #expect(throws: FrontEndBroke.self) {
            try Simulation(.random(robots: 5000, seed: 4)).run(
                joining: { _ in throw FrontEndBroke() },
                show: { _ in .stop }
            )
        }
    }

    @Test func aWorldWithoutRobotsTurnsToo() throws {
        let outcome = try Simulation(Scenario(robots: [])).run { step in
            #expect(step.state.count == 0)
            return step.number < 100 ? .proceed : .stop
        }
        #expect(outcome.messages == 101)
        #expect(outcome.robots.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 50])
    func anErrorOfTheFrontEndComesOut(step: Int) throws {
        struct FrontEndBroke: Error {}
        #expect(throws: FrontEndBroke.self) {
            try Simulation(.classic).run { if $0.number == step { throw FrontEndBroke() } else { .proceed } }
        }
    }

    @Test(arguments: [1, 2, 10, 500])
    func anErrorOfTheTraceComesOut(event: Int) throws {
        struct TraceBroke: Error {}
        var events = 0
        #expect(throws: TraceBroke.self) {
            try Simulation(.classic).run(
                trace: { _ in
                    events += 1
                    if events == event { throw TraceBroke() }
                },
                show: { $0.number < 1000 ? .proceed : .stop }
            )
        }
        // Who is ended by the error above goes silently.
        #expect(events == event)
    }

    @Test func everythingHasEndedAfterARun() throws {
        final class Token {}
        var token: Token? = Token()
        weak let witness = token
        let before = Scheduler.current.tasklets.count
        // The display holds the closure, the world's tasklets hold the display.
        _ = try Simulation(.classic).run { [token] step in
            _ = token
            return step.number < 20 ? .proceed : .stop
        }
        token = nil
        #expect(witness == nil)
        #expect(Scheduler.current.tasklets.count == before)
        #expect(Tasklet.runCount == 1)
    }

    @Test func aTraceDoesNotChangeTheRun() throws {
        var events: [String] = []
        let traced = try Simulation(.classic).run(
            trace: { events.append($0) },
            show: { $0.number < 200 ? .proceed : .stop }
        )
        let untraced = try Simulation(.classic).run { $0.number < 200 ? .proceed : .stop }
        #expect(traced.digest == untraced.digest)
        #expect(traced.messages == untraced.messages)
        #expect(events.count { $0.contains(" send ") && !$0.contains("print:") } == traced.messages)
        #expect(events.count { $0.contains(" send ") && $0.hasSuffix("COLLISION") } == traced.collisions)
        #expect(events.count { $0.contains("send World: UPDATE_VECTOR") } == traced.updates)
    }

    @Test func theTraceOfSomeStepsIsTheBeginningOfTheWhole() throws {
        func trace(of steps: Int, ending: Int) throws -> [String] {
            var events: [String] = []
            _ = try Simulation(.classic).run(
                trace: { events.append($0) },
                traceSteps: ending,
                show: { $0.number < steps ? .proceed : .stop }
            )
            return events
        }
        #expect(try trace(of: 30, ending: 7) == trace(of: 7, ending: .max))
    }

    @Test func statesThatAreKeptDoNotChange() throws {
        var states: [WorldState] = []
        var places: [[Location]] = []
        _ = try Simulation(.classic).run { step in
            states.append(step.state)
            places.append(step.state.map(\.location))
            return step.number < 50 ? .proceed : .stop
        }
        #expect(states.map { $0.map(\.location) } == places)
        #expect(Set(places.map { "\($0)" }).count == 50)
    }

    @Test func robotsComeAndGo() throws {
        let alone = Scenario.Start(
            id: "alone",
            location: Location(x: 9, y: 9),
            vector: Vector(angle: 0, velocity: 0)
        )
        var seen: [[String]] = []
        var events: [String] = []
        let outcome = try Simulation(.random(robots: 4, seed: 1)).run(
            trace: { events.append($0) },
            show: { step in
                seen.append(step.state.map(\.id))
                switch step.number {
                case 10:
                    #expect(step.remove("R2"))
                    #expect(!step.remove("R2"))
                    #expect(!step.remove("nobody"))
                case 20:
                    #expect(step.add(alone))
                    #expect(!step.add(alone))
                    #expect(step.remove("R1"))
                case 30:
                    for id in ["R3", "R4", "alone"] { #expect(step.remove(id)) }
                    #expect(step.add(alone))
                default: break
                }
                return step.number < 40 ? .proceed : .stop
            }
        )
        #expect(seen[9] == ["R1", "R2", "R3", "R4"])
        #expect(seen[10] == ["R1", "R3", "R4"])
        #expect(seen[19] == ["R1", "R3", "R4"])
        #expect(seen[21] == ["R3", "R4", "alone"])
        #expect(seen[29] == ["R3", "R4", "alone"])
        #expect(seen[31] == ["alone"])
        #expect(seen[39] == ["alone"])
        #expect(outcome.robots.map(\.id) == ["alone"])
        #expect(events.count { $0 == "Display send World: LEAVE" } == 5)
        #expect(events.count { $0.hasPrefix("World.in print: REMOVING ") } == 5)
        #expect(!events.contains { $0.contains("UNKNOWN MSG") })
    }

    /// Also while main is still building the world, when nobody waits where he usually does.
    @Test(arguments: 1...12, [false, true])
    func robotsComeAndGoAtTheBeginning(step first: Int, waitsForAll: Bool) throws {
        var scenario = Scenario.random(robots: 100, seed: 1)
        scenario.waitsForAll = waitsForAll
        var removed: Set<String> = []
        var added = 0
        var last: [String] = []
        let outcome = try Simulation(scenario).run { step in
            last = step.state.map(\.id)
            #expect(Set(last).count == last.count)
            if step.number >= first && step.number < first + 3 {
                for id in last.prefix(5) where step.remove(id) { removed.insert(id) }
                for _ in 1...3 {
                    added += 1
                    let start = Scenario.Start(
                        id: "A\(added)",
                        location: Location(x: 9, y: 9),
                        vector: Vector(angle: 0, velocity: 1)
                    )
                    #expect(step.add(start))
                }
            }
            return step.number < 30 ? .proceed : .stop
        }
        #expect(last.count == 100 + added - removed.count)
        #expect(Set(last).isDisjoint(with: removed))
        #expect(Set(outcome.robots.map(\.id)) == Set(last))
    }

    /// A robot that stays is not touched by those who come and go.
    @Test func whoStaysFliesAsBefore() throws {
        func places(of id: String, disturbed: Bool) throws -> [Location?] {
            var places: [Location?] = []
            _ = try Simulation(.random(robots: 6, seed: 2)).run { step in
                places.append(step.state.first { $0.id == id }?.location)
                if disturbed, step.number.isMultiple(of: 7) { step.remove("R\(step.number / 7)") }
                if disturbed, step.number.isMultiple(of: 5) {
                    step.add(
                        Scenario.Start(
                            id: "A\(step.number)",
                            location: Location(x: 9, y: 9),
                            vector: Vector(angle: 0, velocity: 1)
                        )
                    )
                }
                return step.number < 200 ? .proceed : .stop
            }
            return places
        }
        #expect(try places(of: "R6", disturbed: true)[..<41] == places(of: "R6", disturbed: false)[..<41])
        #expect(try places(of: "R6", disturbed: true)[42...].allSatisfy { $0 == nil })
    }

    @Test func otherWalls() throws {
        let size = WorldSize(width: 100, height: 30)
        let scenario = Scenario(robots: Scenario.classic.robots, size: size)
        _ = try Simulation(scenario).run { step in
            #expect(step.state.size == size)
            for robot in step.state where robot.id == "R1" { #expect(size.contains(robot.location)) }
            return step.number < 100 ? .proceed : .stop
        }
    }

    /// What a robot does depends on itself alone, so it can be computed without a world.
    @Test(arguments: [1, 2, 3, 40])
    func robotsFlyAsComputedAlone(count: Int) throws {
        let scenario = Scenario.random(robots: count, seed: 7)
        var alone: [String: (location: Location, told: Vector, own: Vector)] = [:]
        let starts = Dictionary(uniqueKeysWithValues: scenario.robots.map { ($0.id, $0) })
        let outcome = try Simulation(scenario).run { step in
            for robot in step.state {
                let start = try #require(starts[robot.id])
                var (location, told, own) = alone[robot.id] ?? (start.location, start.vector, start.vector)
                let target = location.moved(along: told)
                if WorldSize.classic.contains(target) { location = target } else { own.turn(by: 73) }
                #expect(robot.location == location && robot.vector == told, "step \(step.number), \(robot.id)")
                own.turn(by: 0.5)
                told = own
                alone[robot.id] = (location, told, own)
            }
            return step.number < 300 ? .proceed : .stop
        }
        #expect(alone.count == count)
        #expect(outcome.collisions > 0)
    }
}
