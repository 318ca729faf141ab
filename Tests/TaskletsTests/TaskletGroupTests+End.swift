import Foundation
import Tasklets
import TestSupport
import Testing

/// How the block of a group is left, and what ends it from outside.
extension TaskletGroupTests {
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
