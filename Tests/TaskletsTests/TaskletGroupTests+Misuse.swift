import Foundation
import Tasklets
import TestSupport
import Testing

/// Children that can never go on, and wrong uses.
extension TaskletGroupTests {
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
            try synchronously { try withTaskletGroup(of: Void.self, limit: 0) { _ in } }
        }
        #expect(text(limit).contains("A group needs a limit of at least one tasklet, not 0."))
        let over = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                let group = try withTaskletGroup(of: Void.self) { $0 }
                try group.add {}
            }
        }
        #expect(text(over).contains("The group is over: add its children inside its block."))
        let trap = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try synchronously {
                try withTaskletGroup(of: Void.self) { group in
                    try group.add {}
                    Tasklet.current.blockTrap = true
                }
            }
        }
        #expect(text(trap).contains("A group cannot be left before its children have ended."))
    }

    private func text(_ result: ExitTest.Result) -> String {
        String(decoding: result.standardErrorContent, as: UTF8.self)
    }
}
