import Sync
import Tasklets
import TestSupport
import Testing

/// What gevent's users rely on in pools and groups. docs/PeerCases.md lists all cases.
struct GeventPoolTests {
    private let log = Log()

    // MARK: Room

    /// Who adds to a full group waits for a time only: no child is made, and the room is there when one has ended.
    @Test func aTimeForRoom() throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Int.self, limit: 1) { group in
                try group.add {
                    try Tasklet.sleep(for: .seconds(1))
                    return 1
                }
                let isAdded = try withTimeout(.milliseconds(100), orElse: false) {
                    try group.add { 2 }
                    return true
                }
                #expect(!isAdded)
                #expect(milliseconds() == 100)
                try group.add { 3 }
                #expect(milliseconds() == 1000)
                #expect(try group.next() == 1)
                #expect(try group.next() == 3)
                #expect(try group.next() == nil)
            }
        }
    }

    /// A pool that is a semaphore: a failure costs no room, whoever hears of it.
    @Test func aFailureCostsNoRoom() throws {
        try withVirtualTime { () throws -> Void in
            let room = Semaphore(1)
            for _ in 1...3 {
                let work = Tasklet.spawn { try room.withPermit { throw Interruption() } }
                #expect(throws: Interruption.self) { try work.value() }
            }
            #expect(room.available == 1)
            let next = Tasklet.spawn { try room.withPermit { 5 } }
            #expect(try next.value(within: .milliseconds(100)) == 5)
        }
    }

    @Test func aSlotIsFreeWhenItsTaskletHasEnded() throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Void.self, limit: 1) { group in
                for number in 1...3 {
                    try group.add { try Tasklet.sleep(for: .milliseconds(100)) }
                    #expect(milliseconds() == Int64(100 * (number - 1)))
                }
            }
            #expect(milliseconds() == 300)
        }
    }

    /// The time of a group is up: its children are cancelled. gevent's join leaves them running.
    @Test func aTimeForAllOfAGroup() throws {
        try withVirtualTime { () throws -> Void in
            let isDone = try withTimeout(.milliseconds(10), orElse: false) {
                try withTaskletGroup(of: Void.self) { group in
                    for seconds in 1...2 {
                        try group.add { log.note("\(seconds)") { try Tasklet.sleep(for: .seconds(seconds)) } }
                    }
                }
                return true
            }
            #expect(!isDone)
            #expect(log.lines == ["1: cancelled", "2: cancelled"])
            #expect(milliseconds() == 10)
        }
    }

    @Test func aGroupEndsWithItsLongestChild() throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Void.self) { _ in }
            #expect(milliseconds() == 0)
            try withTaskletGroup(of: Void.self) { group in
                for seconds in 1...2 { try group.add { try Tasklet.sleep(for: .seconds(seconds)) } }
            }
            #expect(milliseconds() == 2000)
        }
    }

    /// All that a full pool does, and what waits for room, ends without a further wait.
    @Test(arguments: [1, 2, 3, 10]) func cancelAllEndsAFullGroup(limit: Int) throws {
        try withVirtualTime { () throws -> Void in
            var begun = 0
            try withTaskletGroup(of: Void.self, limit: limit) { group in
                Tasklet {
                    try Tasklet.sleep(for: .milliseconds(100))
                    group.cancelAll()
                }
                for _ in 0..<2 * limit {
                    try group.add {
                        begun += 1
                        try Tasklet.sleep(for: .seconds(1))
                    }
                }
            }
            #expect(begun == 2 * limit)
            #expect(milliseconds() == 100)
        }
    }

    // MARK: Maps

    @Test(arguments: [1, 2, 3, 10, Int.max], [0, 1, 10, 1000])
    func aMapGivesWhatALoopGives(limit: Int, count: Int) throws {
        try withVirtualTime { () throws -> Void in
            let numbers = Array(0..<count)
            let squares = try numbers.concurrentMap(limit: limit) { number in
                try Tasklet.sleep(for: .milliseconds(number * 7 % 5))
                return number * number
            }
            #expect(squares == numbers.map { $0 * $0 })
        }
    }

    /// With room for one they finish in the order of the list, else in the order of their times.
    @Test(arguments: [1, 2, 3, 10]) func theOrderOfFinishing(limit: Int) throws {
        try withVirtualTime { () throws -> Void in
            try withTaskletGroup(of: Int.self, limit: limit) { group in
                for tenths in [10, 1, 2] {
                    try group.add {
                        try Tasklet.sleep(for: .milliseconds(100 * tenths))
                        return tenths
                    }
                }
                var order: [Int] = []
                while let tenths = try group.next() { order.append(tenths) }
                #expect(order == (limit == 1 ? [10, 1, 2] : [1, 2, 10]))
            }
        }
    }

    /// The inputs come from a queue, whose end is the end of the map; and one that sleeps after the last one.
    @Test func theInputsMayBeWaitedFor() throws {
        try withVirtualTime { () throws -> Void in
            let queue = Queue<Int>()
            try queue.send(123)
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(100))
                queue.finish()
            }
            let received = try AnyIterator { try? queue.next() }.concurrentMap(limit: 2) { $0 }
            #expect(received == [123])
            #expect(milliseconds() == 100)

            let slow = sequence(state: 0) { (number: inout Int) -> Int? in
                defer { number += 1 }
                if number < 3 { return number }
                try? Tasklet.sleep(for: .milliseconds(200))
                return nil
            }
            #expect(try slow.concurrentMap(limit: 1) { $0 * $0 } == [0, 1, 4])
            #expect(milliseconds() == 300)
        }
    }

    /// Workers that send their results into a queue of one place are never far ahead of a slow reader.
    @Test(arguments: [1, 2, 10]) func aSlowReaderHoldsItsWorkersBack(limit: Int) throws {
        try withVirtualTime { () throws -> Void in
            let results = Queue<Int>(capacity: 1)
            var begun = 0
            Tasklet {
                try withTaskletGroup(of: Void.self, limit: limit) { group in
                    for number in 0..<100 {
                        try group.add {
                            begun += 1
                            try results.send(number)
                        }
                    }
                }
                results.finish()
            }
            var received: [Int] = []
            while let number = try results.next() {
                received.append(number)
                #expect(begun <= received.count + 1 + limit)
                try Tasklet.sleep(for: .milliseconds(10))
            }
            #expect(received == Array(0..<100))
        }
    }

    // MARK: Errors

    private struct DivisionByZero: Error {}

    private func divide(by number: Double) throws -> Double {
        if number == 0 { throw DivisionByZero() }
        return 1 / number
    }

    /// A map ends by its first error. Where the others count all the same each result is a `Result`.
    @Test(arguments: [1, 3]) func anErrorOfOneInput(limit: Int) throws {
        try Scheduler.scope { () throws -> Void in
            #expect(throws: DivisionByZero.self) { try [1, 0, 2].concurrentMap(limit: limit, divide(by:)) }
            let results = try [1, 0, 2].concurrentMap(limit: limit) { number in Result { try divide(by: number) } }
            #expect(try results[0].get() == 1)
            #expect(throws: DivisionByZero.self) { try results[1].get() }
            #expect(try results[2].get() == 0.5)
        }
    }

    /// What feeds the pool fails in the middle: the children of the inputs before it are cancelled, and the error comes out.
    @Test func anErrorAmongTheInputs() throws {
        try withVirtualTime { () throws -> Void in
            #expect(throws: Interruption.self) {
                try withTaskletGroup(of: Void.self, limit: 3) { group in
                    for number in 1...3 {
                        if number == 3 { throw Interruption() }
                        try group.add { log.note("\(number)") { try Tasklet.sleep(for: .seconds(1)) } }
                    }
                }
            }
            #expect(log.lines == ["1: cancelled", "2: cancelled"])
            #expect(milliseconds() == 0)
        }
    }
}
