import Tasklets

/// Robots and their world, as they are built and changed by tasklets of the scheduler that has them.
///
/// It knows nothing of whoever holds that scheduler: when that one is gone, everything in it can end.
final class Part {
    /// After how many robots it is told that they have joined: so many that it costs nothing beside them, so few that
    /// they take no more than some milliseconds.
    private static let robotsBetweenNews = 1000

    let driver: Driver
    let counts = Counts()
    let trace = Trace()
    private(set) var robots: [Robot] = []
    /// Nil until it is built.
    private var world: World?
    /// Everyone of the scenario has been created.
    private(set) var isBuilt = false
    /// Steps have been shown, so nobody needs to be told of those who join.
    var isShown = false
    /// What is done to the world when its display goes on.
    var pending: [Snapshot.Change.Action] = []

    init(driver: Driver) {
        self.driver = driver
    }

    /// Creates everyone.
    ///
    /// A world that waits for all, as every world that is resumed does, begins to turn at the end; any other one turns from
    /// the beginning, so its first states show only some of the robots.
    func build(_ scenario: Scenario, from saved: SavedWorld?) throws {
        let world = try World(size: scenario.size, counts: counts, trace: trace)
        self.world = world
        if !scenario.waitsForAll { try world.turn() }
        _ = try Display(in: world, driver: driver) { [unowned self] in try self.makePendingChanges() }
        for start in scenario.robots {
            robots.append(try start.behaviour.init(start, in: world))
            if !isShown, robots.count.isMultiple(of: Part.robotsBetweenNews) {
                try driver.take(.joined(robots.count))
            }
        }
        if let saved { goOn(from: saved) }
        if scenario.waitsForAll {
            // What is left of the round of a saved step. The display has the first seat, and is told once more: what was done
            // to the world at that step is done from there.
            try world.turn(telling: saved.map { 0..<1 + $0.waiting } ?? 0..<0)
        }
        isBuilt = true
        try trace.listener?("main run")
    }

    /// Makes those who have joined the ones who were saved, and takes over what was counted before.
    func goOn(from saved: SavedWorld) {
        for (robot, saved) in zip(robots, saved.robots) { robot.resume(saved) }
        counts.messages = saved.messages
        counts.collisions = saved.collisions
        counts.updates = saved.updates
    }

    /// Not before the step has been shown: others run meanwhile, and a snapshot has to be one of the moment before.
    private func makePendingChanges() throws {
        guard let world, !pending.isEmpty else { return }
        let actions = pending
        pending = []
        for action in actions {
            switch action {
            case .add(let start):
                robots.append(try start.behaviour.init(start, in: world))
            case .remove(let id):
                guard let index = robots.firstIndex(where: { $0.address.name == id }) else { continue }
                try robots.remove(at: index).leave(world)
            }
        }
    }

    /// The robots that have a seat, as they are now.
    ///
    /// - Parameter state: What they are being told.
    /// - Returns: The world with the robots by seat.
    func saved(in state: WorldState) -> SavedWorld? {
        guard isBuilt, let world else { return nil }
        var waiting = 0
        let seated = robots.compactMap { robot in robot.address.seat.map { (seat: $0, robot: robot) } }
        let saved = seated.sorted { $0.seat < $1.seat }.map { seat, robot in
            if seat < state.registered { waiting += 1 }
            return robot.saved(knownAs: world.register.entry(seat: seat))
        }
        return SavedWorld(
            size: world.size,
            messages: counts.messages,
            collisions: counts.collisions,
            updates: counts.updates,
            robots: saved,
            waiting: waiting
        )
    }
}
