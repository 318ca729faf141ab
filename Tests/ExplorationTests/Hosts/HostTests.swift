import Channels
import Exploration
import Sync
import Tasklets
import TestSupport
import Testing

/// What a `ExploredHost` is: a scheduler of its own, which has the thread in turn with others.
struct HostTests {
    @Test func eachHasAScheduler() throws {
        var schedulers: [Tasklet] = []
        let found = try explore(.order) {
            schedulers = [.main]
            for name in ["a", "b"] {
                ExploredHost(name: name) {
                    #expect(Tasklet.current.isMain)
                    #expect(Tasklet.main.name == name)
                    #expect(Scheduler.current.tasklets.count == 1)
                    schedulers.append(.main)
                }
            }
            try Tasklet.runUntilDone()
            #expect(Set(schedulers).count == 3)
        }
        #expect(found.schedules == 1)
        #expect(found.failures.isEmpty)
    }

    /// Without anything shared they differ by who begins, and by who goes on at an operation.
    @Test func theirOrdersAreCounted() throws {
        var orders: Set<String> = []
        let found = try explore(.all) {
            var order = ""
            for name in ["a", "b"] {
                ExploredHost(name: name) {
                    order += name
                    try interruptionPoint()
                    order += name
                }
            }
            try Tasklet.runUntilDone()
            orders.insert(order)
        }
        #expect(found.isComplete)
        // As of two tasklets with one operation each: 4! / (2! · 2!).
        #expect(found.schedules == 6)
        #expect(orders == ["aabb", "abab", "abba", "baab", "baba", "bbaa"])
    }

    /// Tasklets of a host are explored as those of `explore` are.
    @Test func taskletsInAHost() throws {
        var orders: Set<String> = []
        let found = try explore(.all) {
            var order = ""
            ExploredHost(name: "a") {
                for name in ["x", "y"] {
                    Tasklet {
                        try interruptionPoint()
                        order += name
                    }
                }
                try Tasklet.runUntilDone()
            }
            try Tasklet.runUntilDone()
            orders.insert(order)
        }
        #expect(found.isComplete)
        #expect(orders == ["xy", "yx"])
    }

    @Test func aHostMayMakeOthers() throws {
        var text = ""
        let found = try explore(.all) {
            text = ""
            ExploredHost(name: "outer") {
                text += "o"
                ExploredHost(name: "inner") { text += "i" }
            }
            try Tasklet.runUntilDone()
            #expect(text == "oi")
        }
        #expect(found.isComplete)
    }

    /// The clock is one for all, and moves when all hosts sleep.
    @Test func theClockIsShared() throws {
        var times: [String] = []
        let found = try explore(.all) {
            times = []
            let begin = Scheduler.current.now
            for (name, seconds) in [("late", 3), ("early", 1)] {
                ExploredHost(name: name) {
                    try Tasklet.sleep(for: .seconds(seconds))
                    times.append("\(name) \(begin.duration(to: Scheduler.current.now))")
                }
            }
            try Tasklet.runUntilDone()
            #expect(times == ["early 1.0 seconds", "late 3.0 seconds"])
        }
        #expect(found.isComplete)
    }

    /// A loop that gives way lets the other hosts run.
    @Test func aLoopThatGivesWayHasAnEnd() throws {
        let found = try explore(.all) {
            let isDone = Shared(false)
            ExploredHost(name: "waiter") { while !isDone.value { try Tasklet.schedule() } }
            ExploredHost(name: "other") {
                try interruptionPoint()
                isDone.value = true
            }
            try Tasklet.runUntilDone()
        }
        #expect(found.isComplete)
    }

    // MARK: Failures

    private func failure(_ program: () throws -> Void) throws -> ScheduleFailure {
        var found: Exploration?
        withKnownIssue { found = try explore { try program() } }
        return try #require(found!.failures.first)
    }

    /// Who waits for what in all hosts is told.
    @Test(arguments: [true, false]) func hostsThatSleepForEver(isAwaited: Bool) throws {
        let found = try failure {
            let numbers = Channel<Int>(name: "numbers")
            ExploredHost(name: "sender") { try numbers.send(1) }
            ExploredHost(name: "receiver") {
                Tasklet(name: "reader") { for _ in 1...2 { _ = try numbers.receive() } }
                try Tasklet.runUntilDone()
            }
            if isAwaited { try Tasklet.runUntilDone() }
        }
        let text = found.description
        #expect(text.contains("tasklet 'reader'"), "\(text)")
        #expect(text.contains("receive on channel 'numbers'"), "\(text)")
        #expect(text.contains("receiver: reader"), "\(text)")
    }

    @Test func anErrorOfAHost() throws {
        struct Failure: Error {}
        let found = try failure {
            ExploredHost(name: "a") { throw Failure() }
            ExploredHost(name: "b") { try interruptionPoint() }
        }
        guard case .error(let error) = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(error is Failure)
    }

    /// A condition is looked at between the steps of hosts.
    @Test func aCheck() throws {
        let found = try failure {
            let sum = Shared(0)
            check(sum.value < 2, "the sum is less than two")
            for name in ["a", "b"] {
                ExploredHost(name: name) {
                    sum.value += 1
                    try interruptionPoint()
                    sum.value -= 1
                }
            }
        }
        guard case .check = found.reason else { return #expect(Bool(false), "\(found.reason)") }
        #expect(found.schedule.departures.count == 1)
    }

    @Test func noEnd() throws {
        let found = try failure { ExploredHost(name: "a") { while true { try Tasklet.schedule() } } }
        guard case .endless = found.reason else { return #expect(Bool(false), "\(found.reason)") }
    }

    /// A run that is given up ends its hosts: each `defer` has run, and nothing lives on.
    @Test func whatIsGivenUpIsCleanedUp() throws {
        let living = Tracked.Counter()
        var (begun, ended) = (0, 0)
        _ = try failure {
            let sum = Shared(0)
            let never = Channel<Int>()
            check(sum.value < 2, "two at once")
            for name in ["a", "b", "c"] {
                ExploredHost(name: name) {
                    let tracked = Tracked(living)
                    begun += 1
                    defer { ended += 1 }
                    Tasklet {
                        begun += 1
                        defer { ended += 1 }
                        _ = try never.receive()
                    }
                    try Tasklet.schedule()
                    sum.value += 1
                    try interruptionPoint()
                    sum.value -= 1
                    _ = tracked
                }
            }
        }
        #expect(begun > 0)
        #expect(begun == ended)
        #expect(living.count == 0)
    }

    @Test func outsideOfExplorationItTraps() async {
        let outside = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { ExploredHost(name: "server") {} }
        }
        let text = String(decoding: outside?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("The host 'server' is made outside of explore"))
        let reduced = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously { try explore(.independent) { ExploredHost(name: "server") {} } }
        }
        let other = String(decoding: reduced?.standardErrorContent ?? [], as: UTF8.self)
        #expect(other.contains("does not see what hosts share"))
    }
}
