import Tasklets

/// A world in several parts, each on a thread of its own: the caller's thread leads, and has the first part with the
/// display; helpers have the others.
///
/// A round has two halves, and everyone waits between them:
///
///     leader    raise helpers, compute the digest, tell, move │ make one state of all, tell the display, return it
///     helper                                       tell, move │ wait
///
/// A robot's step depends on itself and on the state before, and on nobody else's step; so a round in parts is the round
/// of the whole world.
final class Crew {
    let part: Part
    private let scheduler: HeldScheduler
    private let helpers: [Helper]
    private let shares: [Share]
    private let scenario: Scenario
    /// Nil when everyone has been made from it.
    private var saved: SavedWorld?
    private let done: Turnstile
    private let news: JoinCounter
    /// What `done` has reached when the helpers have done what they have been told.
    private var orders = 0
    private var addresses: [Address] = []
    private var told: WorldState?
    /// `joining` has ended the run.
    private var isCutShort = false
    private var isEnded = false

    /// Nil when the system has no thread besides the caller's: there is nothing to divide then.
    ///
    /// - Parameter isShown: True when the world is made anew in the middle of a run.
    init?(_ scenario: Scenario, from saved: SavedWorld?, threads: Int, isShown: Bool) {
        let (done, news) = (Turnstile(), JoinCounter())
        var helpers: [Helper] = []
        let locals = BoundLocals()
        while helpers.count + 1 < threads, let helper = Helper(telling: done, news, locals: locals) {
            helpers.append(helper)
        }
        if helpers.isEmpty { return nil }
        self.scenario = scenario
        self.saved = saved
        self.done = done
        self.news = news
        self.helpers = helpers
        let shares = Share.shares(of: scenario.robots.count, parts: helpers.count + 1)
        self.shares = shares
        let scheduler = HeldScheduler()
        self.scheduler = scheduler
        part = scheduler.enter {
            let part = Part(driver: Driver(), share: shares[0], isShown: isShown)
            Tasklet(name: "main") { try part.build(scenario, from: saved) }
            return part
        }
    }

    deinit {
        if let error = end() { report("An error was lost at the end of a world that nobody had ended: \(error)") }
    }

    /// Lets everyone fly a step.
    ///
    /// - Parameters:
    ///   - joining: Told of every thousandth robot before the first step; false ends the run.
    ///   - meanwhile: What the leader does first while the helpers work.
    /// - Returns: The state that has reached the display; nil when joining has ended the run.
    func next(joining: (Int) throws -> Bool, meanwhile: () -> Void) throws -> WorldState? {
        let isBuilding = told == nil
        let isShown = part.isShown
        let count = scenario.robots.count + 1
        let entries = try unsafe [Entry](unsafeUninitializedCapacity: count) { entries, initialized in
            guard let entries = entries.baseAddress else { return }
            unsafe order { index in
                let share = shares[index]
                let place = unsafe entries + share.firstSeat
                if let told { return unsafe (.tell(told), place) }
                return unsafe (.build(scenario, from: saved, share, isShown: isShown), place)
            }
            var hasMoved = false
            defer {
                // Without the leader's part there is no step, and nobody needs the robots that are still to join.
                if !hasMoved { news.end() }
                // Nobody may write there any more when this returns or throws.
                waitForHelpers()
            }
            meanwhile()
            hasMoved = try moveOwn(joining)
            if !hasMoved { return }
            unsafe part.writeEntries(to: entries)
            initialized = count
        }
        if isCutShort { return nil }
        for helper in helpers { if let failure = helper.failure { throw failure } }
        if isBuilding {
            if !isShown, try !tellJoined(upTo: scenario.robots.count, joining) { return nil }
            addresses = part.addresses + helpers.flatMap(\.addresses)
            saved = nil
        }
        let state = WorldState(addresses: addresses, entries: entries, size: scenario.size)
        told = state
        part.tell(state)
        // Only the display: the leader's robots are told when the run goes on.
        guard case .state = try scheduler.enter({ try part.driver.next() }) else { throw scheduler.core.deadlock }
        return state
    }

    /// Lets the leader's own part fly.
    ///
    /// - Returns: False when `joining` has ended the run.
    private func moveOwn(_ joining: (Int) throws -> Bool) throws -> Bool {
        while true {
            switch try scheduler.enter({ try part.driver.next() }) {
            case .moved: return true
            case .joined:
                _ = news.add()
                if try !tellJoined(upTo: news.count, joining) { return false }
            case .state, nil: throw scheduler.core.deadlock
            }
        }
    }

    /// Of each thousand once, however many have joined since the last time.
    private var lastTold = 0

    private func tellJoined(upTo count: Int, _ joining: (Int) throws -> Bool) throws -> Bool {
        while lastTold + Part.robotsBetweenNews <= count {
            lastTold += Part.robotsBetweenNews
            isCutShort = true
            if try !joining(lastTold) { return false }
            isCutShort = false
        }
        return true
    }

    private func order(_ order: (_ part: Int) -> (Helper.Order, UnsafeMutablePointer<Entry>?)) {
        for (index, helper) in helpers.enumerated() {
            let (order, entries) = unsafe order(index + 1)
            unsafe helper.give(order, entries: entries)
        }
        orders += helpers.count
    }

    private func waitForHelpers() { done.wait(for: orders) }

    /// Whether what the parts have come to counts. While robots join that is by chance when `joining` ends the run; what one
    /// thread would have come to counts then.
    private var hasParts: Bool { orders > 0 && !isCutShort }

    /// What has been counted in all parts.
    var tally: Tally {
        guard hasParts else { return saved?.tally ?? Tally(messages: lastTold + 1) }
        return helpers.reduce(part.counts.tally) { $0 + $1.counts }
    }

    /// What the robots of all parts believe, while everyone stands still.
    var reports: [Outcome.RobotReport] {
        if hasParts {
            unsafe order { _ in (.report, nil) }
            let own = part.reports
            waitForHelpers()
            return own + helpers.flatMap(\.reports)
        }
        if let saved { return saved.robots.prefix(lastTold).map(\.report) }
        return scenario.robots.prefix(lastTold).map { start in
            Outcome.RobotReport(
                id: start.id,
                location: start.location,
                vector: start.vector,
                collisions: 0,
                updates: 0
            )
        }
    }

    /// The robots of all parts, while a state is shown.
    var savedRobots: [SavedRobot] {
        unsafe order { _ in (.save, nil) }
        let own = part.savedRobots
        waitForHelpers()
        return own + helpers.flatMap(\.saved)
    }

    /// Ends everyone, all parts at the same time.
    ///
    /// - Returns: The first error that left a tasklet meanwhile.
    func end() -> (any Error)? {
        if isEnded { return nil }
        isEnded = true
        let formerFailures = helpers.map { $0.failure != nil }
        unsafe order { _ in (.end, nil) }
        let lost = scheduler.end()
        waitForHelpers()
        if let lost { return lost }
        return zip(helpers, formerFailures).lazy.compactMap { $1 ? nil : $0.failure }.first
    }
}
