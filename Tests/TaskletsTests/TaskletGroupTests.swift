import Foundation
import Tasklets
import TestSupport
import Testing

struct TaskletGroupTests {
    struct Failure: Error, Equatable {
        var number = 0
    }

    /// The error that leaves `body`, if it is one of these tests.
    static func failure(_ body: () throws -> Void) -> Failure? {
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
}
