import RobotWorld
import Testing

/// A run that is saved and resumed is the run that never stopped.
@Suite struct SnapshotTests {
    private static let behaviours = Robot.behaviours.map(\.key)

    private func scenario(_ behaviour: String, robots: Int) throws -> Scenario {
        let behaviour = try #require(Robot.behaviours.first { $0.key == behaviour }).value
        let size = WorldSize(width: 200, height: 150)
        return .random(robots: robots, seed: 8, size: size, velocities: 1...12, behaviour: behaviour)
    }

    private func expectSame(_ one: Outcome, _ other: Outcome, _ comment: Comment) {
        #expect(one.steps == other.steps, comment)
        #expect(one.digest == other.digest, comment)
        #expect(one.messages == other.messages, comment)
        #expect(one.collisions == other.collisions, comment)
        #expect(one.updates == other.updates, comment)
        #expect(one.robotCount == other.robotCount, comment)
        #expect(one.robots.map { "\($0)" } == other.robots.map { "\($0)" }, comment)
    }

    /// Runs up to a step and takes a snapshot there.
    private func snapshot(of simulation: Simulation, at step: Int) throws -> Snapshot {
        var saved: Snapshot?
        _ = try simulation.run {
            if $0.number == step { saved = $0.snapshot() }
            return $0.number < step ? .proceed : .stop
        }
        return try #require(saved)
    }

    @Test(arguments: behaviours, [0, 1, 2, 30])
    func aResumedRunIsTheSame(behaviour: String, robots: Int) throws {
        var scenario = try scenario(behaviour, robots: robots)
        try expectResumedRunsAreTheSame(scenario)
        // Up to the sixth step or so robots are still joining.
        scenario.waitsForAll = false
        try expectResumedRunsAreTheSame(scenario)
    }

    private func expectResumedRunsAreTheSame(_ scenario: Scenario) throws {
        let whole = try Simulation(scenario).run { $0.number < 150 ? .proceed : .stop }
        for step in [1, 2, 3, 4, 5, 6, 7, 8, 40, 149] {
            let saved = try snapshot(of: Simulation(scenario), at: step)
            #expect(saved.step == step)
            var numbers: [Int] = []
            let rest = try Simulation(resuming: saved).run {
                numbers.append($0.number)
                return $0.number < 150 ? .proceed : .stop
            }
            #expect(numbers == Array(step + 1...150))
            expectSame(rest, whole, "saved at \(step)")
        }
    }

    @Test(arguments: [true, false])
    func resumedAgainAndAgain(waitsForAll: Bool) throws {
        var scenario = try scenario("wander", robots: 20)
        scenario.waitsForAll = waitsForAll
        let whole = try Simulation(scenario).run { $0.number < 100 ? .proceed : .stop }
        var saved = try snapshot(of: Simulation(scenario), at: 1)
        for step in stride(from: 8, to: 100, by: 7) {
            saved = try snapshot(of: Simulation(resuming: saved), at: step)
        }
        expectSame(try Simulation(resuming: saved).run { $0.number < 100 ? .proceed : .stop }, whole, "")
    }

    @Test func takingASnapshotChangesNothing() throws {
        let scenario = try scenario("avoid", robots: 20)
        let whole = try Simulation(scenario).run { $0.number < 100 ? .proceed : .stop }
        let watched = try Simulation(scenario).run { step in
            _ = step.snapshot()
            return step.number < 100 ? .proceed : .stop
        }
        expectSame(watched, whole, "")
    }

    /// A world that waits for all is never in between.
    @Test func aWorldThatWaitsIsSavedAsAWorldFromTheFirstStepOn() throws {
        let scenario = try scenario("wander", robots: 20)
        guard case .world(let saved) = try snapshot(of: Simulation(scenario), at: 1).content else {
            Issue.record("saved as a scenario")
            return
        }
        #expect(saved.robots.map(\.start.id) == scenario.robots.map(\.id))
        #expect(saved.waiting == 20)
    }

