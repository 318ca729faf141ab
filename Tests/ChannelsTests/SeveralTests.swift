import Channels
import Foundation
import Synchronization
import Tasklets
import TestSupport
import Testing

/// Waits at several places: the first that lets the tasklet go on ends them all.
@Suite(.hangAlarm) struct SeveralTests {
    @Test func theFirstReadyOneInTheOrderOfListingWins() throws {
        let turnstiles = [Turnstile(), Turnstile(openings: 1), Turnstile(openings: 1)]
        #expect(try Turnstile.pass(firstOf: turnstiles) == 1)
        #expect(try Turnstile.pass(firstOf: turnstiles) == 2)
        #expect(turnstiles.map(\.left) == [0, 0, 0])
        #expect(turnstiles.map(\.waiting) == [0, 0, 0])
    }

    @Test(arguments: 0..<4)
    func whicheverIsOpenedFirstEndsTheWait(opened: Int) throws {
        try Scheduler.scope {
            let turnstiles = (0..<4).map { Turnstile("\($0)") }
            var passed: [Int?] = []
            Tasklet { passed.append(try Turnstile.pass(firstOf: turnstiles)) }
            try Tasklet.schedule()
            #expect(turnstiles.map(\.waiting) == [1, 1, 1, 1])
            turnstiles[opened].open()
            // It is out of all of them at once, not when it goes on.
            #expect(turnstiles.map(\.waiting) == [0, 0, 0, 0])
            for turnstile in turnstiles { turnstile.open() }
            #expect(turnstiles.map(\.left) == [1, 1, 1, 1])
            try Tasklet.run()
            #expect(passed == [opened])
        }
    }

    @Test func whoIsWokenIsServedInTheOrderOfTheLine() throws {
        try Scheduler.scope {
            let (a, b) = (Turnstile("a"), Turnstile("b"))
            var log: [String] = []
            Tasklet {
                try a.pass()
                log.append("only a")
            }
            Tasklet { log.append("both: \(try Turnstile.pass(firstOf: [b, a])!)") }
            Tasklet {
                try b.pass()
                log.append("only b")
            }
            for _ in 0..<3 { try Tasklet.schedule() }
            b.open()
            a.open()
            b.open()
            try Tasklet.run()
            #expect(log == ["both: 0", "only a", "only b"])
        }
    }

    @Test func timeIsOnePlaceMore() throws {
        try Scheduler.scope {
            let turnstiles = [Turnstile(), Turnstile()]
            var number = try Turnstile.pass(firstOf: turnstiles, within: .milliseconds(1))
            #expect(number == nil)
            #expect(turnstiles.map(\.waiting) == [0, 0])
            Tasklet { turnstiles[1].open() }
            // The timer goes with the wait: the scope would last an hour.
            number = try Turnstile.pass(firstOf: turnstiles, within: .seconds(3600))
            #expect(number == 1)
        }
    }

