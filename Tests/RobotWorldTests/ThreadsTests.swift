import Foundation
import RobotWorld
import Tasklets
import Testing

/// A world on several threads is the world on one.
@Suite struct ThreadsTests {
    private func expectSame(_ one: Outcome, _ other: Outcome, _ comment: Comment) {
        #expect(one.steps == other.steps, comment)
        #expect(one.digest == other.digest, comment)
        #expect(one.messages == other.messages, comment)
        #expect(one.collisions == other.collisions, comment)
        #expect(one.updates == other.updates, comment)
        #expect(one.robotCount == other.robotCount, comment)
        #expect(one.robots.map { "\($0)" } == other.robots.map { "\($0)" }, comment)
    }

    // MARK: Random worlds

    /// A world that a seed stands for, and what is done to it.
    private struct RandomWorld {
        private static let behaviours = Robot.behaviours.map(\.value)

        let scenario: Scenario
        let steps: Int
        private let changes: [Int: [Snapshot.Change.Action]]

        init(seed: UInt64) {
            var random = SplitMix64(seed: seed)
            func whole(_ range: ClosedRange<Int>) -> Int { Int(random.whole(range)) }
            let size = WorldSize(width: Double(whole(20...600)), height: Double(whole(20...600)))
            func start(_ id: String) -> Scenario.Start {
                Scenario.Start(
                    id: id,
                    // Some begin outside.
                    location: Location(
                        x: Double(whole(-5...Int(size.width))),
                        y: Double(whole(0...Int(size.height) + 5))
                    ),
                    vector: Vector(angle: Double(whole(0...719)) / 2, velocity: Double(whole(-3...15))),
                    behaviour: Self.behaviours[whole(0...Self.behaviours.count - 1)]
                )
            }
            let count = whole(0...3) == 0 ? whole(0...5) : whole(6...90)
            let robots = (0..<count).map { start("R\($0)") }
            scenario = Scenario(robots: robots, size: size, waitsForAll: whole(0...3) > 0)
            steps = whole(2...30)
            var changes: [Int: [Snapshot.Change.Action]] = [:]
            for number in 0..<whole(0...3) * whole(0...1) {
                let isRemoval = whole(0...1) == 0
                let action: Snapshot.Change.Action =
                    isRemoval ? .remove("R\(whole(0...max(count - 1, 0)))") : .add(start("A\(number)"))
                changes[whole(1...steps), default: []].append(action)
            }
            self.changes = changes
        }

        /// Runs it up to a step, from a snapshot or from its beginning.
        ///
        /// - Parameter pulled: Asks for the steps one by one.
        func run(
            to last: Int,
            threads: Int,
            pulled: Bool = false,
            from saved: Snapshot? = nil,
            show: (Simulation.Step) -> Void = { _ in }
        ) throws -> Outcome {
            let simulation = saved.map(Simulation.init(resuming:)) ?? Simulation(scenario)
            func take(_ step: Simulation.Step) -> Simulation.Verdict {
                for action in changes[step.number] ?? [] {
                    switch action {
                    case .add(let start): step.add(start)
                    case .remove(let id): step.remove(id)
                    }
                }
                show(step)
                return step.number < last ? .proceed : .stop
            }
            guard pulled else { return try simulation.run(threads: threads, show: take) }
            simulation.start(threads: threads)
            while let step = try simulation.next(), take(step) == .proceed {}
            return try simulation.end()
        }
    }

    /// What is seen of a step.
    private func line(_ step: Simulation.Step, withDigest: Bool) -> String {
        let robots = step.state.map { "\($0.id) \($0.location) \($0.vector)" }.joined(separator: "; ")
        return "\(step.number) \(step.messages) \(withDigest ? "\(step.digest)" : "") \(robots)"
    }

