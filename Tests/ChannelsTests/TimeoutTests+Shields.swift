import Channels
import Tasklets
import TestSupport
import Testing

/// Time limits beside kills, shields, the end of a scope and other threads.
extension TimeoutTests {
    @Test func aKillCountsMore() throws {
        try virtual {
            var log: [String] = []
            let victim = Tasklet {
                do { try withTimeout(.milliseconds(10)) { try Tasklet.sleep(for: .seconds(1)) } } catch {
                    log.append("\(type(of: error))")
                    throw error
                }
            }
            Tasklet {
                try Tasklet.sleep(for: .milliseconds(5))
                try victim.kill()
            }
            try Tasklet.run()
            #expect(log == ["TaskletExit"])
            #expect(milliseconds() == 5, "the timer went with the block")
        }
    }

    @Test func aShieldHoldsOffTheBlocksAroundIt() throws {
        try virtual {
            var log: [String] = []
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) {
                    defer {
                        try? withCancellationShield {
                            try Tasklet.sleep(for: .milliseconds(5))
                            log.append("cleaned up at \(milliseconds())")
                            let inner = try withTimeout(.milliseconds(5), orElse: "inner") {
                                try Tasklet.sleep(for: .seconds(1))
                                return "none"
                            }
                            log.append("\(inner) at \(milliseconds())")
                        }
                    }
                    try Tasklet.sleep(for: .seconds(1))
                }
            }
            #expect(log == ["cleaned up at 15", "inner at 20"])
        }
    }

    /// The inner shield holds off the limit that stands between the two.
    @Test func aShieldInsideAShield() throws {
        try virtual {
            var log: [String] = []
            #expect(throws: TimeoutError.self) {
                try withCancellationShield {
                    try withTimeout(.seconds(1)) {
                        try withCancellationShield { try Tasklet.sleep(for: .seconds(10)) }
                        log.append("slept until \(milliseconds())")
                        try Tasklet.sleep(for: .seconds(1))
                    }
                }
            }
            #expect(log == ["slept until 10000"])
            #expect(milliseconds() == 10_000)
        }
    }

    /// The block of a group waits for its children whatever its owner has been told.
    @Test func aGroupInsideABlockInsideAShield() throws {
        try virtual {
            var hasEnded = false
            #expect(throws: TimeoutError.self) {
                try withCancellationShield {
                    try withTimeout(.seconds(1)) {
                        try withTaskletGroup(of: Void.self) { group in
                            try group.add {
                                try withCancellationShield { try Tasklet.sleep(for: .seconds(10)) }
                                hasEnded = true
                            }
                            _ = try group.next()
                        }
                    }
                }
            }
            #expect(hasEnded)
            #expect(milliseconds() == 10_000)
        }
    }

    @Test func aShieldOnlyPutsItOff() throws {
        try virtual {
            #expect(throws: TimeoutError.self) {
                try withTimeout(.milliseconds(10)) {
                    try withCancellationShield { try Tasklet.sleep(for: .milliseconds(30)) }
                    #expect(milliseconds() == 30)
                    try Tasklet.sleep(for: .milliseconds(1))
                }
            }
            #expect(milliseconds() == 30)
        }
    }

    @Test func theEndOfAScopeLeavesNothing() throws {
        let living = Tracked.Counter()
        try virtual {
            for _ in 1...3 {
                Tasklet { [tracked = Tracked(living)] in
                    try withTimeout(.seconds(1)) { try Tasklet.sleep(for: .seconds(2)) }
                    _ = tracked
                }
            }
            try Tasklet.schedule()
        }
        #expect(living.count == 0)
    }

    @Test func theErrorTellsTheBlock() throws {
        try virtual {
            let error = #expect(throws: TimeoutError.self) {
                try withTimeout(.zero, fileID: "Program/main.swift", line: 12) { try Tasklet.sleep(for: .seconds(1)) }
            }
            #expect(error?.description == "The time is up that was set at Program/main.swift:12.")
        }
    }

    @Test func onTheRealClock() throws {
        try Scheduler.scope {
            let channel = Channel<Int>()
            let start = ContinuousClock.now
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(20)) { try channel.receive() } }
            #expect(ContinuousClock.now - start >= .milliseconds(20))
            // Also while others run all the time.
            var isOver = false
            Tasklet { while !isOver { try Tasklet.schedule() } }
            #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(20)) { try channel.receive() } }
            isOver = true
            try Tasklet.run()
        }
    }

    @Test func anotherThreadMeetsOneThatHasALimit() throws {
        let requests = Channel<Int>()
        let answers = Channel<Int>()
        requests.share()
        answers.share()
        let thread = TestThread {
            do {
                while let number = try requests.next() { try answers.send(number + 1) }
            } catch {
                Issue.record(error)
            }
        }
        try Scheduler.scope {
            for number in 1...2000 {
                try requests.send(number)
                // Some in time, some not; none is lost or doubled.
                while true {
                    do {
                        let answer = try withTimeout(.nanoseconds(number % 3 == 0 ? 100 : 1_000_000_000)) {
                            try answers.receive()
                        }
                        #expect(answer == number + 1)
                        break
                    } catch is TimeoutError {}
                }
            }
            requests.finish()
        }
        thread.join()
    }
}