    @Test func aDeadlockNamesAllPlaces() throws {
        let error = #expect(throws: DeadlockError.self) {
            try Scheduler.scope {
                _ = try Turnstile.pass(firstOf: [Turnstile("the left one"), Turnstile("the right one")])
            }
        }
        #expect(error?.waiters.map(\.operation) == ["pass of the left one or pass of the right one"])
        // The wait was taken back, and the tasklet may wait anew.
        #expect(try Turnstile.pass(firstOf: [Turnstile(), Turnstile(openings: 1)]) == 1)
    }

    @Test func mainThatWaitsAtSeveralIsTold() throws {
        let error = #expect(throws: DeadlockError.self) {
            try Scheduler.scope {
                Tasklet {}
                _ = try Turnstile.pass(firstOf: [Turnstile(), Turnstile()])
            }
        }
        #expect(error?.reason == .mainWaiting)
    }

    enum End: CaseIterable { case kill, raise, cancel, blockTrap }

    @Test(arguments: End.allCases)
    func whatRefusesOrEndsTheWaitTakesItOutOfAllPlaces(end: End) throws {
        try Scheduler.scope {
            struct Mine: Error {}
            let turnstiles = [Turnstile(), Turnstile(), Turnstile()]
            var caught: (any Error)?
            let waiter = Tasklet {
                if end == .blockTrap { Tasklet.current.blockTrap = true }
                do { _ = try Turnstile.pass(firstOf: turnstiles, within: .seconds(3600)) } catch { caught = error }
            }
            try Tasklet.schedule()
            switch end {
            case .kill: try waiter.kill()
            case .raise: try waiter.raise(Mine())
            case .cancel:
                waiter.cancel()
                try Tasklet.run()
            case .blockTrap: break
            }
            #expect(turnstiles.map(\.waiting) == [0, 0, 0])
            switch end {
            case .kill: #expect(caught is TaskletExit)
            case .raise: #expect(caught is Mine)
            case .cancel: #expect(caught is CancellationError)
            case .blockTrap: #expect(caught as? TaskletError == .blockTrap)
            }
            #expect(!waiter.isAlive)
        }
    }

    /// One of the places still uses the frame of the waiter: the wait has ended, but the tasklet goes on later.
    @Test func aPlaceMayHaveToFinishFirst() throws {
        try Scheduler.scope {
            let (turnstile, job) = (Turnstile("turnstile"), Job())
            var log: [String] = []
            let waiter = Tasklet { log.append("passed \(try job.wait(orPass: turnstile))") }
            try Tasklet.schedule()
            turnstile.open()
            log.append("opened")
            #expect(turnstile.waiting == 0 && turnstile.left == 0 && waiter.isBlocked)
            try Tasklet.schedule()
            #expect(waiter.isBlocked)
            #expect(Scheduler.current.dump().contains("waits in a job"))
            job.end()
            #expect(waiter.isScheduled && !waiter.isBlocked)
            try Tasklet.run()
            #expect(log == ["opened", "passed 1"])
        }
    }

    @Test func aKillWaitsForAPlaceThatHasToFinishFirst() throws {
        try Scheduler.scope {
            let (turnstile, job) = (Turnstile("turnstile"), Job())
            var caught: (any Error)?
            let waiter = Tasklet {
                do { _ = try job.wait(orPass: turnstile) } catch { caught = error }
            }
            try Tasklet.schedule()
            try waiter.kill()
            #expect(turnstile.waiting == 0 && waiter.isBlocked)
            turnstile.open()
            #expect(turnstile.left == 1)
            job.end()
            try Tasklet.run()
            #expect(caught is TaskletExit && !waiter.isAlive)
        }
    }

    @Test func theEndOfAScopeTakesTheWaitBack() throws {
        let turnstiles = [Turnstile(), Turnstile()]
        var isCleanedUp = false
        try Scheduler.scope {
            Tasklet {
                defer { isCleanedUp = true }
                _ = try Turnstile.pass(firstOf: turnstiles)
            }
            try Tasklet.schedule()
        }
        #expect(isCleanedUp)
        #expect(turnstiles.map(\.waiting) == [0, 0])
    }

    @Test func theDumpNamesAllPlaces() throws {
        try Scheduler.scope {
            let waiter = Tasklet(name: "waiter") {
                _ = try Turnstile.pass(firstOf: [Turnstile("a"), Turnstile("b")], within: .seconds(3600))
            }
            try Tasklet.schedule()
            #expect(Scheduler.current.dump().contains("waits in pass of a or pass of b or sleep"))
            try waiter.kill()
        }
    }

    // MARK: Between threads

    @Test func eachOpeningIsUsedOnce() async {
        await #expect(processExitsWith: .success) { passAndOpen(within: nil) }
    }

    @Test func eachOpeningIsUsedOnceAlsoWhenTimeIsUp() async {
        await #expect(processExitsWith: .success) { passAndOpen(within: .microseconds(20)) }
    }

    /// A kill meets an opening by another thread: the opening is used or it is left, never both.
    @Test func aKillMeetsAnOpening() async {
        await #expect(processExitsWith: .success) {
            setHangAlarm()
            let turnstiles = (0..<2).map { Turnstile("\($0)") }
            let waiting = Atomic(0)
            let rounds = 3_000
            try withExtendedLifetime(waiting) {
                let opener = TestThread {
                    for round in 1...rounds {
                        while waiting.load(ordering: .acquiring) < round { sched_yield() }
                        turnstiles[round % 2].open()
                    }
                }
                var (passed, killed) = (0, 0)
                for round in 1...rounds {
                    var hasPassed = false
                    let waiter = Tasklet {
                        // The opening of the round before may be left.
                        _ = try Turnstile.pass(firstOf: turnstiles)
                        hasPassed = true
                    }
                    try Tasklet.schedule()
                    waiting.store(round, ordering: .releasing)
                    if round % 3 == 0 { sched_yield() }
                    try waiter.kill()
                    if hasPassed { passed += 1 } else { killed += 1 }
                    guard !waiter.isAlive else { fatalError("a killed tasklet lives") }
                }
                opener.join()
                // A tasklet that was killed after it was met and before its turn has used an opening without passing.
                let left = turnstiles.map(\.left).reduce(0, +)
                guard passed + left <= rounds, left < rounds, turnstiles.map(\.waiting) == [0, 0] else {
                    fatalError("\(passed) passed, \(killed) were killed, \(left) openings are left of \(rounds)")
                }
            }
        }
    }
}

