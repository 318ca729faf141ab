import Tasklets
import TestSupport
import Testing

/// `group.onNext` in a `select`.
struct GroupClauseTests {
    private struct Failure: Error {}

    @Test func resultsComeInTheOrderOfFinishing() throws {
        try Scheduler.scope(clock: .virtual) {
            let log = try withTaskletGroup(of: Int.self) { group in
                for time in [3, 1, 2] {
                    try group.add {
                        try Tasklet.sleep(for: .seconds(time))
                        return time
                    }
                }
                var log: [String] = []
                var isOver = false
                while !isOver {
                    try select {
                        group.onNext { result in
                            if let result { log.append("\(result)") } else { isOver = true }
                        }
                        after(.milliseconds(1500)) { log.append("time") }
                    }
                }
                return log
            }
            #expect(log == ["1", "2", "3"])
        }
    }

    @Test func theOtherClauseLeavesTheResult() throws {
        try Scheduler.scope {
            let gate = Promise<String>()
            try withTaskletGroup(of: Int.self) { group in
                try group.add {
                    gate.fulfill("first")
                    return 1
                }
                let chosen = try select {
                    group.onNext { "\($0 ?? 0)" }
                    gate.onValue { $0 }
                }
                #expect(chosen == "first")
                #expect(try group.next() == 1)
                #expect(try select { group.onNext { $0 } } == nil)
            }
        }
    }

    @Test func withOtherwiseItOnlyLooks() throws {
        try Scheduler.scope {
            try withTaskletGroup(of: Int.self) { group in
                try group.add { 1 }
                let before = try select {
                    group.onNext { $0 }
                    otherwise { Int?.some(-1) }
                }
                try Tasklet.schedule()
                let afterwards = try select {
                    group.onNext { $0 }
                    otherwise { Int?.some(-1) }
                }
                #expect(before == -1)
                #expect(afterwards == 1)
            }
        }
    }

    @Test func selectsAndTakersWaitInOneLine() throws {
        try Scheduler.scope {
            var log: [String] = []
            try withTaskletGroup(of: Int.self) { group in
                let gates = (0..<2).map { _ in Promise<Void>() }
                for gate in gates {
                    try group.add {
                        try gate.value()
                        return log.count
                    }
                }
                Tasklet { try select { group.onNext { log.append("select \($0!)") } } }
                Tasklet { log.append("next \(try group.next()!)") }
                try Tasklet.schedule()
                try Tasklet.schedule()
                for gate in gates { gate.fulfill(()) }
            }
            try Tasklet.run()
            #expect(log == ["select 0", "next 0"])
        }
    }

    @Test func theErrorOfAChildIsThrown() throws {
        try Scheduler.scope {
            let never = Promise<Int>()
            for startsBefore in [true, false] {
                var caught: [any Error] = []
                #expect(throws: Failure.self) {
                    try withTaskletGroup(of: Int.self) { group in
                        try group.add { throw Failure() }
                        if startsBefore { try Tasklet.schedule() }
                        do {
                            _ = try select {
                                never.onValue { $0 }
                                group.onNext { $0 ?? 0 }
                            }
                        } catch {
                            caught.append(error)
                            throw error
                        }
                    }
                }
                // Not the cancellation of the block, which comes of it.
                #expect(caught.count == 1 && caught[0] is Failure)
            }
        }
    }

    @Test func theResultOfAKilledSelectGoesToTheNext() throws {
        try Scheduler.scope {
            var log: [String] = []
            try withTaskletGroup(of: Int.self) { group in
                let gate = Promise<Void>()
                try group.add {
                    try gate.value()
                    return 7
                }
                // So that the second one goes on waiting.
                let laterGate = Promise<Void>()
                try group.add {
                    try laterGate.value()
                    return 8
                }
                let first = Tasklet {
                    try select {
                        group.onNext { log.append("first \($0!)") }
                        after(.seconds(1000)) {}
                    }
                }
                Tasklet { log.append("second \(try group.next()!)") }
                try Tasklet.schedule()
                try Tasklet.schedule()
                gate.fulfill(())
                Tasklet {
                    // Behind the end of the child, before the turn of the first, which has got the result.
                    #expect(!first.isBlocked)
                    try first.kill(pending: true)
                }
                for _ in 1...3 { try Tasklet.schedule() }
                laterGate.fulfill(())
            }
            try Tasklet.run()
            #expect(log == ["second 7"])
        }
    }

    @Test func aCancelledSelectLeavesTheLine() throws {
        try Scheduler.scope {
            try withTaskletGroup(of: Int.self) { group in
                let gate = Promise<Void>()
                try group.add {
                    try gate.value()
                    return 7
                }
                var caught: (any Error)?
                let waiter = Tasklet {
                    do { try select { group.onNext { _ in } } } catch { caught = error }
                }
                try Tasklet.schedule()
                waiter.cancel()
                try Tasklet.schedule()
                #expect(caught is CancellationError)
                gate.fulfill(())
                #expect(try group.next() == 7)
            }
        }
    }

    @Test func aDeadlockNamesIt() throws {
        let error = #expect(throws: DeadlockError.self) {
            try Scheduler.scope {
                let never = Promise<Int>(name: "answer")
                try withTaskletGroup(of: Int.self) { group in
                    try group.add { try never.value() }
                    _ = try select {
                        group.onNext { $0 ?? 0 }
                        never.onValue { $0 }
                    }
                }
            }
        }
        #expect(
            error?.waiters.map(\.operation).contains {
                $0.hasPrefix("next result of a group or value of promise 'answer'")
            }
                ?? false
        )
    }

    @Test func nothingIsLeft() throws {
        let counter = Tracked.Counter()
        try Scheduler.scope {
            try withTaskletGroup(of: Tracked.self) { group in
                for _ in 0..<3 { try group.add { Tracked(counter) } }
                try select { group.onNext { #expect($0 != nil) } }
            }
        }
        #expect(counter.count == 0)
    }
}