    /// Robots that came and went are in the snapshot as they were.
    @Test(arguments: 21...25)
    func afterRobotsCameAndWent(step savedAt: Int) throws {
        let scenario = try scenario("classic", robots: 10)
        var saved: Snapshot?
        let whole = try Simulation(scenario).run { step in
            if step.number == savedAt { saved = step.snapshot() }
            if step.number == 20 {
                for number in 1...4 {
                    let vector = Vector(angle: 30, velocity: Double(number))
                    step.add(Scenario.Start(id: "A\(number)", location: Location(x: 9, y: 9), vector: vector))
                }
                step.remove("R2")
            }
            return step.number < 60 ? .proceed : .stop
        }
        let rest = try Simulation(resuming: #require(saved)).run { $0.number < 60 ? .proceed : .stop }
        expectSame(rest, whole, "")
        #expect(whole.robotCount == 13)
    }

    /// While others are still joining: the run is repeated with all that was done to it.
    @Test(arguments: 1...8)
    func afterRobotsCameAndWentWhileOthersJoin(step savedAt: Int) throws {
        let scenario = Scenario(robots: Scenario.random(robots: 40, seed: 8).robots)
        var isJoining = false
        var saved: Snapshot?
        func change(_ step: Simulation.Step) {
            for number in 1...2 {
                let vector = Vector(angle: 30, velocity: Double(number))
                let id = "A\(step.number).\(number)"
                #expect(step.add(Scenario.Start(id: id, location: Location(x: 9, y: 9), vector: vector)))
            }
            for robot in step.state.prefix(1) { #expect(step.remove(robot.id)) }
        }
        let whole = try Simulation(scenario).run { step in
            if step.number < savedAt { change(step) }
            if step.number == savedAt {
                change(step)
                saved = step.snapshot()
                if case .joining = saved?.content { isJoining = true }
            }
            return step.number < 60 ? .proceed : .stop
        }
        let snapshot = try #require(saved)
        let rest = try Simulation(resuming: snapshot).run { $0.number < 60 ? .proceed : .stop }
        expectSame(rest, whole, "saved at \(savedAt)")
        #expect(isJoining == (savedAt < 5))
        // Saved once more before all have joined, or as soon as they have.
        let again = try self.snapshot(of: Simulation(resuming: snapshot), at: savedAt + 1)
        expectSame(try Simulation(resuming: again).run { $0.number < 60 ? .proceed : .stop }, whole, "saved again")
    }

    /// Those who are still to join are counted, and what is done at the last step is too: a run that goes on has it.
    @Test(arguments: 1...8)
    func robotCount(step last: Int) throws {
        var count = 12
        var saved: Snapshot?
        let first = try Simulation(.classic).run { step in
            #expect(
                step.add(
                    Scenario.Start(
                        id: "A\(step.number)",
                        location: .init(x: 9, y: 9),
                        vector: .init(angle: 0, velocity: 1)
                    )
                )
            )
            count += 1
            for robot in step.state.suffix(2) where step.remove(robot.id) { count -= 1 }
            saved = step.snapshot()
            return step.number < last ? .proceed : .stop
        }
        #expect(first.robotCount == count)
        let snapshot = try #require(saved)
        #expect(try Simulation(resuming: snapshot).run { _ in .stop }.robotCount == count)
    }

    @Test func aChangeThatCannotBeRepeatedIsRefused() throws {
        let saved = try snapshot(of: Simulation(.classic), at: 2)
        for action in [Snapshot.Change.Action.remove("nobody"), .add(Scenario.classic.robots[11])] {
            var changed = saved
            changed.changes = [Snapshot.Change(step: 1, action: action)]
            #expect(throws: Simulation.OtherRun.self) {
                try Simulation(resuming: changed).run { _ in .stop }
            }
        }
    }

    /// The outcome is that of the run which was saved.
    @Test func endedWhileRobotsJoinAgain() throws {
        var saved: Snapshot?
        let simulation = Simulation(.random(robots: 2500, seed: 3))
        let first = try simulation.run { step in
            if step.number == 7 { saved = step.snapshot() }
            return step.number < 7 ? .proceed : .stop
        }
        let snapshot = try #require(saved)
        let outcome = try Simulation(resuming: snapshot).run(
            joining: { $0 < 2000 ? .proceed : .stop },
            show: { _ in
                Issue.record("a step")
                return .stop
            }
        )
        #expect(outcome.steps == 7 && outcome.digest == first.digest)
        #expect(outcome.messages == first.messages && outcome.collisions == first.collisions)
        #expect(outcome.updates == first.updates)
        #expect(outcome.robots.map(\.location) == first.robots.prefix(2000).map(\.location))
        #expect(outcome.robotCount == 2500)
    }

    /// Steps are repeated meanwhile.
    @Test func endedWhileRobotsStillJoin() throws {
        let scenario = Scenario(robots: Scenario.random(robots: 5000, seed: 3).robots)
        var saved: Snapshot?
        let first = try Simulation(scenario).run { step in
            if step.state.count < 2000 { return .proceed }
            saved = step.snapshot()
            return .stop
        }
        #expect(first.robotCount == 5000)
        var snapshot = try #require(saved)
        // The repetition does not come to these.
        let added = Scenario.Start(id: "A", location: Location(x: 9, y: 9), vector: Vector(angle: 0, velocity: 1))
        snapshot.changes = [.remove("R1"), .remove("R2"), .add(added)].map { .init(step: snapshot.step, action: $0) }
        guard case .joining = snapshot.content else {
            Issue.record("All have joined")
            return
        }
        let outcome = try Simulation(resuming: snapshot).run(
            joining: { joined in
                #expect(joined == 1000)
                return .stop
            },
            show: { _ in
                Issue.record("a step")
                return .stop
            }
        )
        #expect(outcome.steps == first.steps && outcome.digest == first.digest)
        #expect(outcome.robotCount == 4999)
    }

    @Test func theTraceGoesOn() throws {
        let scenario = try scenario("classic", robots: 3)
        func trace(_ simulation: Simulation) throws -> [String] {
            var events: [String] = []
            _ = try simulation.run(trace: { events.append($0) }, show: { $0.number < 12 ? .proceed : .stop })
            return events
        }
        let rest = try trace(Simulation(resuming: snapshot(of: Simulation(scenario), at: 9)))
        #expect(try trace(Simulation(scenario)).suffix(60) == rest.suffix(60))
        #expect(!rest.contains { $0.contains("JOIN") })
    }

    @Test func aSnapshotThatCannotBeReachedIsRefused() throws {
        var saved = try snapshot(of: Simulation(.classic), at: 2)
        saved.digest.add(UInt8(1))
        #expect(throws: Simulation.OtherRun.self) {
            try Simulation(resuming: saved).run { _ in .stop }
        }
    }
}
