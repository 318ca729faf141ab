import Channels
import Tasklets
import TestSupport
import Testing

/// What a select chooses, and what happens to the clauses that are not chosen.
struct SelectTests {
    @Test func theFirstReadyClauseInTheOrderOfListingWins() throws {
        try Scheduler.scope {
            let (a, b, c) = (Channel<Int>(), Channel<Int>(), Channel<Int>())
            Tasklet { try c.send(3) }
            Tasklet { try b.send(2) }
            try Tasklet.run()
            func choose() throws -> Int {
                try select {
                    a.onReceive { $0 }
                    b.onReceive { $0 }
                    c.onReceive { $0 }
                    otherwise { 0 }
                }
            }
            #expect(try [choose(), choose(), choose()] == [2, 3, 0])
            #expect([a, b, c].map(\.balance) == [0, 0, 0])
        }
    }

    @Test(arguments: 0..<4)
    func whicheverIsReadyFirstEndsTheWait(number: Int) throws {
        try Scheduler.scope {
            let channels = (0..<4).map { Channel<Int>(name: "\($0)") }
            var chosen: [Int] = []
            Tasklet {
                try select {
                    channels[0].onReceive { chosen += [0, $0] }
                    channels[1].onReceive { chosen += [1, $0] }
                    channels[2].onSend(7) { chosen += [2] }
                    channels[3].onReceive { chosen += [3, $0] }
                }
            }
            try Tasklet.schedule()
            #expect(channels.map(\.balance) == [-1, -1, 1, -1])
            if number == 2 {
                #expect(try channels[2].receive() == 7)
            } else {
                try channels[number].send(9)
            }
            #expect(channels.map(\.balance) == [0, 0, 0, 0])
            try Tasklet.run()
            #expect(chosen == (number == 2 ? [2] : [number, 9]))
        }
    }

    @Test func clausesInsideIfAndForAreAnyNumber() throws {
        try Scheduler.scope {
            let channels = (0..<100).map { Channel<Int>(name: "\($0)") }
            let extra = Channel<Int>(name: "extra")
            var chosen: [Int] = []
            for isExtra in [true, false] {
                Tasklet {
                    chosen.append(
                        try select {
                            if isExtra { extra.onReceive { $0 } }
                            for (number, channel) in channels.enumerated() { channel.onReceive { $0 + number } }
                            if isExtra { after(.seconds(3600)) { -1 } } else { otherwise { -2 } }
                        }
                    )
                }
            }
            try Tasklet.schedule()
            #expect(chosen == [-2])
            #expect(channels.allSatisfy { $0.balance == -1 } && extra.balance == -1)
            try channels[77].send(1000)
            try Tasklet.schedule()
            #expect(chosen == [-2, 1077])
            #expect(channels.allSatisfy { $0.balance == 0 } && extra.balance == 0)
        }
    }

    @Test func aFairSelectTakesTurns() throws {
        try Scheduler.scope {
            let channels = (0..<3).map { number in
                let channel = Channel<Int>()
                for _ in 0..<10 { Tasklet { try channel.send(number) } }
                return channel
            }
            try Tasklet.run()
            func next(_ turns: SelectRotation?) throws -> Int {
                guard let turns else {
                    return try select { for channel in channels { channel.onReceive { $0 } } }
                }
                return try select(fair: turns) { for channel in channels { channel.onReceive { $0 } } }
            }
            #expect(try (0..<3).map { _ in try next(nil) } == [0, 0, 0])
            let turns = SelectRotation()
            #expect(try (0..<7).map { _ in try next(turns) } == [0, 1, 2, 0, 1, 2, 0])
        }
    }

    /// Also the clause that has been woken had its turn.
    @Test func aWaitCountsAsATurn() throws {
        try Scheduler.scope {
            let (a, b) = (Channel<String>(), Channel<String>())
            let turns = SelectRotation()
            var chosen: [String] = []
            Tasklet {
                for _ in 0..<3 {
                    try select(fair: turns) {
                        a.onReceive { chosen.append($0) }
                        b.onReceive { chosen.append($0) }
                    }
                    try Tasklet.schedule()
                }
            }
            try Tasklet.schedule()
            Tasklet { try a.send("a1") }
            Tasklet { try a.send("a2") }
            Tasklet { try b.send("b1") }
            try Tasklet.run()
            #expect(chosen == ["a1", "b1", "a2"])
        }
    }

