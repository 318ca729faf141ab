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
}
