import Foundation
import Tasklets
import TestSupport
import Testing

/// A child fails, or the children are cancelled.
extension TaskletGroupTests {
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
}
