import RobotWorld
import Tasklets
import Testing

/// How a run begins, ends and is observed.
@Suite struct SimulationTests {
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
                if target.isInsideTheWalls { location = target } else { own.turn(by: 73) }
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