/// A place outside that cannot let go of a waiter at once.
private final class Job: WaitPlace {
    private var entry: WaitEntry?

    func wait(orPass turnstile: Turnstile) throws -> Int {
        let core = SchedulerCore.current
        var further = WaitEntry.Fields(tasklet: core.me)
        return try withUnsafeMutablePointer(to: &further) { further in
            _ = core.enter()
            return try core.waitAtSeveral(UnsafeMutableBufferPointer(start: further, count: 1)) { number, entry in
                if number == 1 { return turnstile.join(entry, core) }
                core.joinOutside(entry, at: self)
                self.entry = entry
                return .joined
            }
        }
    }

    func end() { SchedulerCore.current.insideGate { _ in SchedulerCore.current.wake(entry!) } }

    func withdraw(_ entry: WaitEntry) -> Withdrawal { .later }

    func describe(_ entry: WaitEntry) -> String { "a job" }
}

/// Many threads wait at several turnstiles each, and others open them: each opening lets exactly one pass.
private func passAndOpen(within time: Duration?) {
    let turnstiles = (0..<3).map { Turnstile("\($0)") }
    for turnstile in turnstiles { turnstile.line.setPromised(true) }
    let (passers, rounds, openers) = (4, 2_000, 3)
    let passed = Atomic(0)
    withExtendedLifetime(passed) {
        let threads =
            (0..<passers).map { passer in
                TestThread {
                    for tasklet in 0..<2 {
                        Tasklet {
                            for round in 0..<rounds {
                                let own = (0..<3).map { turnstiles[($0 + passer + round + tasklet) % 3] }
                                while try Turnstile.pass(firstOf: own, within: time) == nil {}
                                passed.add(1, ordering: .relaxed)
                            }
                        }
                    }
                    try! Tasklet.runUntilDone()
                }
            }
            + (0..<openers).map { opener in
                TestThread {
                    let all = passers * 2 * rounds
                    for number in 0..<(all / openers + (opener < all % openers ? 1 : 0)) {
                        turnstiles[(number + opener) % 3].open()
                        if number % 64 == 0 { sched_yield() }
                    }
                }
            }
        for thread in threads { thread.join() }
    }
    let (count, left) = (passed.load(ordering: .relaxed), turnstiles.map(\.left))
    guard count == passers * 2 * rounds, left == [0, 0, 0], turnstiles.map(\.waiting) == [0, 0, 0] else {
        fatalError("\(count) have passed, left: \(left), waiting: \(turnstiles.map(\.waiting))")
    }
}
