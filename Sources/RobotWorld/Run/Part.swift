import Tasklets

/// Robots and their world, as they are built and changed by tasklets of the scheduler that has them.
///
/// It knows nothing of whoever holds that scheduler: when that one is gone, everything in it can end.
final class Part {
    /// After how many robots it is told that they have joined: so many that it costs nothing beside them, so few that
    /// they take no more than some milliseconds.
    static let robotsBetweenNews = 1000

    let driver: Driver
    let counts = Counts()
    let trace = Trace()
    private(set) var robots: [Robot] = []
    /// Nil until it is built.
    private var world: World?
    /// Nil when this is all of the world.
    private let exchange: Exchange?
    private let share: Share?
    /// Everyone of the scenario has been created.
    private(set) var isBuilt = false
    /// Steps have been shown, so nobody needs to be told of those who join.
    var isShown: Bool
    /// What is done to the world when its display goes on.
    var pending: [Snapshot.Change.Action] = []

    /// - Parameters:
    ///   - share: Whom it has of a world in several parts, which waits for all; nil for the only part.
    ///   - isShown: True when the world is made anew in the middle of a run.
    init(driver: Driver, share: Share? = nil, isShown: Bool) {
        self.driver = driver
        self.isShown = isShown
        self.share = share
        exchange = share.map { Exchange(firstSeat: $0.firstSeat, driver: driver) }
    }

    /// Creates everyone.
    ///
    /// A world that waits for all, as every world that is resumed does, begins to turn at the end; any other one turns from
    /// the beginning, so its first states show only some of the robots.
    func build(_ scenario: Scenario, from saved: SavedWorld?) throws {
        let share = share ?? .all(of: scenario.robots.count)
        let world = try World(size: scenario.size, counts: counts, trace: trace, exchange: exchange)
        self.world = world
        if !scenario.waitsForAll { try world.turn() }
        if share.hasDisplay {
            _ = try Display(in: world, driver: driver) { [unowned self] in try self.makePendingChanges() }
        }
        for start in scenario.robots[share.robots] {
            robots.append(try start.behaviour.init(start, in: world))
            if !isShown, robots.count.isMultiple(of: Part.robotsBetweenNews) {
                try driver.take(.joined(robots.count))
            }
        }
        if let saved { goOn(from: saved) }
        if scenario.waitsForAll {
            // What is left of the round of a saved step. The display has the first seat, and is told once more: what was done
            // to the world at that step is done from there.
            let rest = saved.map { min(share.robots.count, $0.waiting) + (share.hasDisplay ? 1 : 0) }
            try world.turn(telling: 0..<(rest ?? 0))
        }
        isBuilt = true
        try trace.listener?("main run")
    }

    /// Makes those who have joined the ones who were saved, and takes over what was counted before.
    func goOn(from saved: SavedWorld) {
        let share = share ?? .all(of: saved.robots.count)
        for (robot, saved) in zip(robots, saved.robots[share.robots]) { robot.resume(saved) }
        counts.tally = share.hasDisplay ? saved.tally : Tally()
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

    /// The robots that have a seat, as they are now, by seat.
    var savedRobots: [SavedRobot] {
        guard let world else { return [] }
        let firstSeat = world.register.firstSeat
        let seated = robots.compactMap { robot in robot.address.seat.map { (seat: $0, robot: robot) } }
        return seated.sorted { $0.seat < $1.seat }.map { seat, robot in
            robot.saved(knownAs: world.register.entry(seat: seat - firstSeat))
        }
    }

    /// What the robots believe, in the order in which they have been created.
    var reports: [Outcome.RobotReport] { robots.map(\.report) }

    /// How many of the robots take part in the round of a state.
    func waiting(in state: WorldState) -> Int {
        robots.count { robot in robot.address.seat.map { $0 < state.registered } ?? false }
    }

    // MARK: One of several parts

    /// Everyone in the part, by seat.
    var addresses: [Address] { world?.register.addresses ?? [] }

    /// Writes where everyone is to memory that holds nothing yet, and has room for as many as there are addresses.
    func writeEntries(to memory: UnsafeMutablePointer<Entry>) { unsafe world?.register.writeEntries(to: memory) }

    /// Lets those who have moved be told where everyone is, when the driver lets them go on.
    func tell(_ state: WorldState) { exchange?.give(state) }
}
