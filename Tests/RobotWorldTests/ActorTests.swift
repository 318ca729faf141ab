import Actors
import Channels
import RobotWorld
import Tasklets
import Testing

/// The actors themselves, without a simulation around them.
@Suite struct ActorTests {
    /// Runs a world with one robot on a scheduler of its own until the display has got `steps` states. Returns the events.
    private func runWorld(
        steps: Int,
        with body: @escaping (World, Display, Robot) throws -> Void
    ) throws -> [String] {
        var events: [String] = []
        try Scheduler.scope {
            let driver = Driver()
            Tasklet(name: "main") {
                let world = try World(trace: Trace { events.append($0) })
                try world.turn()
                let display = try Display(in: world, driver: driver)
                let start = Scenario.Start(
                    id: "R1",
                    location: Location(x: 248, y: 248),
                    vector: Vector(angle: 30, velocity: 7)
                )
                let robot = try ClassicRobot(start, in: world)
                try body(world, display, robot)
            }
            for _ in 1...steps {
                guard case .state = try driver.next() else {
                    Issue.record("no state")
                    return
                }
            }
        }
        return events
    }

    @Test func noActorLivesOn() throws {
        weak var world: World?
        weak var display: Display?
        weak var robot: Robot?
        var tasklets: [Tasklet] = []
        _ = try runWorld(steps: 30) {
            world = $0
            display = $1
            robot = $2
            tasklets = [$0.tasklet, $1.tasklet, $2.tasklet]
            #expect(Scheduler.current.tasklets.count == 6)
            #expect(!tasklets.contains { !$0.isAlive })
        }
        #expect(world == nil && display == nil && robot == nil)
        #expect(!tasklets.contains { $0.isAlive || $0.isBlocked })
    }

    @Test func whatAnActorDoesNotKnowItReports() throws {
        let events = try runWorld(steps: 4) { world, display, robot in
            let stranger = Address(name: "stranger")
            try stranger.send(.join(Entry(kind: .robot, location: Location(x: 1, y: 2))), to: robot.address)
            try stranger.send(.collision([]), to: display.address)
            try stranger.send(.collision([]), to: world.address)
            // Nobody has joined from this address.
            try stranger.send(.updateVector(Vector(angle: 1, velocity: 2)), to: world.address)
        }
        #expect(
            events.filter { $0.contains("UNKNOWN MSG") } == [
                "R1 print: UNKNOWN MSG JOIN Robot (1.0, 2.0) from stranger",
                "Display print: UNKNOWN MSG COLLISION from stranger",
                "World.in print: UNKNOWN MSG COLLISION from stranger",
                "World.in print: UNKNOWN MSG UPDATE_VECTOR 1.0 2.0 from stranger",
            ]
        )
    }

    @Test func whoJoinsAgainIsNotCountedTwice() throws {
        let events = try runWorld(steps: 5) { world, _, robot in
            let entry = Entry(kind: .robot, location: Location(x: 1, y: 2), vector: Vector(angle: 90, velocity: 1))
            try robot.address.send(.join(entry), to: world.address)
        }
        #expect(events.last { $0.contains("actors:") } == "World.out print: actors: {Display, R1}")
    }

    @Test func aRobotLeaves() throws {
        weak var gone: Robot?
        let events = try runWorld(steps: 5) { world, _, _ in
            let start = Scenario.Start(id: "R2", location: Location(x: 1, y: 2), vector: Vector(angle: 90, velocity: 1))
            let robot = try ClassicRobot(start, in: world)
            gone = robot
            Tasklet { try robot.leave(world) }
        }
        #expect(gone == nil)
        #expect(events.contains("World.in print: REMOVING R2"))
        #expect(events.last { $0.contains("actors:") } == "World.out print: actors: {Display, R1}")
    }

    @Test func whoHasNotJoinedCannotLeave() throws {
        let events = try runWorld(steps: 4) { world, _, _ in
            try Address(name: "stranger").send(.leave, to: world.address)
        }
        #expect(events.contains("World.in print: UNKNOWN MSG LEAVE from stranger"))
    }

    @Test func whoLeavesMayJoinAgain() throws {
        let events = try runWorld(steps: 6) { world, _, robot in
            let entry = Entry(kind: .robot, location: Location(x: 1, y: 2), vector: Vector(angle: 90, velocity: 1))
            try robot.address.send(.leave, to: world.address)
            try robot.address.send(.join(entry), to: world.address)
        }
        #expect(events.last { $0.contains("actors:") } == "World.out print: actors: {Display, R1}")
        #expect(!events.contains { $0.contains("UNKNOWN MSG") })
    }

    @Test func aTurnTakesOffOneRound() {
        var vector = Vector(angle: 400, velocity: 1)
        vector.turn(by: 0.5)
        #expect(vector.angle == 40.5)
        vector = Vector(angle: 800, velocity: 1)
        vector.turn(by: 0.5)
        #expect(vector.angle == 440.5)
        vector = Vector(angle: 359.5, velocity: 1)
        vector.turn(by: 0.5)
        #expect(vector.angle == 0)
    }

    @Test func theWallsAreInside() {
        for (x, y, isInside) in [
            (0.0, 0.0, true), (496, 496, true), (-0.001, 5, false), (5, -0.001, false), (496.001, 5, false),
            (5, 496.001, false),
        ] {
            #expect(WorldSize.classic.contains(Location(x: x, y: y)) == isInside, "(\(x), \(y))")
        }
    }
}
