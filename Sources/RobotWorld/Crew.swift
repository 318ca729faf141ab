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
    private let news: Joining
    /// What `done` has reached when the helpers have done what they have been told.
    private var orders = 0
    private var addresses: [Address] = []
    private var told: WorldState?
    private var isEnded = false

    /// Nil when the system has no thread besides the caller's: there is nothing to divide then.
    init?(_ scenario: Scenario, from saved: SavedWorld?, threads: Int) {
        let (done, news) = (Turnstile(), Joining())
        var helpers: [Helper] = []
        while helpers.count + 1 < threads, let helper = Helper(telling: done, news) { helpers.append(helper) }
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
            let part = Part(driver: Driver(), share: shares[0])
            Tasklet(name: "main") { try part.build(scenario, from: saved) }
            return part
        }
    }

    deinit {
        _ = end()
    }

    /// Lets everyone fly a step.
    ///
    /// - Parameters:
    ///   - joining: Told of every thousandth robot before the first step; false ends the run.
    ///   - meanwhile: What the leader does first while the helpers work.
    /// - Returns: The state that has reached the display; nil when joining has ended the run.
    func next(joining: (Int) throws -> Bool, meanwhile: () -> Void) throws -> WorldState? {
        var isOver = false
        let count = scenario.robots.count + 1
        let entries = try unsafe [Entry](unsafeUninitializedCapacity: count) { entries, initialized in
            guard let entries = entries.baseAddress else { return }
            unsafe order { index in
                let share = shares[index]
                let place = unsafe entries + share.firstSeat
                if let told { return unsafe (.tell(told), place) }
                return unsafe (.build(scenario, from: saved, share), place)
            }
            // Nobody may write there any more when this returns or throws.
            defer { waitForHelpers() }
            meanwhile()
            isOver = try !moveOwn(joining)
            if isOver { return }
            unsafe part.writeEntries(to: entries)
            initialized = count
        }
        if isOver { return nil }
        for helper in helpers { if let failure = helper.failure { throw failure } }
        if told == nil {
            if try !tellJoined(upTo: scenario.robots.count, joining) { return nil }
            addresses = part.addresses + helpers.flatMap(\.addresses)
            saved = nil
        }
        let state = WorldState(addresses: addresses, entries: entries, size: scenario.size)
        told = state
        part.tell(state)
        // Only the display: the leader's robots are told when the run goes on.
        guard case .state = try scheduler.enter({ try part.driver.next() }) else { throw deadlock }
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
            case .state, nil: throw deadlock
            }
        }
    }

    /// Of each thousand once, however many have joined since the last time.
    private var lastTold = 0

    private func tellJoined(upTo count: Int, _ joining: (Int) throws -> Bool) throws -> Bool {
        while lastTold + Part.robotsBetweenNews <= count {
            lastTold += Part.robotsBetweenNews
            do {
                if try joining(lastTold) { continue }
            } catch {
                news.end()
                throw error
            }
            news.end()
            return false
        }
        return true
    }

    private var deadlock: DeadlockError { DeadlockError(reason: .deadlock, schedulers: [scheduler.core]) }

    private func order(_ order: (_ part: Int) -> (Helper.Order, UnsafeMutablePointer<Entry>?)) {
        for (index, helper) in helpers.enumerated() {
            let (order, entries) = unsafe order(index + 1)
            unsafe helper.do(order, entries: entries)
        }
        orders += helpers.count
    }

    private func waitForHelpers() { done.wait(for: orders) }

    /// What has been counted in all parts. Of a run that was ended while robots joined, whatever the parts had come to: what
    /// one thread would have counted up to there.
    var tally: Tally {
        if addresses.isEmpty { return saved?.tally ?? Tally(messages: lastTold + 1) }
        return helpers.reduce(part.counts.tally) { $0 + $1.counts }
    }

    /// What the robots believe, while a state is shown; as the tally.
    var reports: [Outcome.RobotReport] {
        if !addresses.isEmpty { return savedRobots.map(\.report) }
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