    @Test func twoClausesOfOneSelectDoNotMeet() async {
        await #expect(processExitsWith: .success) {
            try synchronously {
                setHangAlarm()
                for isShared in [false, true] {
                    let channel = Channel<Int>()
                    if isShared { channel.share() }
                    var log: [String] = []
                    Tasklet {
                        for _ in 0..<2 {
                            try select {
                                channel.onSend(1) { log.append("sent") }
                                channel.onReceive { log.append("received \($0)") }
                            }
                        }
                    }
                    try Tasklet.schedule()
                    guard log == [], channel.balance == 0, channel.waiting.count == 2 else { fatalError("\(log)") }
                    // Another one meets either of them.
                    guard try channel.receive() == 1 else { fatalError("a wrong value") }
                    try Tasklet.schedule()
                    try channel.send(2)
                    try Tasklet.schedule()
                    guard log == ["sent", "received 2"], channel.waiting.isEmpty else { fatalError("\(log)") }
                }
            }
        }
    }

    // MARK: Bodies

    @Test func theBodyRunsAfterTheSelectHasBeenLeft() throws {
        try Scheduler.scope {
            let (jobs, results, inner) = (Channel<Int>(), Channel<Int>(), Channel<Int>())
            var log: [String] = []
            Tasklet {
                try select {
                    jobs.onReceive { job in
                        log.append("waiting: \(jobs.balance) \(results.balance)")
                        try select {
                            inner.onReceive { log.append("\(job) \($0)") }
                            jobs.onReceive { log.append("\($0)") }
                        }
                        try results.send(job)
                    }
                    results.onReceive { log.append("\($0)") }
                }
                log.append("end")
            }
            try Tasklet.schedule()
            try jobs.send(1)
            try inner.send(2)
            #expect(try results.receive() == 1)
            try Tasklet.run()
            #expect(log == ["waiting: 0 0", "1 2", "end"])
        }
    }

    @Test func whatTheBodyThrowsLeavesTheSelect() throws {
        struct Mine: Error {}
        #expect(throws: Mine.self) { try select { otherwise { throw Mine() } } }
        try Scheduler.scope {
            let channel = Channel<Int>()
            Tasklet { try channel.send(1) }
            try Tasklet.run()
            #expect(throws: Mine.self) { try select { channel.onReceive { _ in throw Mine() } } }
            #expect(channel.balance == 0)
        }
    }

    @Test func whatTheClausesAreMadeOfMayThrow() throws {
        struct Mine: Error {}
        func value() throws -> Int { throw Mine() }
        let channel = Channel<Int>()
        #expect(throws: Mine.self) {
            try select {
                channel.onSend(try value()) {}
                otherwise {}
            }
        }
    }

    // MARK: Order

    /// After a meeting by a ready clause, and after one that wakes a select, the same goes on as after `send` and `receive`.
    @Test(arguments: [ChannelPreference.receiver, .neither, .sender], [false, true])
    func theOrderIsThatOfTheOperation(preference: ChannelPreference, schedulesAll: Bool) throws {
        func log(bySelect: Bool, isSending: Bool, isReady: Bool) throws -> [String] {
            var log: [String] = []
            try Scheduler.scope {
                let (channel, other) = (Channel<Int>(), Channel<Int>())
                channel.preference = preference
                channel.schedulesAll = schedulesAll
                func selecting() {
                    Tasklet {
                        switch (bySelect, isSending) {
                        case (true, true):
                            try select {
                                other.onReceive { _ in }
                                channel.onSend(1) {}
                            }
                        case (true, false):
                            try select {
                                other.onReceive { _ in }
                                channel.onReceive { _ in }
                            }
                        case (false, true): try channel.send(1)
                        case (false, false): _ = try channel.receive()
                        }
                        log.append("select")
                    }
                }
                func partner() {
                    Tasklet {
                        if isSending { _ = try channel.receive() } else { try channel.send(1) }
                        log.append("partner")
                    }
                }
                if isReady { partner() } else { selecting() }
                try Tasklet.schedule()
                if isReady { selecting() } else { partner() }
                Tasklet { log.append("another") }
                try Tasklet.run()
            }
            return log
        }
        for (isSending, isReady) in [(true, true), (true, false), (false, true), (false, false)] {
            let found = try log(bySelect: true, isSending: isSending, isReady: isReady)
            #expect(found.count == 3)
            #expect(try found == log(bySelect: false, isSending: isSending, isReady: isReady))
        }
    }
}
