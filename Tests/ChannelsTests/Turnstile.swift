import Tasklets

/// Lets as many pass as it has been opened for. Tasklets may wait at several of them, each for the first that lets it pass.
final class Turnstile: WaitLineOwner, @unchecked Sendable {
    let line = WaitLine()
    let name: String
    private var openings: Int
    private(set) var passes = 0

    init(_ name: String = "turnstile", openings: Int = 0) {
        self.name = name
        self.openings = openings
    }

    deinit { line.free() }

    func describe(_ entry: WaitEntry) -> String { "pass of \(name)" }

    func pass() throws {
        let core = try line.begin()
        if openings == 0 { return try line.wait(core, at: self) }
        openings -= 1
        line.leave(core)
    }

    func open() {
        let core = line.enter()
        if !line.wakeFirst(core) { openings += 1 }
        line.leave(core)
    }

    /// How many openings nobody has used.
    var left: Int { line.inside { openings } }
    /// How many entries are in line.
    var waiting: Int { line.inside { line.fields.count } }

    /// Passes the first one that is open; waits for that. Returns its number, `nil` when the time is up.
    static func pass(firstOf turnstiles: [Turnstile], within time: Duration? = nil) throws -> Int? {
        let core = SchedulerCore.current
        try core.beginOperation()
        for turnstile in turnstiles { turnstile.line.prepareToJoin(core) }
        let capacity = turnstiles.count - (time == nil ? 1 : 0)
        let further = UnsafeMutableBufferPointer<WaitEntry.Fields>.allocate(capacity: capacity)
        defer { further.deallocate() }
        var timer = Timers.Timer(deadline: core.now + Int64((time ?? .zero) / .nanoseconds(1)))
        let number = try withUnsafeMutablePointer(to: &timer) { timer in
            _ = core.enter()
            return try core.waitAtSeveral(further) { number, entry in
                if number < turnstiles.count { return turnstiles[number].join(entry, core) }
                core.joinTimers(entry, timer)
                return .joined
            }
        }
        return number < turnstiles.count ? number : nil
    }

    func join(_ entry: WaitEntry, _ core: SchedulerCore) -> SchedulerCore.Joining {
        line.lock()
        if openings == 0 {
            entry.describe(at: self)
            line.join(entry, core)
            return .joined
        }
        defer { line.unlock(core) }
        if !entry.takeOwnWait() { return .tooLate }
        openings -= 1
        return .ready
    }
}