    private func check(seed: UInt64) throws {
        let world = RandomWorld(seed: seed)
        var random = SplitMix64(seed: ~seed)
        let savedAt = Int(random.whole(1...world.steps))
        let asksForDigests = random.next() % 2 == 0
        var lines: [String] = []
        var saved: Snapshot?
        let whole = try world.run(to: world.steps, threads: 1) { step in
            lines.append(line(step, withDigest: asksForDigests))
            if step.number == savedAt { saved = step.snapshot() }
        }
        let threads = Int(random.whole(2...8))
        var found: [String] = []
        var savedThere: Snapshot?
        let comment: Comment = "seed \(seed), \(threads) threads, saved at \(savedAt)"
        let outcome = try world.run(to: world.steps, threads: threads, pulled: random.next() % 2 == 0) { step in
            found.append(line(step, withDigest: asksForDigests))
            if step.number == savedAt { savedThere = step.snapshot() }
        }
        expectSame(outcome, whole, comment)
        #expect(found == lines, comment)
        #expect("\(try #require(savedThere))" == "\(try #require(saved))", comment)
        let others = Int(random.whole(1...8))
        let rest = try world.run(to: world.steps + 3, threads: others, from: savedThere)
        expectSame(
            rest,
            try world.run(to: world.steps + 3, threads: 1),
            "seed \(seed), saved at \(savedAt) by \(threads) threads, resumed by \(others)"
        )
    }

