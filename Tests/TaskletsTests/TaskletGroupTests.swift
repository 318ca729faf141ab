import Foundation
import Tasklets
import TestSupport
import Testing

struct TaskletGroupTests {
    struct Failure: Error, Equatable {
        var number = 0
    }

    /// The error that leaves `body`, if it is one of these tests.
    private static func failure(_ body: () throws -> Void) -> Failure? {
        do { try body() } catch { return error as? Failure }
        return nil
    }

    /// Gives way so often.
    static func turns(_ count: Int) throws {
        for _ in 0..<count { try Tasklet.schedule() }
    }

    /// Waits for what never comes.
    static func sleepLong() throws { try Tasklet.sleep(for: .seconds(3600)) }

    // MARK: Results

    @Test func resultsComeInTheOrderOfFinishing() throws {
        try Scheduler.scope { () throws -> Void in
            let numbers = try withTaskletGroup(of: Int.self) { group in
                for number in [3, 1, 2] {
                    try group.add {
                        try Self.turns(number)
                        return number
                    }
                }
                var numbers: [Int] = []
                while let number = try group.next() { numbers.append(number) }
                return numbers
            }
            #expect(numbers == [1, 2, 3])
        }
    }

    /// A child's end gives its result to the first that waits, then its room, and appends both; the next in the ring goes on.
    @Test func theOrderOfEvents() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            try withTaskletGroup(of: String.self, limit: 2) { group in
                let taker = Tasklet {
                    while let name = try group.next() { log.append("got \(name)") }
                    log.append("no more")
                }
                for name in ["a", "b", "c"] {
                    try group.add {
                        log.append("begin \(name)")
                        try Tasklet.schedule()
                        log.append("end \(name)")
                        return name
                    }
                    log.append("added \(name)")
                }
                log.append("block")
                withExtendedLifetime(taker) {}
            }
            log.append("over")
            try Tasklet.run()
            #expect(
                log == [
                    "added a", "added b", "begin a", "begin b", "end a", "end b", "got a", "got b", "added c", "block",
                    "begin c", "end c", "got c", "no more", "over",
                ]
            )
        }
    }

    @Test func resultsThatNobodyTakesAreReleased() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope { () throws -> Void in
            try withTaskletGroup(of: Tracked.self) { group in
                for _ in 0..<5 { try group.add { Tracked(counter) } }
                _ = try group.next()
            }
        }
        #expect(counter.count == 0)
    }

    @Test func anEmptyGroup() throws {
        try Scheduler.scope { () throws -> Void in
            let got = try withTaskletGroup(of: Int.self) { group in
                let none = try group.next()
                #expect(none == nil)
                return 5
            }
            #expect(got == 5)
        }
    }

    @Test func childrenMayAddSiblings() throws {
        try Scheduler.scope { () throws -> Void in
            var sum = 0
            try withTaskletGroup(of: Void.self) { group in
                func visit(_ depth: Int) throws {
                    sum += 1
                    guard depth > 0 else { return }
                    for _ in 0..<2 { try group.add { try visit(depth - 1) } }
                }
                try group.add { try visit(4) }
            }
            #expect(sum == 31)
        }
    }

    // MARK: The limit

    @Test(arguments: 1...4) func thereAreNeverMoreThanTheLimit(limit: Int) throws {
        try Scheduler.scope { () throws -> Void in
            var running = 0
            var most = 0
            try withTaskletGroup(of: Void.self, limit: limit) { group in
                for number in 0..<20 {
                    try group.add {
                        running += 1
                        most = max(most, running)
                        try Self.turns(number % 5)
                        running -= 1
                    }
                }
            }
            #expect(most == limit)
            #expect(running == 0)
        }
    }

    @Test func thoseThatWaitForRoomAreServedInOrder() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [Int] = []
            try withTaskletGroup(of: Void.self, limit: 1) { group in
                try group.add { try Self.turns(10) }
                for number in 1...3 { Tasklet { try group.add { log.append(number) } } }
                try Tasklet.schedule()
                // Comes last, although there may be room before the others have had their turn.
                try Self.turns(9)
                try group.add { log.append(4) }
            }
            #expect(log == [1, 2, 3, 4])
        }
    }

    /// The room was given to one that is hit by an error before its turn: it goes on to the next.
    @Test func aRoomIsNotLostWithTheOneThatGotIt() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            try withTaskletGroup(of: Void.self, limit: 1) { group in
                let first = try group.add { try Tasklet.scheduleRemove() }
                let victim = Tasklet { try group.add { log.append("never") } }
                Tasklet { try group.add { log.append("second") } }
                try Tasklet.schedule()
                try first.insert()
                // Its end gives the room to the victim, behind main in the ring.
                try Tasklet.schedule()
                #expect(!first.isAlive)
                try victim.kill(pending: true)
            }
            #expect(log == ["second"])
        }
    }

    /// The same with a result.
    @Test func aResultIsNotLostWithTheOneThatGotIt() throws {
        try Scheduler.scope { () throws -> Void in
            try withTaskletGroup(of: Int.self) { group in
                let first = try group.add {
                    try Tasklet.scheduleRemove()
                    return 1
                }
                let victim = Tasklet { _ = try group.next() }
                try Tasklet.schedule()
                try first.insert()
                try Tasklet.schedule()
                try victim.kill(pending: true)
                try Tasklet.schedule()
                #expect(!victim.isAlive)
                #expect(try group.next() == 1)
                #expect(try group.next() == nil)
            }
        }
    }

    // MARK: The end of the block

    @Test func theBlockIsLeftWhenAllHaveEnded() throws {
        try Scheduler.scope { () throws -> Void in
            var ended = 0
            let tasklets = try withTaskletGroup(of: Void.self) { group in
                try (0..<5).map { number in
                    try group.add {
                        defer { ended += 1 }
                        try Self.turns(number * 3)
                    }
                }
            }
            #expect(ended == 5)
            #expect(tasklets.allSatisfy { !$0.isAlive })
        }
    }

    @Test func leavingByAnErrorCancelsAndWaits() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            var errors = 0
            #expect(throws: Failure(number: 1)) {
                try withTaskletGroup(of: Void.self) { group in
                    group.onError = { _ in errors += 1 }
                    for name in ["a", "b"] {
                        try group.add {
                            defer {
                                try? withCancellationShield { try Self.turns(3) }
                                log.append(name)
                            }
                            try Self.sleepLong()
                        }
                    }
                    try Tasklet.schedule()
                    throw Failure(number: 1)
                }
            }
            #expect(log == ["a", "b"])
            #expect(errors == 0, "their cancellation is no error")
        }
    }

    @Test func oneThatIsCancelledInTheBlockCancelsItsChildren() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let parent = Tasklet {
                defer { log.append("parent") }
                try withTaskletGroup(of: Void.self) { group in
                    try group.add {
                        defer { log.append("child") }
                        try Self.sleepLong()
                    }
                    if log.isEmpty { try Self.sleepLong() }
                }
                log.append("never")
            }
            try Tasklet.schedule()
            try Tasklet.schedule()
            parent.cancel()
            try Tasklet.run()
            #expect(log == ["child", "parent"])
        }
    }

    /// The same while it waits for the children at the end of the block, and by a kill, and by an error that is sent.
    @Test(arguments: ["cancel", "kill", "pending kill", "raise"])
    func oneThatIsEndedAtTheEndOfTheBlockEndsItsChildren(way: String) throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let parent = Tasklet {
                defer { log.append("parent") }
                try withTaskletGroup(of: Void.self) { group in
                    for name in ["a", "b"] {
                        try group.add {
                            defer { log.append(name) }
                            try Self.sleepLong()
                        }
                    }
                }
                log.append("never")
            }
            try Self.turns(2)
            #expect(parent.isBlocked)
            switch way {
            case "cancel": parent.cancel()
            case "kill": try parent.kill()
            case "pending kill": try parent.kill(pending: true)
            default: try parent.raise(Failure(number: 3), pending: true)
            }
            if way == "raise" {
                #expect(throws: Failure(number: 3)) { try Tasklet.run() }
            } else {
                try Tasklet.run()
            }
            #expect(log == ["a", "b", "parent"])
            #expect(!parent.isAlive)
        }
    }

    /// The parent waits for its children although it is killed again and again.
    @Test func aKilledParentStillWaits() throws {
        try Scheduler.scope { () throws -> Void in
            var isOver = false
            var cleaned = false
            let parent = Tasklet {
                defer { isOver = true }
                try withTaskletGroup(of: Void.self) { group in
                    try group.add {
                        defer {
                            try? withCancellationShield { try Self.turns(20) }
                            cleaned = true
                        }
                        try Self.sleepLong()
                    }
                }
            }
            try Self.turns(2)
            for _ in 0..<5 {
                try parent.kill()
                #expect(!isOver)
            }
            try Tasklet.run()
            #expect(cleaned)
            #expect(isOver)
        }
    }

    // MARK: A child fails

    @Test func theFirstErrorEndsTheGroup() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            var errors: [String] = []
            let error = Self.failure {
                try withTaskletGroup(of: Int.self) { group in
                    group.onError = { errors.append("\($0.taskletName): \($0.error)") }
                    try group.add(name: "sleeper") {
                        defer { log.append("cancelled") }
                        try Self.sleepLong()
                        return 0
                    }
                    try group.add(name: "first") {
                        try Tasklet.schedule()
                        throw Failure(number: 1)
                    }
                    try group.add(name: "second") {
                        do { try Self.sleepLong() } catch { throw Failure(number: 2) }
                        return 0
                    }
                    #expect(throws: Failure(number: 1)) { while try group.next() != nil {} }
                    #expect(throws: Failure(number: 1)) { try group.next() }
                    #expect(throws: Failure(number: 1)) { try group.add { 3 } }
                    log.append("block")
                }
            }
            #expect(error == Failure(number: 1))
            #expect(log == ["cancelled", "block"])
            #expect(errors == ["first: Failure(number: 1)", "second: Failure(number: 2)"])
        }
    }

    /// A wait for anything else ends as well: else the block might wait for a child that has failed.
    @Test func otherWaitsOfTheBlockEndToo() throws {
        try Scheduler.scope { () throws -> Void in
            let never = Promise<Int>()
            var waits: [any Error] = []
            let error = Self.failure {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add { throw Failure(number: 1) }
                    for _ in 0..<2 { do { _ = try never.value() } catch let wait { waits.append(wait) } }
                    #expect(Tasklet.isCancelled)
                    try withCancellationShield {
                        #expect(!Tasklet.isCancelled)
                        try Tasklet.sleep(for: .milliseconds(1))
                    }
                    try Self.sleepLong()
                }
            }
            #expect(error == Failure(number: 1))
            #expect(waits.count == 2)
            #expect(waits.allSatisfy { $0 is CancellationError })
            // The block is over, and so is that.
            #expect(!Tasklet.isCancelled)
            try Tasklet.sleep(for: .milliseconds(1))
        }
    }

    @Test func aBlockThatSwallowsTheErrorThrowsItAllTheSame() throws {
        try Scheduler.scope { () throws -> Void in
            #expect(throws: Failure(number: 1)) {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add { throw Failure(number: 1) }
                    try? Self.sleepLong()
                }
            }
        }
    }

    @Test func aBlockMayThrowAnErrorOfItsOwnInstead() throws {
        try Scheduler.scope { () throws -> Void in
            #expect(throws: Failure(number: 2)) {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add { throw Failure(number: 1) }
                    do { while try group.next() != nil {} } catch { throw Failure(number: 2) }
                }
            }
        }
    }

    @Test func aChildThatFailsWhileTheBlockEndsCancelsTheRest() throws {
        try Scheduler.scope { () throws -> Void in
            var ended = 0
            #expect(throws: Failure(number: 1)) {
                try withTaskletGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        try group.add {
                            defer { ended += 1 }
                            try Self.sleepLong()
                        }
                    }
                    try group.add {
                        try Self.turns(2)
                        throw Failure(number: 1)
                    }
                }
            }
            #expect(ended == 2)
            #expect(!Tasklet.isCancelled)
        }
    }

    @Test func nestedGroupsFailOneByOne() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            let error = Self.failure {
                try withTaskletGroup(of: Void.self) { outer in
                    try outer.add {
                        try Self.turns(3)
                        throw Failure(number: 1)
                    }
                    do {
                        try withTaskletGroup(of: Void.self) { inner in
                            try inner.add { throw Failure(number: 2) }
                            try Self.sleepLong()
                        }
                    } catch { log.append("\(error)") }
                    #expect(!Tasklet.isCancelled, "the inner one is over")
                    do {
                        try withTaskletGroup(of: Void.self) { inner in
                            try inner.add {
                                defer { log.append("inner child") }
                                try Self.sleepLong()
                            }
                            try Self.sleepLong()
                        }
                    } catch { log.append("\(type(of: error))") }
                    #expect(Tasklet.isCancelled, "the outer one is not")
                    try Self.sleepLong()
                }
            }
            #expect(error == Failure(number: 1))
            #expect(log == ["Failure(number: 2)", "inner child", "CancellationError"])
            #expect(!Tasklet.isCancelled)
        }
    }

    @Test func quietEndsAreNoErrors() throws {
        try Scheduler.scope { () throws -> Void in
            let results = try withTaskletGroup(of: Int.self) { group in
                let killed = try group.add {
                    try Self.sleepLong()
                    return 1
                }
                let cancelled = try group.add {
                    try Self.sleepLong()
                    return 2
                }
                let neverBegun = try group.add { 3 }
                try neverBegun.kill(pending: true)
                try group.add { 4 }
                try Tasklet.schedule()
                try killed.kill()
                cancelled.cancel()
                var results: [Int] = []
                while let result = try group.next() { results.append(result) }
                return results
            }
            #expect(results == [4])
        }
    }

    // MARK: cancelAll

    @Test func cancelAllCancelsThePresentAndTheFuture() throws {
        try Scheduler.scope { () throws -> Void in
            var log: [String] = []
            try withTaskletGroup(of: Void.self) { group in
                for name in ["a", "b"] {
                    try group.add {
                        defer { log.append(name) }
                        try Self.sleepLong()
                    }
                }
                try Tasklet.schedule()
                group.cancelAll()
                log.append("the caller goes on")
                try group.add {
                    defer { log.append("c") }
                    #expect(Tasklet.isCancelled)
                    try Self.sleepLong()
                }
                #expect(try group.next() == nil)
                #expect(!Tasklet.isCancelled)
            }
            #expect(log == ["the caller goes on", "a", "b", "c"])
        }
    }

    @Test func aChildMayCancelItsGroup() throws {
        try Scheduler.scope { () throws -> Void in
            var found: [Int] = []
            try withTaskletGroup(of: Int.self) { group in
                for number in 0..<5 {
                    try group.add {
                        try Self.turns(10 - number)
                        return number
                    }
                }
                if let first = try group.next() {
                    found.append(first)
                    group.cancelAll()
                }
            }
            #expect(found == [4])
        }
    }

    // MARK: Deadlocks and misuse

    @Test func aChildThatCanNeverGoOnIsReported() throws {
        try Scheduler.scope { () throws -> Void in
            let never = Promise<Int>(name: "never")
            let error = try #require(throws: DeadlockError.self) {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add(name: "stuck") { _ = try never.value() }
                    while try group.next() != nil {}
                }
            }
            #expect(error.waiters.map(\.name) == ["main", "stuck"])
            #expect(error.waiters.first?.operation == "next result of a group")
        }
    }

    /// Neither a cancellation nor a deadlock reaches what is paused, or waits in a shield: it is killed then.
    @Test(arguments: ["paused", "shielded", "never begun"]) func aChildThatIsStuckIsKilled(how: String) throws {
        try Scheduler.scope { () throws -> Void in
            let never = Promise<Int>()
            var hasEnded = how == "never begun"
            var error: (any Error)?
            do {
                try withTaskletGroup(of: Void.self) { group in
                    let child = try group.add {
                        defer { hasEnded = true }
                        if how == "paused" {
                            try withCancellationShield { try Tasklet.scheduleRemove() }
                        } else {
                            // Swallows the DeadlockError that comes to the one that waits last, and one kill.
                            try withCancellationShield {
                                for _ in 0..<2 { _ = try? never.value() }
                                _ = try never.value()
                            }
                        }
                    }
                    if how == "never begun" { try child.remove() }
                    throw Failure(number: 1)
                }
            } catch let thrown { error = thrown }
            #expect(error as? Failure == Failure(number: 1))
            #expect(hasEnded)
        }
    }

    @Test func aDeadlockAtTheLimitNamesIt() throws {
        try Scheduler.scope { () throws -> Void in
            let error = try #require(throws: DeadlockError.self) {
                try withTaskletGroup(of: Void.self, limit: 1) { group in
                    try group.add { try group.add {} }
                }
            }
            #expect(error.waiters.map(\.operation).contains("room in a group of 1"))
        }
    }

    @Test func misuseTraps() async throws {
        let limit = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try withTaskletGroup(of: Void.self, limit: 0) { _ in }
        }
        #expect(text(limit).contains("A group needs a limit of at least one tasklet, not 0."))
        let over = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let group = try withTaskletGroup(of: Void.self) { $0 }
            try group.add {}
        }
        #expect(text(over).contains("The group is over: add its children inside its block."))
        let trap = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try withTaskletGroup(of: Void.self) { group in
                try group.add {}
                Tasklet.current.blockTrap = true
            }
        }
        #expect(text(trap).contains("A group cannot be left before its children have ended."))
    }

    private func text(_ result: ExitTest.Result) -> String {
        String(decoding: result.standardErrorContent, as: UTF8.self)
    }

    // MARK: The end of a scheduler

    @Test func theEndOfAScopeEndsAGroup() throws {
        let counter = Tracked.Counter()
        var log: [String] = []
        try Scheduler.scope { () throws -> Void in
            Tasklet {
                defer { log.append("parent") }
                try withTaskletGroup(of: Tracked.self, limit: 3) { group in
                    for number in 0..<4 {
                        let object = Tracked(counter)
                        try group.add {
                            defer { log.append("child \(number)") }
                            try Self.sleepLong()
                            return object
                        }
                    }
                }
            }
            try Self.turns(3)
        }
        #expect(log == ["child 0", "child 1", "child 2", "parent"])
        #expect(counter.count == 0)
    }
}
