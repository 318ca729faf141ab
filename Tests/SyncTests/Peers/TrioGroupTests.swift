import Sync
import Tasklets
import TestSupport
import Testing

/// What trio's users rely on in nurseries: groups of tasklets. docs/PeerCases.md lists all cases.
struct TrioGroupTests {
    private let log = Log()

    private struct First: Error {}
    private struct Second: Error {}

    private func sleepForever() throws { try Semaphore(0).acquire() }

    @Test func childrenTakeTurns() throws {
        try Scheduler.scope { () throws -> Void in
            try withTaskletGroup(of: Void.self) { group in
                for name in ["a", "b"] {
                    try group.add {
                        for number in 0..<3 {
                            log.note("\(name)\(number)")
                            try Tasklet.schedule()
                        }
                    }
                }
            }
            #expect(log.lines == ["a0", "b0", "a1", "b1", "a2", "b2"])
        }
    }

    // MARK: Failures

    /// One that only gives way is not ended by the cancellation: it has to ask.
    @Test func aFailureEndsASiblingThatAsks() throws {
        try Scheduler.scope { () throws -> Void in
            var rounds = 0
            #expect(throws: First.self) {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add {
                        log.note("looper") {
                            while rounds < 1000 {
                                rounds += 1
                                try Tasklet.schedule()
                                try Tasklet.checkCancellation()
                            }
                        }
                    }
                    try group.add { throw First() }
                }
            }
            #expect(log.lines == ["looper: cancelled"])
            #expect(rounds < 5)
        }
    }

    /// trio throws all errors in one; here the first one, and a handler hears of each.
    @Test func twoChildrenFail() throws {
        try Scheduler.scope { () throws -> Void in
            #expect(throws: First.self) {
                try withTaskletGroup(of: Void.self) { group in
                    group.onError = { log.note("\($0.taskletName): \($0.error)") }
                    try group.add(name: "a") { throw First() }
                    try group.add(name: "b") { throw Second() }
                }
            }
            #expect(log.lines == ["a: First()", "b: Second()"])
        }
    }

    @Test func theBlockAndAChildFail() throws {
        try Scheduler.scope { () throws -> Void in
            #expect(throws: First.self) {
                try withTaskletGroup(of: Void.self) { group in
                    group.onError = { log.note("\($0.taskletName): \($0.error)") }
                    try group.add(name: "child") { throw Second() }
                    throw First()
                }
            }
            #expect(log.lines == ["child: Second()"])
        }
    }

    @Test func aFailureWakesTheBlock() throws {
        try withVirtualTime { () throws -> Void in
            #expect(throws: First.self) {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add {
                        try Tasklet.sleep(for: .seconds(1))
                        throw First()
                    }
                    try sleepForever()
                }
            }
            #expect(milliseconds() == 1000)
        }
    }

    // MARK: Cancellation

    /// The children of cancelled children are cancelled in the same moment.
    @Test func aCancellationReachesGrandchildren() throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Void.self) { group in
                for worker in ["w1", "w2"] {
                    try group.add {
                        try withTaskletGroup(of: Void.self) { inner in
                            for leaf in ["l1", "l2"] {
                                try inner.add { log.note("\(worker)-\(leaf)") { try sleepForever() } }
                            }
                        }
                    }
                }
                // Twice: the leaves wait.
                for _ in 1...2 { try Tasklet.schedule() }
                group.cancelAll()
            }
            #expect(log.lines == ["w1", "w2"].flatMap { ["\($0)-l1: cancelled", "\($0)-l2: cancelled"] })
            #expect(milliseconds() == 0)
        }
    }

    /// Both scopes end, children of both are cancelled, and the one real error comes out.
    @Test func anErrorAmongCancellations() throws {
        try Scheduler.scope { () throws -> Void in
            #expect(throws: First.self) {
                try withTaskletGroup(of: Void.self) { outer in
                    try outer.add {
                        try withTaskletGroup(of: Void.self) { inner in
                            for name in ["t1", "t2"] { try inner.add { log.note(name) { try sleepForever() } } }
                            inner.cancelAll()
                            try withCancellationShield { for _ in 1...3 { try Tasklet.schedule() } }
                            try inner.add { log.note("t3") { try sleepForever() } }
                            outer.cancelAll()
                            try inner.add { throw First() }
                        }
                    }
                }
            }
            #expect(log.lines == ["t1: cancelled", "t2: cancelled", "t3: cancelled"])
        }
    }

    /// A shield around the whole group holds the cancellation off from the block, and ends before it is too late.
    @Test func aGroupInAShieldGoesOn() throws {
        try withVirtualTime { () throws -> Void in
            let tasklet = Tasklet {
                log.note("group") {
                    try withCancellationShield {
                        try withTaskletGroup(of: Void.self) { group in
                            try group.add { log.note("child") { try Tasklet.sleep(for: .seconds(1)) } }
                        }
                    }
                }
                log.note("after") { try sleepForever() }
            }
            tasklet.cancel()
            try Tasklet.runUntilDone()
            #expect(log.lines == ["child: done", "group: done", "after: cancelled"])
            #expect(milliseconds() == 1000)
        }
    }

    // MARK: Starting a child and waiting until it says that it has started

    /// The child says so by a promise, and goes on.
    @Test(arguments: [1, 2]) func aChildSaysThatItHasStarted(seconds: Int) throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Void.self) { group in
                let started = Promise<Int>()
                try group.add {
                    try Tasklet.sleep(for: .seconds(seconds))
                    started.fulfill(seconds)
                    try Tasklet.sleep(for: .seconds(seconds))
                }
                #expect(try started.value() == seconds)
                #expect(milliseconds() == Int64(1000 * seconds))
            }
            #expect(milliseconds() == Int64(2000 * seconds))
        }
    }

    /// It fails before that: its error comes out of the block, and the wait has ended.
    @Test func aChildFailsBeforeItHasStarted() throws {
        try withVirtualTime { () throws -> Void in
            #expect(throws: First.self) {
                try withTaskletGroup(of: Void.self) { group in
                    let started = Promise<Int>()
                    try group.add { throw First() }
                    log.note("wait") { _ = try started.value() }
                }
            }
            #expect(log.lines == ["wait: cancelled"])
        }
    }

    /// It ends without a word: whoever waits is told by its end, or by a deadlock.
    @Test(arguments: [false, true]) func aChildEndsBeforeItHasStarted(isTold: Bool) throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Void.self) { group in
                let started = Promise<Int>(name: "started")
                let child = try group.add {}
                if isTold { child.onEnd { if started.result == nil { started.fail(First()) } } }
                if isTold {
                    #expect(throws: First.self) { try started.value() }
                } else {
                    let error = try #require(throws: DeadlockError.self) { try started.value() }
                    #expect(error.waiters.map(\.operation).contains { $0.contains("'started'") })
                }
            }
        }
    }

    /// Who waits for the start is cancelled: the child goes on, and what it says is kept in the promise.
    @Test func theOneThatWaitsForTheStartIsCancelled() throws {
        try withVirtualTime { () throws -> Void in
            let started = Promise<String>()
            try withTaskletGroup(of: Void.self) { group in
                let waiter = Tasklet {
                    log.note("waiter") {
                        try group.add {
                            try Tasklet.sleep(for: .seconds(1))
                            started.fulfill("hi")
                        }
                        _ = try started.value()
                    }
                }
                try Tasklet.schedule()
                waiter.cancel()
            }
            #expect(log.lines == ["waiter: cancelled"])
            #expect(try started.value() == "hi")
            #expect(milliseconds() == 1000)
        }
    }

    /// Children may add others as long as one is there, also when the block has come to its end.
    @Test func childrenAddOthersAtTheEndOfTheBlock() throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Void.self) { group in
                func chain(_ number: Int) throws {
                    try Tasklet.sleep(for: .seconds(1))
                    log.note("\(number)")
                    if number < 3 { try group.add { try chain(number + 1) } }
                }
                try group.add { try chain(1) }
            }
            #expect(log.lines == ["1", "2", "3"])
            #expect(milliseconds() == 3000)
        }
    }

    // MARK: Runs inside runs

    /// trio refuses a run inside a run; a scope inside a scope is a world of its own.
    @Test func aScopeInsideAScope() throws {
        try withVirtualTime { () throws -> Void in
            Tasklet { log.note("outer") }
            try withVirtualTime { () throws -> Void in
                Tasklet {
                    try Tasklet.sleep(for: .seconds(1))
                    log.note("inner")
                }
                try Tasklet.run()
                #expect(milliseconds() == 1000)
            }
            #expect(log.lines == ["inner"])
            #expect(milliseconds() == 0)
            try Tasklet.run()
            #expect(log.lines == ["inner", "outer"])
        }
    }
}