    /// `ROBOT_WORLDS=1000` looks at so many.
    @Test func randomWorlds() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["ROBOT_WORLDS"].flatMap(UInt64.init) ?? 25
        let first = environment["ROBOT_WORLDS_SEED"].flatMap(UInt64.init) ?? 1
        for seed in first..<first + count { try check(seed: seed) }
    }

    // MARK: Single cases

    @Test(arguments: 2...8)
    func theOriginalWorld(threads: Int) throws {
        let whole = try Simulation(.classic).run { $0.number < 120 ? .proceed : .stop }
        expectSame(try Simulation(.classic).run(threads: threads) { $0.number < 120 ? .proceed : .stop }, whole, "")
    }

    @Test func moreThreadsThanRobots() throws {
        for count in 0...3 {
            let scenario = Scenario.random(robots: count, seed: 5, behaviour: WanderingRobot.self)
            let whole = try Simulation(scenario).run { $0.number < 20 ? .proceed : .stop }
            let outcome = try Simulation(scenario).run(threads: 8) { $0.number < 20 ? .proceed : .stop }
            expectSame(outcome, whole, "\(count) robots")
        }
    }

    @Test func joiningIsTold() throws {
        var told: [Int] = []
        let outcome = try Simulation(.random(robots: 5500, seed: 4)).run(
            threads: 3,
            joining: { joined in
                told.append(joined)
                return .proceed
            },
            show: { step in
                told.append(-step.number)
                return step.number < 2 ? .proceed : .stop
            }
        )
        #expect(told == [1000, 2000, 3000, 4000, 5000, -1, -2])
        #expect(outcome.robots.count == 5500)
    }

    @Test(arguments: [1000, 3000, 5000])
    func aRunEndsWhileRobotsJoin(last: Int) throws {
        func outcome(threads: Int, from saved: Snapshot?) throws -> Outcome {
            let simulation = saved.map(Simulation.init(resuming:)) ?? Simulation(.random(robots: 5500, seed: 4))
            return try simulation.run(
                threads: threads,
                joining: { $0 < last ? .proceed : .stop },
                show: { _ in
                    Issue.record("a step")
                    return .stop
                }
            )
        }
        let began = try outcome(threads: 1, from: nil)
        expectSame(try outcome(threads: 4, from: nil), began, "")
        var saved: Snapshot?
        _ = try Simulation(.random(robots: 5500, seed: 4)).run { step in
            if step.number == 3 { saved = step.snapshot() }
            return step.number < 3 ? .proceed : .stop
        }
        expectSame(try outcome(threads: 4, from: saved), try outcome(threads: 1, from: saved), "resumed")
    }

    /// Whoever is added has the world made anew, in a run that has shown steps.
    @Test(arguments: [1, 2, 3])
    func nobodyIsToldOfAWorldThatIsMadeAnew(threads: Int) throws {
        func events(threads: Int, stoppingAfter steps: Int) throws -> ([Int], Outcome) {
            let extra = Scenario.random(robots: 1, seed: 8).robots[0]
            var told: [Int] = []
            let outcome = try Simulation(.random(robots: 2500, seed: 4)).run(
                threads: threads,
                joining: { joined in
                    told.append(joined)
                    // Would lose the step that is shown last, if anybody asked then.
                    return told.contains { $0 < 0 } ? .stop : .proceed
                },
                show: { step in
                    told.append(-step.number)
                    if step.number == 2 {
                        #expect(
                            step.add(
                                Scenario.Start(
                                    id: "extra",
                                    location: extra.location,
                                    vector: extra.vector,
                                    behaviour: extra.behaviour
                                )
                            )
                        )
                    }
                    return step.number < steps ? .proceed : .stop
                }
            )
            return (told, outcome)
        }
        let (told, outcome) = try events(threads: threads, stoppingAfter: 6)
        #expect(told == [1000, 2000, -1, -2, -3, -4, -5, -6])
        expectSame(outcome, try events(threads: 1, stoppingAfter: 6).1, "")
    }

    @Test(arguments: [true, false])
    func aSystemWithoutThreadsHasTheWorldMadeOnce(waitsForAll: Bool) async {
        await #expect(processExitsWith: .success) { [waitsForAll] in
            typealias SetAttributes = @convention(c) (UnsafePointer<pthread_attr_t>) -> Int32
            let set = unsafe unsafeBitCast(dlsym(nil, "pthread_setattr_default_np"), to: SetAttributes.self)
            var attributes = pthread_attr_t()
            unsafe pthread_attr_init(&attributes)
            // No memory is that large, so no thread begins.
            unsafe pthread_attr_setstacksize(&attributes, 1 << 46)
            guard unsafe set(&attributes) == 0 else { exit(2) }
            let robots = Scenario.random(robots: 30, seed: 1, behaviour: Witness.self).robots
            let outcome = try Simulation(Scenario(robots: robots, waitsForAll: waitsForAll)).run(threads: 4) {
                $0.number < 50 ? .proceed : .stop
            }
            guard outcome.steps == 50 else { exit(3) }
            // One that does not wait is made anew when all have joined, before it is found that there is no thread.
            guard Witness.made == (waitsForAll ? 30 : 60) else { exit(4) }
        }
    }

    /// Sleeps, and says when it has woken.
    private final class Sleeping: Robot {
        private nonisolated(unsafe) static var times: [TaskletClock.Instant] = []
        private static let lock = NSLock()

        static func takeTimes() -> [TaskletClock.Instant] {
            lock.withLock {
                defer { unsafe times = [] }
                return unsafe times
            }
        }

        override func see(_ state: WorldState) throws {
            try Tasklet.sleep(for: .seconds(Int(address.name.dropFirst())! % 7))
            let now = Scheduler.current.now
            Self.lock.withLock { unsafe Self.times.append(now) }
        }
    }

    @Test func aVirtualClockIsThatOfTheCaller() throws {
        func times(threads: Int) throws -> [TaskletClock.Instant] {
            try Scheduler.scope(clock: .virtual) {
                _ = try Simulation(.random(robots: 40, seed: 2, behaviour: Sleeping.self)).run(threads: threads) {
                    $0.number < 5 ? .proceed : .stop
                }
                return Sleeping.takeTimes() + [Scheduler.current.now]
            }
        }
        let whole = try times(threads: 1)
        #expect(whole.count > 40)
        #expect(try times(threads: 4) == whole)
    }

    /// One after the other, since they count the same robots.
    @Test(.serialized, arguments: [0, 1, 2, 9])
    func aRunThatIsDroppedEnds(steps: Int) throws {
        let count = Witness.count
        do {
            let simulation = Simulation(.random(robots: 30, seed: 1, behaviour: Witness.self))
            simulation.start(threads: 4)
            for _ in 0..<steps { _ = try simulation.next() }
        }
        #expect(Witness.count == count)
        #expect(Tasklet.runCount == 1)
    }

    /// Is counted while it lives.
    private final class Witness: Robot {
        private nonisolated(unsafe) static var living = 0
        private nonisolated(unsafe) static var madeInAll = 0
        private static let lock = NSLock()

        static var count: Int { lock.withLock { unsafe living } }
        static var made: Int { lock.withLock { unsafe madeInAll } }

        required init(_ start: Scenario.Start, in world: World) throws {
            try super.init(start, in: world)
            Self.lock.withLock {
                unsafe Self.living += 1
                unsafe Self.madeInAll += 1
            }
        }

        deinit { Self.lock.withLock { unsafe Self.living -= 1 } }
    }

    @Test(arguments: [
        (0, false, "A world cannot run on 0 threads; give at least 1"),
        (2, true, "A trace and a timeline show the order of one thread; leave them out with 2 threads"),
    ])
    func whatCannotBeEndsTheProcess(threads: Int, isTraced: Bool, message: String) async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [threads, isTraced] in
            Simulation(.classic).start(threads: threads, trace: isTraced ? { _ in } : nil)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(message), "\(text)")
    }
}
